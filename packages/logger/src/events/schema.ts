import type { Kind } from "@whodunit/redaction";
import type { Level } from "../line/level.ts";

type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

/**
 * A field, as JSON Schema (https://json-schema.org, draft-07 and later): the keywords below, and the keyword
 * `pii`. Keywords that choose between schemas (`anyOf`, `$ref`, …) are refused, because then nobody could say
 * which fields are declared and which are personal.
 */
export interface FieldSchema {
  /** What the value is. Needed, or `enum`, or `const`, unless the field is `pii`. `["string", "null"]` is either. */
  readonly type?: TypeName | readonly TypeName[];
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean | null;
  /**
   * Personal: hidden whatever its key and value. A kind of redaction (`"email"`) says what it is, and so which
   * of the redactor's actions it gets; `true` is short for `"identity"`.
   */
  readonly pii?: true | Kind;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  /** What an array holds. */
  readonly items?: FieldSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  /** The fields of an object. Others are dropped. */
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  /** `true` lets an object have fields nobody declared. They are still redacted as everywhere. @default false */
  readonly additionalProperties?: boolean;
}

/** What is known of an event before it happens. */
export interface EventDefinition {
  /** The level of its lines. */
  readonly level: Level;
  /** What happened, and what to do about it: for the catalogue's readers. */
  readonly description: string;
  /** The fields its lines may have. `err` is one of them without being named. @default {} */
  readonly fields?: Readonly<Record<string, FieldSchema>>;
  /** The fields its lines must have. @default [] */
  readonly required?: readonly string[];
}

/** Definitions of events by name, without the service and scope that log them. */
export type EventDefinitions = Readonly<Record<string, EventDefinition>>;
