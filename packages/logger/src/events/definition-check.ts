import {
  anything,
  checkShape,
  isName,
  NAME_GRAMMAR,
  optionError,
  required,
  requiredOneOf,
  type Shape,
} from "@whodunit/core";
import { KINDS } from "@whodunit/redaction";
import { RESERVED_KEYS } from "../line/field-names.ts";
import type { EventDefinition, FieldSchema } from "./schema.ts";

const OWNER = "defineEvents";
const TYPES = ["string", "number", "integer", "boolean", "null", "array", "object"];
const ANNOTATIONS = ["description", "examples", "format", "pii"];
const CONDITIONS = [
  ...["type", "enum", "const", "pattern", "minLength", "maxLength"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["items", "minItems", "maxItems", "uniqueItems", "properties", "required", "additionalProperties"],
];
const FIELD_NAMES_REFUSED = new Set([...RESERVED_KEYS, "__proto__"]);

const SHAPE: Shape<EventDefinition> = {
  level: requiredOneOf(["debug", "error"]),
  description: required(
    (text) => typeof text === "string" && text !== "",
    "a text: what happened, and what to do about it",
  ),
  fields: (owner, option, value) => {
    if (value !== undefined) checkFields(owner, option, value);
  },
  // It depends on the fields.
  required: anything,
};

/**
 * Checks one definition as far as it decides what is written and what is hidden; that holds in production too.
 * (What the conditions say is checked by ajv, in development.)
 *
 * @throws TypeError that names the event, the field, what it has and what is wanted
 */
export function checkDefinition(event: string, definition: EventDefinition): void {
  if (!isName(event))
    throw new TypeError(`${OWNER}: ${JSON.stringify(event)} is no name: want ${NAME_GRAMMAR}`);
  const at = `${OWNER} "${event}"`;
  checkShape(at, definition, SHAPE);
  const { fields = {}, required = [] } = definition;
  for (const name of Object.keys(fields)) {
    if (FIELD_NAMES_REFUSED.has(name))
      throw optionError(at, "fields", name, "a name that no line has anyway");
  }
  checkRequired(at, "required", required, [...Object.keys(fields), "err"]);
}

function checkFields(at: string, path: string, fields: unknown): void {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw optionError(at, path, fields, "an object of JSON Schemas");
  }
  for (const [name, schema] of Object.entries(fields)) checkSchema(at, `${path}.${name}`, schema);
}

function checkSchema(at: string, path: string, schema: FieldSchema): void {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw optionError(at, path, schema, "a JSON Schema");
  }
  for (const keyword of Object.keys(schema)) {
    if (ANNOTATIONS.includes(keyword) || CONDITIONS.includes(keyword)) continue;
    throw optionError(at, path, keyword, `keywords out of ${[...ANNOTATIONS, ...CONDITIONS].join(", ")}`);
  }
  const { type, pii, pattern, items, properties, additionalProperties } = schema;
  if (pii !== undefined && pii !== true && !KINDS.includes(pii)) {
    throw optionError(at, `${path}.pii`, pii, `true or one of ${KINDS.join(", ")}`);
  }
  const types: unknown[] = [type ?? []].flat();
  if (types.some((name) => !TYPES.includes(name as string))) {
    throw optionError(at, `${path}.type`, type, `one of ${TYPES.join(", ")}, or an array of them`);
  }
  if (pattern !== undefined && !isPattern(pattern)) {
    throw optionError(at, `${path}.pattern`, pattern, "a regular expression");
  }
  if (pii !== undefined) return;
  // What a schema leaves open, a secret may use.
  if (types.length === 0 && schema.enum === undefined && !Object.hasOwn(schema, "const")) {
    throw optionError(at, path, schema, "a type, an enum, a const or pii");
  }
  if (types.includes("array") && items === undefined) {
    throw optionError(at, `${path}.items`, items, "a JSON Schema of what the array holds");
  }
  if (items !== undefined) checkSchema(at, `${path}.items`, items);
  if (additionalProperties !== undefined && typeof additionalProperties !== "boolean") {
    throw optionError(at, `${path}.additionalProperties`, additionalProperties, "a boolean");
  }
  if (types.includes("object") && properties === undefined && additionalProperties !== true) {
    throw optionError(at, `${path}.properties`, properties, "its fields, or additionalProperties: true");
  }
  if (properties !== undefined) checkFields(at, `${path}.properties`, properties);
  checkRequired(at, `${path}.required`, schema.required ?? [], Object.keys(properties ?? {}));
}

function checkRequired(at: string, path: string, required: unknown, declared: readonly string[]): void {
  const wanted = "an array of declared fields";
  if (!Array.isArray(required)) throw optionError(at, path, required, wanted);
  const unknown = required.find((name) => !declared.includes(name));
  if (unknown !== undefined) throw optionError(at, path, unknown, wanted);
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    // That is the answer.
    return false;
  }
}
