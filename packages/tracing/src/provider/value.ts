import { CUT_MARGIN } from "./limits.ts";

/** A value of an attribute: what OpenTelemetry calls AnyValue, as types that TypeScript can check. */
export type SpanValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly SpanValue[]
  | { readonly [key: string]: SpanValue };

const DEPTH_MAX = 8;
const ITEMS_MAX = 128;

/**
 * A copy of the value within the limits, text and bytes with a margin for redaction; undefined for what
 * OpenTelemetry's AnyValue leaves out (`undefined`, functions, bigints, objects with a class) and for what throws when
 * it is looked at.
 */
export function cleanValue(value: unknown, maxLength: number): SpanValue | undefined {
  switch (typeof value) {
    case "string":
      return value.length > maxLength + CUT_MARGIN ? value.slice(0, maxLength + CUT_MARGIN) : value;
    case "number":
    case "boolean":
      return value;
    case "object":
      try {
        return value === null ? null : cleanObject(value, maxLength, 1);
      } catch {
        // A getter or Proxy of the service's own threw.
        return undefined;
      }
    default:
      return undefined;
  }
}

function cleanObject(value: object, maxLength: number, depth: number): SpanValue | undefined {
  if (value instanceof Uint8Array) return Uint8Array.from(value.subarray(0, maxLength + CUT_MARGIN));
  const clean = (item: unknown): SpanValue | undefined => {
    if (typeof item !== "object" || item === null) return cleanValue(item, maxLength);
    return depth < DEPTH_MAX ? cleanObject(item, maxLength, depth + 1) : undefined;
  };
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => clean(item) ?? null);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const copy: Record<string, SpanValue> = Object.create(null);
  for (const [key, item] of Object.entries(value).slice(0, ITEMS_MAX)) {
    const cleaned = clean(item);
    if (cleaned !== undefined) copy[key] = cleaned;
  }
  return copy;
}

/** A name as text, whatever was given for one. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return String(value);
  } catch {
    // No text can be made of it: an object without a prototype, a Proxy that throws.
    return typeof value;
  }
}
