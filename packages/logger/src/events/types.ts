import type { Name } from "@whodunit/core";
import type { Level } from "../line/level.ts";

/** The value that a schema describes. */
export type ValueOf<Schema> = Schema extends { readonly const: infer Value }
  ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Schema extends { readonly type: infer Type }
      ? Type extends readonly (infer Each)[]
        ? ValueOfType<Each, Schema>
        : ValueOfType<Type, Schema>
      : unknown;

type ValueOfType<Type, Schema> = Type extends "string"
  ? string
  : Type extends "number" | "integer"
    ? number
    : Type extends "boolean"
      ? boolean
      : Type extends "null"
        ? null
        : Type extends "array"
          ? Schema extends { readonly items: infer Item }
            ? readonly ValueOf<Item>[]
            : readonly unknown[]
          : ObjectOf<Schema>;

type ObjectOf<Schema> = Schema extends { readonly properties: infer Properties }
  ? FieldsOf<Properties, RequiredOf<Schema>> &
      (Schema extends { readonly additionalProperties: true } ? Readonly<Record<string, unknown>> : unknown)
  : Readonly<Record<string, unknown>>;

/** The names that a schema or an event says must be there. */
export type RequiredOf<Schema> = Schema extends { readonly required: readonly (infer Name)[] } ? Name : never;

/** An object of these fields, of which those named in `Required` must be there. */
export type FieldsOf<Properties, Required> = {
  readonly [Name in keyof Properties as Name extends Required ? Name : never]: ValueOf<Properties[Name]>;
} & {
  readonly [Name in keyof Properties as Name extends Required ? never : Name]?:
    | ValueOf<Properties[Name]>
    | undefined;
};

type DeclaredFields<Definition> = Definition extends { readonly fields?: infer Fields }
  ? Exclude<Fields, undefined>
  : unknown;

/** Definitions whose names fit the grammar and whose required fields are declared. */
export type CheckedDefinitions<Definitions> = {
  readonly [Text in keyof Definitions]: Text extends string
    ? Text extends Name<Text>
      ? { readonly required?: readonly (keyof DeclaredFields<Definitions[Text]> | "err")[] }
      : Name<Text>
    : never;
};

/** What a line of this event may be given: the declared fields, and `err`. */
export type EventFields<Definition> = Simplified<
  FieldsOf<{ readonly err: unknown } & DeclaredFields<Definition>, RequiredOf<Definition>>
>;

type Simplified<Type> = { readonly [Name in keyof Type]: Type[Name] };

/** What stands behind an event's name: nothing is needed where no field is, and an error alone is its `err`. */
export type EventArguments<Definition> = [RequiredOf<Definition>] extends [never]
  ? [fields?: EventFields<Definition> | Error]
  : [RequiredOf<Definition>] extends ["err"]
    ? [fields: EventFields<Definition> | Error]
    : [fields: EventFields<Definition>];

/** The names of the events with this level. */
export type EventNames<Definitions, Of extends Level> = {
  [Text in keyof Definitions]: Definitions[Text] extends { readonly level: infer Known }
    ? Of extends Known
      ? Text
      : never
    : never;
}[keyof Definitions] &
  string;

/** What `child` takes: the names begin with it. */
export type EventScopes<Text> = Text extends `${infer Head}-${infer Rest}`
  ? Head | `${Head}-${EventScopes<Rest>}`
  : Text extends string
    ? string extends Text
      ? string
      : never
    : never;

/** The definitions further down, by the rest of their names. */
export type EventsUnder<Definitions, Scope extends string> = {
  readonly [Text in keyof Definitions as string extends Text
    ? Text
    : Text extends `${Scope}-${infer Rest}`
      ? Rest
      : never]: Definitions[Text];
};
