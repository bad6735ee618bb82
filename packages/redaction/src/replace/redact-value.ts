import { isBoxedPrimitive } from "node:util/types";
import { isNamedItem, isNamedKey, nameBeside } from "../keys/name-beside-value.ts";
import { nameOf, shownText } from "./object-text.ts";

/** Bounds of a copy. */
export interface ValueLimits {
  /** Levels of nesting. @default 32 */
  readonly depth?: number;
  /** Items of an array, keys of an object, entries of a Map or Set. @default 1000 */
  readonly items?: number;
  /** Characters of a string. @default 65536 */
  readonly length?: number;
  /**
   * Characters of the whole copy, roughly. It ends what neither depth nor items end in time, such as an object that
   * holds another twice, which holds another twice. @default 1048576
   */
  readonly size?: number;
}

/** What the walk needs from the redactor. */
export interface ValueRules {
  readonly redactText: (text: string, maxLength: number) => string;
  readonly isSensitive: (key: string) => boolean;
  /** The same of a name beside its value. */
  readonly isSensitiveName: (name: string) => boolean;
  readonly standIn: (key: string, value: unknown) => unknown;
}

/** A copy of `value` in plain data without secrets. Every object is treated as hostile: it may throw, lie or never end. */
export function copyRedacted(value: unknown, rules: ValueRules, limits?: ValueLimits): unknown {
  // JavaScript may hand over null.
  return new Walk(rules, limits ?? {}).copy(value);
}

/** The text of what `copyRedacted` gave: as it is, or as JSON. */
export function plainText(copy: unknown): string {
  return typeof copy === "object" ? JSON.stringify(copy, bigintText) : String(copy);
}

type Plain = Record<string, unknown>;

const ERROR_FIELDS = ["message", "stack", "code", "cause", "errors"];
const VALUE_SIZE = 16;

class Walk {
  readonly #rules: ValueRules;
  readonly #depth: number;
  readonly #items: number;
  readonly #length: number;
  readonly #ancestors: object[] = [];
  #left: number;

  constructor(
    rules: ValueRules,
    { depth = 32, items = 1000, length = 65_536, size = 1_048_576 }: ValueLimits,
  ) {
    this.#rules = rules;
    this.#depth = depth;
    this.#items = items;
    this.#length = length;
    this.#left = size;
  }

  copy(value: unknown): unknown {
    this.#left -= VALUE_SIZE;
    switch (typeof value) {
      case "string":
      case "symbol":
        return this.#text(String(value));
      case "number":
      case "bigint":
        return this.#number(value);
      case "function":
        // A method is no data; where nothing else is, it is said what it is.
        return this.#ancestors.length === 0 ? this.#guarded(value) : undefined;
      case "object":
        return value === null ? null : this.#guarded(value);
      default:
        return value;
    }
  }

  #text(text: string): string {
    if (this.#left <= 0) return "[Size limit]";
    const redacted = this.#rules.redactText(text, this.#length);
    this.#left -= redacted.length;
    return redacted;
  }

