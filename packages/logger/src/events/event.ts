import { reportFault } from "@whodunit/core";
import type { Level } from "../line/level.ts";
import { PersonalValue } from "../line/personal-value.ts";
import type { EventDefinition } from "./schema.ts";
import { type Dropped, holdsPersonal, objectShape, type Shape, shapesOf } from "./shape.ts";
import type { Validator } from "./validator.ts";

const asItIs: Shape = (value) => value;

/** A defined event, ready for lines. */
export class CataloguedEvent {
  readonly level: Level;
  /** The fields that hold something personal. */
  readonly personal: readonly string[];
  /** Says what is wrong with the fields of a line; not there in production. */
  readonly validate: Validator | undefined;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #shape: Shape<object>;

  constructor(definition: EventDefinition, validate: Validator | undefined) {
    const { level, fields = {} } = definition;
    this.level = level;
    this.personal = Object.keys(fields).filter((name) => holdsPersonal(fields[name] ?? {}));
    this.validate = validate;
    this.#shapes = new Map([["err", asItIs], ...shapesOf(fields)]);
    this.#shape = objectShape(this.#shapes);
  }

  /**
   * What a line shows of these fields.
   *
   * @param inherited the value of a personal field that the line would get from elsewhere, if it would
   */
  shown(fields: object, inherited: (name: string) => unknown, dropped: Dropped): Record<string, unknown> {
    try {
      const shown = this.#shape(fields, dropped) as Record<string, unknown>;
      for (const name of this.personal) {
        if (shown[name] !== undefined) continue;
        const value = inherited(name);
        if (value !== undefined) shown[name] = this.#shapes.get(name)?.(value, dropped) ?? hidden(value);
      }
      return shown;
    } catch (error) {
      // A proxy that does not tell its keys. What it might have hidden is hidden whatever it is.
      reportFault("WHODUNIT_LOG_EVENT", error);
      return Object.fromEntries(this.personal.map((name) => [name, hidden(inherited(name))]));
    }
  }
}

const hidden = (value: unknown): PersonalValue => new PersonalValue("identity", value);

const noFields = (level: Level) => new CataloguedEvent({ level, description: "" }, undefined);

/** What stands in for an event that nobody defined: its line has no field but an error. */
export const UNDEFINED_EVENTS: Readonly<Record<Level, CataloguedEvent>> = {
  debug: noFields("debug"),
  error: noFields("error"),
};
