import { isUtf8 } from "node:buffer";
import { isPairValue, valueName } from "./pairs.ts";

/** Bounds of a copy. */
export interface ValueLimits {
  /** Levels of nesting. @default 32 */
  readonly depth?: number;
  /** Items of an array, keys of an object, entries of a Map or Set. @default 1000 */
  readonly items?: number;
  /** Characters of a string. @default 65536 */
  readonly length?: number;
}

/** What the walk needs from the redactor. */
export interface ValueRules {
  readonly redactText: (text: string, maxLength: number) => string;
  readonly isSensitive: (key: string) => boolean;
  readonly standIn: (key: string, value: unknown) => unknown;
}

/** An object or array whose copy is under way. */
interface Walk {
  readonly depth: number;
  readonly items: number;
  readonly length: number;
  readonly ancestors: object[];
}

type Plain = Record<string, unknown>;

/** Builds `redactValue`: a walk that treats every object as hostile and copies what it can into plain data. */
export function createValueRedactor(rules: ValueRules): (value: unknown, limits?: ValueLimits) => unknown {
  const { redactText, isSensitive, standIn } = rules;

  function copy(value: unknown, walk: Walk): unknown {
    switch (typeof value) {
      case "string":
        return redactText(value, walk.length);
      case "number":
      case "bigint":
        return number(value);
      case "symbol":
        return redactText(String(value), walk.length);
      case "function":
        return `[Function: ${redactText(nameOf(value), 128)}]`;
      case "object":
        return value === null ? null : guarded(value, walk);
      default:
        return value;
    }
  }

  // A card number fits into a number too.
  function number(value: number | bigint): unknown {
    if (value < 1e11 || value > 1e19) return value;
    const text = String(value);
    return redactText(text, text.length) === text ? value : redactText(text, text.length);
  }

  function guarded(value: object, walk: Walk): unknown {
    const { ancestors } = walk;
    if (ancestors.includes(value)) return "[Circular]";
    if (ancestors.length >= walk.depth) return "[Depth limit]";
    ancestors.push(value);
    try {
      return object(value, walk);
    } catch (error) {
      return thrown(error);
    } finally {
      ancestors.pop();
    }
  }

  function object(value: object, walk: Walk): unknown {
    if (Array.isArray(value)) return array(value, walk);
    if (value instanceof Error) return error(value, walk);
    if (value instanceof Map) return map(value, walk);
    if (value instanceof Set) return array([...first(value.values(), walk.items)], walk, value.size);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return redactText(String(value), walk.length);
    if (value instanceof URL) return redactText(value.href, walk.length);
    if (value instanceof URLSearchParams) return redactText(String(value), walk.length);
    if (value instanceof Uint8Array) return bytes(value, walk);
    if (ArrayBuffer.isView(value) || isBuffer(value))
      return `[${nameOf(value.constructor)} ${value.byteLength} bytes]`;
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return copy(value.valueOf(), walk);
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") {
      const json: unknown = toJSON.call(value);
      return json === value || typeof json !== "object" || json === null
        ? own(json, value, walk)
        : copy(json, walk);
    }
    if (isHeaders(value)) return entries(value, walk);
    return fields(value, walk);
  }

  function own(json: unknown, value: object, walk: Walk): unknown {
    return json === value ? fields(value, walk) : copy(json, walk);
  }

  function fields(value: object, walk: Walk, into: Plain = {}): Plain {
    const keys = Object.keys(value);
    const name = keys.includes("value") ? valueName(value, isSensitive) : undefined;
    for (const key of keys.slice(0, walk.items)) {
      set(into, key, () => (value as Plain)[key], walk, key === "value" ? name : undefined);
    }
    if (keys.length > walk.items) into["[more]"] = keys.length - walk.items;
    return into;
  }

  function set(into: Plain, key: string, read: () => unknown, walk: Walk, name = key): void {
    let value: unknown;
    try {
      value = read();
      value = isSensitive(name) ? standIn(name, value) : copy(value, walk);
    } catch (error) {
      value = thrown(error);
    }
    if (value === undefined) return;
    let shown = redactText(key, walk.length);
    // Two secrets as keys have one stand-in.
    while (shown !== key && Object.hasOwn(into, shown)) shown += "'";
    if (shown === "__proto__") define(into, shown, value);
    else into[shown] = value;
  }

  function array(value: readonly unknown[], walk: Walk, size = value.length): unknown[] {
    const length = Math.min(value.length, walk.items);
    const result: unknown[] = [];
    for (let i = 0; i < length; i++) {
      try {
        result.push(
          isPairValue(value, i, isSensitive)
            ? (standIn(value[i - 1] as string, value[i]) ?? "")
            : copy(value[i], walk),
        );
      } catch (error) {
        result.push(thrown(error));
      }
    }
    if (size > length) result.push(`[${size - length} more]`);
    return result;
  }

  function map(value: Map<unknown, unknown>, walk: Walk): unknown {
    const result: Plain = {};
    for (const [key, item] of first(value.entries(), walk.items))
      set(result, keyText(key, walk), () => item, walk);
    if (value.size > walk.items) result["[more]"] = value.size - walk.items;
    return result;
  }

  function keyText(key: unknown, walk: Walk): string {
    if (typeof key === "string") return key;
    const text = copy(key, walk);
    return typeof text === "object" ? (JSON.stringify(text) ?? "") : String(text);
  }

  function entries(value: Iterable<[string, string]>, walk: Walk): Plain {
    const result: Plain = {};
    for (const [key, item] of first(value[Symbol.iterator](), walk.items)) set(result, key, () => item, walk);
    return result;
  }

  function error(value: Error, walk: Walk): Plain {
    const result: Plain = {};
    set(result, "type", () => errorType(value), walk);
    for (const key of ERROR_FIELDS)
      if (key in value) set(result, key, () => (value as unknown as Plain)[key], walk);
    for (const key of Object.keys(value).slice(0, walk.items)) {
      if (!ERROR_FIELDS.includes(key)) set(result, key, () => (value as unknown as Plain)[key], walk);
    }
    return result;
  }

  function bytes(value: Uint8Array, walk: Walk): string {
    const name = Buffer.isBuffer(value) ? "Buffer" : "Uint8Array";
    const length = Math.min(value.byteLength, walk.length * 2);
    const part = Buffer.from(value.buffer, value.byteOffset, length);
    if (length > 0 && length === value.byteLength && isUtf8(part)) {
      const text = part.toString();
      if (!CONTROL.test(text)) return redactText(text, walk.length);
    }
    return `[${name} ${value.byteLength} bytes]`;
  }

  function thrown(error: unknown): string {
    try {
      const message = error instanceof Error ? error.message : error;
      return `[Throws: ${redactText(String(message), 256)}]`;
    } catch {
      // What was thrown throws when looked at.
      return "[Throws]";
    }
  }

  return (value, { depth = 32, items = 1000, length = 65_536 } = {}) =>
    copy(value, { depth, items, length, ancestors: [] });
}

const ERROR_FIELDS = ["message", "stack", "code", "cause", "errors"];
const CONTROL = /[\0-\x08\x0e-\x1f]/;

function* first<T>(items: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) {
    const { done, value } = items.next();
    if (done === true) return;
    yield value;
  }
}

function errorType(error: Error): unknown {
  const own = nameOf(error.constructor);
  return error.name === "Error" && own !== "" ? own : error.name;
}

function nameOf(value: unknown): string {
  const name = typeof value === "function" ? value.name : undefined;
  return typeof name === "string" ? name : "";
}

const isBuffer = (value: object): value is ArrayBuffer | SharedArrayBuffer =>
  value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;

// fetch's Headers keep their entries in private fields. Naming the class would load all of fetch.
const isHeaders = (value: object): value is Iterable<[string, string]> =>
  Object.prototype.toString.call(value) === "[object Headers]" && Symbol.iterator in value;

function define(into: Plain, key: string, value: unknown): void {
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}
