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

/** Checks one option. @throws TypeError naming the owner, the option, its value and what is wanted */
export type Check = (owner: string, option: string, value: unknown) => void;

/** A check for each option that an interface has: the compiler finds one that is forgotten, and one too many. */
export type Shape<Options> = { readonly [Option in keyof Required<Options>]: Check };

/**
 * Checks that `options` is an object of options, without others than those of `shape` (a typing error must not pass), and
 * each of them by its check: `checkShape("createX", options, { service: requiredName } satisfies Shape<XOptions>)`. Options
 * that are an item of a list say by `at` of which one: `probes[db].`.
 */
export function checkShape(
  owner: string,
  options: unknown,
  shape: Readonly<Record<string, Check>>,
  at: string = "",
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${owner}: options are ${shown(options)}, want an object`);
  }
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(shape, option)) continue;
    const known = Object.keys(shape).join(", ");
    throw new TypeError(`${owner}: option "${at}${option}" is unknown, want one of ${known}`);
  }
  for (const [option, check] of Object.entries(shape))
    check(owner, `${at}${option}`, (options as Record<string, unknown>)[option]);
}

/** A {@link Check}: missing, or what `accepts` says yes to. */
export const optional =
  (accepts: (value: unknown) => boolean, wanted: string): Check =>
  (owner, option, value) => {
    if (value !== undefined && !accepts(value)) throw optionError(owner, option, value, wanted);
  };

/** A {@link Check}: what `accepts` says yes to; it is asked about a missing option too. */
export const required =
  (accepts: (value: unknown) => boolean, wanted: string): Check =>
  (owner, option, value) => {
    if (!accepts(value)) throw optionError(owner, option, value, wanted);
  };

/** A {@link Check}: any value; for options that somebody else checks. */
export const anything: Check = () => {};

/** A {@link Check}: a name, which may not be missing. */
export const requiredName: Check = required(
  (value) => typeof value === "string" && isName(value),
  `a name: ${NAME_GRAMMAR}`,
);

/** A {@link Check}: missing, or of the given `typeof`; null is no object. */
export const ofType = (type: "string" | "boolean" | "function" | "object"): Check =>
  optional((value) => typeof value === type && value !== null, type === "object" ? "an object" : `a ${type}`);

/** A {@link Check}: a function, which may not be missing. */
export const requiredFunction: Check = required((value) => typeof value === "function", "a function");

/** A {@link Check}: missing, or a whole number (of milliseconds, of items) within `[min, max]`. */
export const integer = (min: number, max: number = Number.MAX_SAFE_INTEGER): Check =>
  optional((value) => isInteger(value, min, max), wantedInteger(min, max));

/** A {@link Check}: a whole number within `[min, max]`, which may not be missing. */
export const requiredInteger = (min: number, max: number = Number.MAX_SAFE_INTEGER): Check =>
  required((value) => isInteger(value, min, max), wantedInteger(min, max));

/** A {@link Check}: missing, or one of the given words. */
export const oneOf = (words: readonly string[]): Check =>
  optional((value) => typeof value === "string" && words.includes(value), wantedWord(words));

/** A {@link Check}: one of the given words, which may not be missing. */
export const requiredOneOf = (words: readonly string[]): Check =>
  required((value) => typeof value === "string" && words.includes(value), wantedWord(words));

/** A {@link Check}: missing, or an array. */
export const list = (wanted: string): Check => optional(Array.isArray, wanted);

const isInteger = (value: unknown, min: number, max: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;

const wantedInteger = (min: number, max: number): string =>
  `a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}`;

const wantedWord = (words: readonly string[]): string =>
  words.map((word) => JSON.stringify(word)).join(" or ");
