import { types } from "node:util";

/**
 * All that can be seen of a value without running any of its code: of each object within, whatever its depth, the
 * prototype, own properties (by text and symbol, with their flags and accessors), entries, bytes and time. What
 * `opaque` has is not looked into, nor is a proxy, nor a long array, in which each hole costs time.
 */
export function snapshot(root: unknown, opaque: ReadonlySet<unknown> = new Set()): readonly unknown[] {
  const facts: unknown[] = [];
  const met = new Set<unknown>();
  const queue: unknown[] = [];
  const note = (value: unknown): void => {
    facts.push(value);
    if (typeof value !== "object" || value === null || met.has(value) || opaque.has(value)) return;
    met.add(value);
    queue.push(value);
  };
  note(root);
  for (const value of queue) {
    const object = value as object;
    if (types.isProxy(object)) continue;
    if (isLong(object)) {
      facts.push(object.length);
      continue;
    }
    facts.push(Object.getPrototypeOf(object), Object.isExtensible(object));
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(object, key) ?? {};
      facts.push(key, get, set, JSON.stringify(flags));
      note(value);
    }
    if (types.isMap(object)) {
      Map.prototype.forEach.call(object, (item, key) => {
        note(key);
        note(item);
      });
    }
    if (types.isSet(object)) Set.prototype.forEach.call(object, note);
    if (types.isDate(object)) facts.push(Date.prototype.getTime.call(object));
    if (types.isBoxedPrimitive(object)) facts.push(String(types.isSymbolObject(object) || object));
  }
  return facts;
}

/** Freezes a value and all within it that can be frozen, without running any of its code. */
export function deepFreeze(root: unknown, opaque: ReadonlySet<unknown> = new Set()): void {
  const objects = snapshot(root, opaque).filter((fact) => typeof fact === "object" && fact !== null);
  for (const object of objects as object[]) {
    if (types.isProxy(object) || ArrayBuffer.isView(object) || isOfLanguage(object)) continue;
    if (!isLong(object)) Object.freeze(object);
  }
}

// A prototype of the language is no part of the value.
const isOfLanguage = (object: object): boolean => Object.hasOwn(object, "constructor");

const isLong = (object: object): object is unknown[] => Array.isArray(object) && object.length > 10_000;
