import { errorType } from "@whodunit/core";
import { isError, thrownText } from "./error-fields.ts";

/** What a call handed over beside a name, sorted into what a line has: a text, and fields. Nothing of it is lost. */
export interface HandedOver {
  readonly text: string | undefined;
  readonly fields: object | undefined;
}

/** Gives a value as JSON text without its secrets. */
type ValueText = (value: unknown) => string;

const CONVERSION = /%[sdifjoO%]/g;
const NUMERIC = "dif";

/**
 * Sorts the arguments of a log call, in whatever shape pino, winston or console take them:
 *
 * - The first text, if nothing or one object stands before it, has the values behind it put in its `%s`, `%d`, `%o`, ….
 *   Other texts, numbers and the like follow it, each behind a space.
 * - The first error is the field `err`, one that stands in the text as well.
 * - The first other object is the fields; of one that shows none, such as a promise, its class is told. What is left is the field `value`, or `values` where it is several.
 */
export function handedOver(given: readonly unknown[], valueText: ValueText): HandedOver {
  // What most of such calls are.
  if (given.length === 1 && typeof given[0] === "string") return { text: given[0], fields: undefined };
  const parts: string[] = [];
  const objects: unknown[] = [];
  const errors: unknown[] = [];
  const formatAt = formatIndex(given);
  for (let at = 0; at < given.length; at++) {
    const value = given[at];
    if (at === formatAt) {
      const { text, taken, noted } = formatted(given[at] as string, given.slice(at + 1), valueText);
      parts.push(text);
      errors.push(...noted);
      at += taken;
    } else if (typeof value === "function") {
      // Among fields it would be left out.
      objects.push(functionText(value));
    } else if (!isPrimitive(value)) {
      objects.push(isOpaque(value as object, valueText) ? `[${className(value as object)}]` : value);
    } else if (at !== 0 || formatAt !== 1) {
      parts.push(String(value));
    }
  }
  return sorted(parts.length === 0 ? undefined : parts.join(" "), objects, errors);
}

// A null or undefined before a text is left out, as by pino.
function formatIndex([first, second]: readonly unknown[]): 0 | 1 | undefined {
  if (typeof first === "string") return 0;
  const before = first === undefined || first === null || !isPrimitive(first);
  return before && typeof second === "string" ? 1 : undefined;
}

function sorted(
  text: string | undefined,
  objects: readonly unknown[],
  noted: readonly unknown[],
): HandedOver {
  let err: unknown;
  let fields: object | undefined;
  const others: unknown[] = [];
  for (const value of objects) {
    if (isErrorValue(value) && err === undefined) err = value;
    else if (fields === undefined && hasFields(value)) fields = value as object;
    else others.push(value);
  }
  // It is in the text; what the text does not tell is its stack and its cause.
  err ??= noted[0];
  if (err !== undefined && fields !== undefined && holds(fields, "err")) {
    others.unshift(err);
    err = undefined;
  }
  return { text, fields: err === undefined && others.length === 0 ? fields : joined(fields, err, others) };
}

/** The same, for a line without a name. Where nobody gave a text, it is that of the fields: `msg`, or their error's. */
export function withOwnText(handed: HandedOver): HandedOver {
  const { text, fields } = handed;
  if (text !== undefined || fields === undefined) return handed;
  try {
    if (!isPlain(fields)) return handed;
    const { msg, ...others } = Object.hasOwn(fields, "msg")
      ? (fields as { msg: unknown })
      : { msg: undefined };
    if (typeof msg === "string") return { text: msg, fields: others };
    return { text: messageOf((fields as { err?: unknown }).err), fields };
  } catch {
    // A getter of the caller's threw: the line has the fields, and no text.
    return { text: undefined, fields };
  }
}

