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
