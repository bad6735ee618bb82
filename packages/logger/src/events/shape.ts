import { thrownText } from "../line/error-fields.ts";
import { PersonalValue } from "../line/personal-value.ts";
import type { FieldSchema } from "./schema.ts";

// As many as a line may show at most, and one more, so that the cut is seen (`limits.items`).
const ITEMS_MAX = 10_001;
// `null` is let in by any type: it says nothing.
const SCALARS = new Set(["string", "number", "integer", "boolean"]);

/** How many fields were left out. */
export interface Dropped {
  count: number;
}

/**
 * What a line shows of a value: the declared part of it, with what is personal marked as such; `undefined` where
 * nothing of it is declared.
 */
export type Shape<Value = unknown> = (value: Value, dropped: Dropped) => unknown;

/** The shape that a schema allows. No schema lets a scalar, an array or an object pass that it does not describe. */
export function shapeOf(schema: FieldSchema): Shape {
  const { pii } = schema;
  if (pii !== undefined) {
    const kind = pii === true ? "identity" : pii;
    return (value) => (value === null || value === undefined ? value : new PersonalValue(kind, value));
  }
  const types = [schema.type ?? []].flat();
  const ofArray = types.includes("array") ? arrayShape(shapeOf(schema.items ?? {})) : drop;
  const ofObject = types.includes("object") ? openOrClosed(schema) : drop;
  // Without a type there is an `enum` or a `const`.
  const isScalar = types.length === 0 || types.some((type) => SCALARS.has(type));
  const ofScalar = isScalar ? keep : drop;
  return (value, dropped) => {
    if (value === null || value === undefined) return value;
    if (typeof value !== "object") return ofScalar(value, dropped);
    return Array.isArray(value) ? ofArray(value, dropped) : ofObject(value, dropped);
  };
}

/** The shapes of fields, by name. */
export function shapesOf(fields: Readonly<Record<string, FieldSchema>> = {}): ReadonlyMap<string, Shape> {
  return new Map(Object.entries(fields).map(([name, schema]) => [name, shapeOf(schema)]));
}

/** The shape of an object with these fields, and with `others` for those of other names. */
export function objectShape(fields: ReadonlyMap<string, Shape>, others: Shape = drop): Shape<object> {
  return (object, dropped) => {
    // Where any name is let in, one of them may be `__proto__`.
    const shown: Record<string, unknown> = others === drop ? {} : Object.create(null);
    for (const name of Object.keys(object)) {
      const shape = fields.get(name) ?? others;
      shown[name] = shape(shape === drop ? undefined : read(object, name), dropped);
    }
    return shown;
  };
}

/** Whether anything that a schema describes is personal. */
export function holdsPersonal(schema: FieldSchema): boolean {
  const { pii, items, properties = {} } = schema;
  if (pii !== undefined || (items !== undefined && holdsPersonal(items))) return true;
  return Object.values(properties).some(holdsPersonal);
}

function openOrClosed({ properties, additionalProperties }: FieldSchema): Shape<object> {
  if (additionalProperties !== true) return objectShape(shapesOf(properties));
  // A Map or an error is more than its own properties.
  return properties === undefined ? keep : objectShape(shapesOf(properties), keep);
}

function arrayShape(item: Shape): Shape<readonly unknown[]> {
  return (array, dropped) => array.slice(0, ITEMS_MAX).map((each) => item(each, dropped));
}

const keep: Shape = (value) => value;

function drop(_: unknown, dropped: Dropped): undefined {
  dropped.count++;
}

function read(object: object, name: string): unknown {
  try {
    return (object as Record<string, unknown>)[name];
  } catch (error) {
    return thrownText(error);
  }
}