function joined(fields: object | undefined, err: unknown, others: readonly unknown[]): object {
  if (fields !== undefined && (!isPlain(fields) || keysOf(fields) === undefined)) {
    return joined(undefined, err, [fields, ...others]);
  }
  // No prototype: a field called `__proto__` must stay a field.
  const all: Record<string, unknown> = Object.create(null);
  for (const key of keysOf(fields) ?? []) {
    try {
      all[key] = (fields as Record<string, unknown>)[key];
    } catch (error) {
      all[key] = thrownText(error);
    }
  }
  if (err !== undefined) all.err = err;
  if (others.length > 0) {
    let key = others.length === 1 ? "value" : "values";
    while (key in all) key = `_${key}`;
    all[key] = others.length === 1 ? others[0] : others;
  }
  return all;
}

function keysOf(object: object | undefined): readonly string[] | undefined {
  try {
    return Object.keys(object ?? {});
  } catch {
    // A proxy that does not tell its keys.
    return undefined;
  }
}

/** `format` with its conversions replaced: how many of `values` it took, and the errors among these. */
function formatted(
  format: string,
  values: readonly unknown[],
  valueText: ValueText,
): { readonly text: string; readonly taken: number; readonly noted: unknown[] } {
  const noted: unknown[] = [];
  let taken = 0;
  if (values.length === 0 || !format.includes("%")) return { text: format, taken, noted };
  const text = format.replace(CONVERSION, (conversion) => {
    if (conversion === "%%") return "%";
    if (taken === values.length) return conversion;
    const value = values[taken++];
    if (isErrorValue(value)) noted.push(value);
    return converted(conversion[1] as string, value, valueText);
  });
  return { text, taken, noted };
}

function converted(conversion: string, value: unknown, valueText: ValueText): string {
  if (isErrorValue(value)) return conversion === "s" ? errorText(value) : valueText(value);
  if (typeof value === "function") return functionText(value);
  if (!isPrimitive(value)) return unquoted(valueText(value));
  if (NUMERIC.includes(conversion) && typeof value === "string") {
    const number = conversion === "i" ? Math.trunc(Number(value)) : Number(value);
    // What is no number is shown as it is: NaN would say less.
    return Number.isNaN(number) ? value : String(number);
  }
  if (conversion === "i" && typeof value === "number") return String(Math.trunc(value));
  if (typeof value === "string" && "joO".includes(conversion)) return `'${value}'`;
  return String(value);
}

function functionText(value: { readonly name?: unknown }): string {
  try {
    const { name } = value;
    return `[Function: ${typeof name === "string" ? name : ""}]`;
  } catch {
    // A proxy or getter of the caller's threw.
    return "[Function: ]";
  }
}

// A date says more without the quotes of its JSON.
function unquoted(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

function errorText(error: unknown): string {
  const message = messageOf(error);
  return message === undefined ? errorType(error) : `${errorType(error)}: ${message}`;
}

function messageOf(error: unknown): string | undefined {
  try {
    const message = (error as { message?: unknown } | undefined)?.message;
    return typeof message === "string" ? message : undefined;
  } catch {
    // A getter of the caller's threw: the line has the error, and no text.
    return undefined;
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

// Of a proxy that was revoked, or that throws, nobody can say what it is.
function isErrorValue(value: unknown): boolean {
  try {
    return typeof value === "object" && value !== null && isError(value);
  } catch {
    return false;
  }
}

// A promise, a response of fetch, an event.
function isOpaque(value: object, valueText: ValueText): boolean {
  try {
    return (
      !isPlain(value) && !isErrorValue(value) && Object.keys(value).length === 0 && valueText(value) === "{}"
    );
  } catch {
    return false;
  }
}

function className(value: object): string {
  try {
    const { name } = value.constructor;
    return typeof name === "string" && name !== "" ? name : "Object";
  } catch {
    // A proxy or getter of the caller's threw.
    return "Object";
  }
}

function hasFields(value: unknown): boolean {
  try {
    return typeof value === "object" && !Array.isArray(value);
  } catch {
    return false;
  }
}

function holds(fields: object, key: string): boolean {
  try {
    return Object.hasOwn(fields, key);
  } catch {
    return false;
  }
}

/** Whether an object is made of nothing but its own properties. */
export function isPlain(object: object): boolean {
  try {
    const prototype: unknown = Object.getPrototypeOf(object);
    return prototype === Object.prototype || prototype === null;
  } catch {
    // A revoked proxy.
    return false;
  }
}
