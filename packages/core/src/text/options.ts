import { isName, NAME_GRAMMAR } from "./name.ts";

/**
 * What every package says about a wrong option: who refuses it, which option, the value, and what is wanted.
 * Set-up is the one time Whodunit throws, so the message is all the help the reader gets.
 */

/** A `TypeError` that names the option, its value and what is wanted. Never pass a secret as `value`. */
export function optionError(owner: string, option: string, value: unknown, wanted: string): TypeError {
  return new TypeError(`${owner}: option "${option}" is ${shown(value)}, want ${wanted}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol" || typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return `${value}`;
  return Array.isArray(value) ? `an array of ${value.length}` : "an object";
}

/** Checks that `options` is a plain options object without keys other than `known`; a typing error must not pass. */
export function checkOptions(owner: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${owner}: options are ${shown(options)}, want an object`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new TypeError(`${owner}: option "${key}" is unknown, want one of ${known.join(", ")}`);
    }
  }
}

/** Checks that an option is missing or a whole number of milliseconds (or items) within `[min, max]`. */
export function checkInteger(
  owner: string,
  option: string,
  value: unknown,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined) return;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw optionError(owner, option, value, `a whole number ${range}`);
}

/** Checks that an option is missing or of the given `typeof`. */
export function checkType(
  owner: string,
  option: string,
  value: unknown,
  type: "string" | "boolean" | "function" | "object",
): void {
  if (value === undefined || (typeof value === type && value !== null)) return;
  throw optionError(owner, option, value, type === "object" ? "an object" : `a ${type}`);
}

/** Checks that an option is missing or one of the given words. */
export function checkOneOf(owner: string, option: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined || (typeof value === "string" && allowed.includes(value))) return;
  throw optionError(owner, option, value, allowed.map((word) => JSON.stringify(word)).join(" or "));
}

/** Checks one option, which may be missing. @throws TypeError naming the owner, the option, its value and what is wanted */
export type Check = (owner: string, option: string, value: unknown) => void;

/** A check for each option that an interface has: the compiler finds one that is forgotten, and one too many. */
export type Shape<Options> = { readonly [Option in keyof Required<Options>]: Check };

/**
 * Checks that `options` is an object of options, without others than those of `shape`, and each of them by its check:
 * `checkShape("createX", options, { service: text } satisfies Shape<XOptions>)`.
 */
export function checkShape(owner: string, options: unknown, shape: Readonly<Record<string, Check>>): void {
  const known = Object.keys(shape);
  checkOptions(owner, options, known);
  for (const option of known)
    (shape[option] as Check)(owner, option, (options as Record<string, unknown>)[option]);
}

/** A {@link Check}: any value; for options that somebody else checks. */
export const anything: Check = () => {};

/** A {@link Check}: a name, which may not be missing. */
export const requiredName: Check = (owner, option, value) => {
  if (typeof value === "string" && isName(value)) return;
  throw optionError(owner, option, value, `a name: ${NAME_GRAMMAR}`);
};

/** A {@link Check}: a value of the given `typeof`; null is no object. */
export const ofType =
  (type: "string" | "boolean" | "function" | "object"): Check =>
  (owner, option, value) =>
    checkType(owner, option, value, type);

/** A {@link Check}: a whole number within `[min, max]`. */
export const integer =
  (min: number, max?: number): Check =>
  (owner, option, value) =>
    checkInteger(owner, option, value, min, max);

/** A {@link Check}: one of the given words. */
export const oneOf =
  (words: readonly string[]): Check =>
  (owner, option, value) =>
    checkOneOf(owner, option, value, words);

/** A {@link Check}: an array. */
export const list =
  (wanted: string): Check =>
  (owner, option, value) => {
    if (value !== undefined && !Array.isArray(value)) throw optionError(owner, option, value, wanted);
  };
