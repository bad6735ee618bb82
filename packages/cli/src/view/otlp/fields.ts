import type { Attributes, AttributeValue } from "../span.ts";

/** A decoded message, from JSON (hex ids, numbers as text) or from protobuf (ids as bytes, numbers as `Long`). */
export type Fields = Readonly<Record<string, unknown>>;

/** The attributes of a message that has some. */
export const readAttributes = (owner: Fields): Attributes => readPairs(owner, "attributes", 0);

function readPairs(owner: Fields, name: string, depth: number): Attributes {
  // Without a prototype: an attribute called __proto__ is an attribute.
  const result: Record<string, AttributeValue> = Object.create(null);
  each(owner, name, (pair) => {
    result[readText(pair, "key")] = inside(pair, "value", (value) => readValue(value, depth));
  });
  return result;
}

const MAX_DEPTH = 16;

/** A value of any type. */
export function readValue(value: Fields, depth: number = 0): AttributeValue {
  if (depth > MAX_DEPTH) throw new Misshapen("is nested too deep");
  // Own properties only: a protobuf message has the defaults of all its fields on its prototype.
  if (Object.hasOwn(value, "stringValue")) return readText(value, "stringValue");
  if (Object.hasOwn(value, "boolValue")) return value.boolValue === true;
  if (Object.hasOwn(value, "intValue")) return readInteger(value.intValue);
  if (Object.hasOwn(value, "doubleValue")) return readDouble(value.doubleValue);
  if (Object.hasOwn(value, "bytesValue")) return readBytes(value.bytesValue);
  const items = inside(value, "arrayValue", (array) =>
    each(array, "values", (item) => readValue(item, depth + 1)),
  );
  return items ?? inside(value, "kvlistValue", (pairs) => readPairs(pairs, "values", depth + 1));
}

function readInteger(value: unknown): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

// JSON has no NaN and no infinity: proto3's JSON form, and ours, is text.
const readDouble = (value: unknown): number | string =>
  typeof value === "number" && Number.isFinite(value) ? value : String(value);

const readBytes = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);

const ZERO_ID = /^0*$/;

/** An id as hexadecimal digits; null where there is none, or it is none. */
export function readId(owner: Fields, name: string, digits: number): string | null {
  const value = owner[name];
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array || Array.isArray(value)) {
    const hex = Buffer.from(value as Uint8Array).toString("hex");
    return hex.length === digits && !ZERO_ID.test(hex) ? hex : null;
  }
  if (typeof value !== "string") throw new Misshapen("is not text", name);
  const id = value.toLowerCase();
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !ZERO_ID.test(id) ? id : null;
}

/** Nanoseconds since 1970; 0 where there are none. */
export function readNanos(owner: Fields, name: string): bigint {
  const value = owner[name];
  if (value === undefined || value === null) return 0n;
  const text =
    typeof value === "number" && Number.isInteger(value) ? BigInt(value).toString() : String(value);
  if (!/^\d{1,20}$/.test(text)) throw new Misshapen("is not a number of nanoseconds", name);
  return BigInt(text);
}

/** Nanoseconds in milliseconds, to the microsecond: since 1970 they do not fit a double. */
export const toMs = (nanos: bigint): number => Number(nanos / 1_000n) / 1_000;

/** A text; empty where there is none. */
export function readText(owner: Fields, name: string): string {
  const value = owner[name];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new Misshapen("is not text", name);
  return value;
}

/**
 * A value of an enum: a number, or its name, which protobuf's own JSON has and OTLP's does not ask for; 0 where there is none.
 *
 * @param names by their numbers, without what they all begin with
 */
export function readEnum(owner: Fields, name: string, prefix: string, names: readonly string[]): number {
  const value = owner[name];
  if (typeof value !== "string") return Number(value ?? 0);
  return Math.max(0, names.indexOf(value.startsWith(prefix) ? value.slice(prefix.length) : value));
}

/** Reads each message of a list; none where there is no list. */
export function each<T>(owner: Fields, name: string, read: (item: Fields) => T): T[] {
  const value = owner[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Misshapen("is not a list", name);
  return value.map((item, i) => {
    try {
      return read(fields(item));
    } catch (error) {
      throw under(`${name}[${i}]`, error);
    }
  });
}

/** Reads a message within another; null where there is none. */
export function inside<T>(owner: Fields, name: string, read: (value: Fields) => T): T | null {
  const value = owner[name];
  if (value === undefined || value === null) return null;
  try {
    return read(fields(value));
  } catch (error) {
    throw under(name, error);
  }
}

/** The fields of a message. */
export function fields(value: unknown, name?: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Misshapen("is not an object", name);
  return value as Fields;
}

// Where it stands is put together on the way up: only a request that is refused pays for it.
class Misshapen extends TypeError {
  readonly what: string;
  readonly at: string | undefined;

  constructor(what: string, at?: string) {
    super(`${at} ${what}`);
    this.what = what;
    this.at = at;
  }
}

function under(name: string, error: unknown): unknown {
  if (!(error instanceof Misshapen)) return error;
  return new Misshapen(error.what, error.at === undefined ? name : `${name}.${error.at}`);
}