  // A card number fits into a number too.
  #number(value: number | bigint): unknown {
    const text = String(value);
    const redacted = value < 1e11 || value > 1e19 ? text : this.#text(text);
    return redacted === text ? value : redacted;
  }

  #guarded(value: object): unknown {
    if (this.#left <= 0) return "[Size limit]";
    if (this.#ancestors.includes(value)) return "[Circular]";
    if (this.#ancestors.length >= this.#depth) return "[Depth limit]";
    this.#ancestors.push(value);
    try {
      return this.#object(value);
    } catch (error) {
      return this.#thrown(error);
    } finally {
      this.#ancestors.pop();
    }
  }

  #object(value: object): unknown {
    if (Array.isArray(value)) return this.#array(value, value.length);
    if (value instanceof Error) return this.#error(value);
    const text = shownText(value, this.#length);
    if (text !== undefined) return this.#text(text);
    if (value instanceof Map) return this.#entries(value.entries(), value.size);
    if (value instanceof Set) return this.#array([...first(value.values(), this.#items)], value.size);
    if (isBoxedPrimitive(value)) return this.copy(value.valueOf());
    if (ArrayBuffer.isView(value)) return this.#numbers(value as unknown as ArrayLike<number | bigint>);
    const { toJSON } = value as { toJSON?: unknown };
    const json: unknown = typeof toJSON === "function" ? toJSON.call(value) : value;
    if (json !== value) return this.copy(json);
    return isHeaders(value) ? this.#entries(value[Symbol.iterator](), 0) : this.#fields(value);
  }

  #array(items: readonly unknown[], size: number): unknown[] {
    const { isSensitiveName, standIn } = this.#rules;
    const copied: unknown[] = [];
    let before: unknown;
    for (let i = 0; i < items.length && i < this.#items && this.#left > 0; i++) {
      const behind = before;
      before = undefined;
      try {
        const item = items[i];
        const isThere = item !== undefined && item !== null;
        const named = i > 0 && isThere && isNamedItem(items, i, behind, item, isSensitiveName);
        // What is removed leaves its place.
        copied.push(named ? (standIn(behind as string, item) ?? "") : this.copy(item));
        before = item;
      } catch (error) {
        copied.push(this.#thrown(error));
      }
    }
    if (size > copied.length) copied.push(`[${size - copied.length} more]`);
    return copied;
  }

  #numbers(numbers: ArrayLike<number | bigint>): unknown[] {
    return this.#array(
      Array.from({ length: Math.min(numbers.length, this.#items) }, (_, i) => numbers[i]),
      numbers.length,
    );
  }

  #fields(value: object): Plain {
    const keys = Object.keys(value);
    const into: Plain = {};
    for (const key of keys.slice(0, this.#items)) {
      const name = isNamedKey(key) ? nameBeside(value, key, this.#rules.isSensitiveName) : undefined;
      this.#set(into, key, () => (value as Plain)[key], name);
    }
    if (keys.length > this.#items) into["[more]"] = keys.length - this.#items;
    return into;
  }

  #entries(entries: Iterator<[unknown, unknown]>, size: number): Plain {
    const into: Plain = {};
    for (const [key, item] of first(entries, this.#items)) this.#set(into, this.#keyText(key), () => item);
    if (size > this.#items) into["[more]"] = size - this.#items;
    return into;
  }

  #keyText(key: unknown): string {
    return typeof key === "string" ? key : plainText(this.copy(key));
  }

  #error(error: Error): Plain {
    const fields = error as unknown as Plain;
    const into: Plain = {};
    this.#set(into, "type", () => errorType(error));
    for (const key of ERROR_FIELDS) if (key in error) this.#set(into, key, () => fields[key]);
    for (const key of Object.keys(error).slice(0, this.#items)) {
      if (!ERROR_FIELDS.includes(key)) this.#set(into, key, () => fields[key]);
    }
    return into;
  }

  #set(into: Plain, key: string, read: () => unknown, name: string = key): void {
    if (this.#left <= 0) return;
    const { isSensitive, standIn } = this.#rules;
    let value: unknown;
    try {
      value = read();
      value = isSensitive(name) ? standIn(name, value) : this.copy(value);
    } catch (error) {
      value = this.#thrown(error);
    }
    if (value === undefined) return;
    let shown = this.#text(key);
    // Two secrets as keys have one stand-in.
    while (shown !== key && Object.hasOwn(into, shown)) shown += "'";
    // An assignment to `__proto__` would set the prototype.
    if (shown !== "__proto__") into[shown] = value;
    else Object.defineProperty(into, shown, { value, enumerable: true, configurable: true, writable: true });
  }

  // Its type, as in a log line: a message may hold what no pattern finds.
  #thrown(error: unknown): string {
    return `[Throws: ${thrownType(error)}]`;
  }
}

function thrownType(error: unknown): string {
  try {
    return error instanceof Error ? String(errorType(error)) : typeof error;
  } catch {
    // What was thrown throws when looked at.
    return "object";
  }
}

function* first<T>(items: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) {
    const { done, value } = items.next();
    if (done === true) return;
    yield value;
  }
}

const INHERITED_NAME = /^(?:(?:Aggregate|Eval|Range|Reference|Suppressed|Syntax|Type|URI)?Error)?$/;

// The class, where the name is only inherited from one of the language's own (core's errorType, which has the rule).
function errorType(error: Error): unknown {
  const { name } = error;
  if (!INHERITED_NAME.test(name) || (name !== "Error" && Object.hasOwn(error, "name"))) return name;
  return nameOf(error.constructor) || name;
}

const bigintText = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

// fetch's Headers keep their entries in private fields. Naming the class would load all of fetch.
const isHeaders = (value: object): value is Iterable<[string, string]> =>
  Object.prototype.toString.call(value) === "[object Headers]" && Symbol.iterator in value;
