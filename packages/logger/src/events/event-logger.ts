import { currentContext } from "../context.ts";
import { isError } from "../line/error-fields.ts";
import type { Level } from "../line/level.ts";
import type { SharedFields } from "../line/shared-fields.ts";
import type { EventCatalogue } from "./catalogue.ts";
import { type CataloguedEvent, UNDEFINED_EVENTS } from "./event.ts";
import type { EventArguments, EventNames, EventScopes, EventsUnder } from "./types.ts";

/** What is needed of the logger whose lines the events are. */
interface EventSink {
  readonly name: string;
  child(name: string): EventSink;
  /** Whether a debug line of this name is written or recorded here and now. */
  wantsDebug(name: string): boolean;
  /** Writes a line; `undeclared` fields were left out of it. */
  writeEvent(level: Level, name: string, fields: object, undeclared: number): void;
  /** Says what does not fit the catalogue. @throws TypeError with these words where names are strict */
  refuse(fault: string, called: object): void;
}

/**
 * A logger that knows its events: the compiler offers the names of each level and checks the fields. A line that does
 * not fit the catalogue is written with what fits: the declared fields, at the declared level. In development and
 * tests (`NODE_ENV`) each place that logs such a line is told once; with `names: "strict"` it throws there.
 */
export class EventLogger<Definitions> {
  readonly #logger: EventSink;
  readonly #bindings: SharedFields;
  readonly #catalogue: EventCatalogue<unknown>;
  readonly #scope: string;
  readonly #events: ReadonlyMap<string, CataloguedEvent>;

  /** @internal */
  constructor(logger: EventSink, bindings: SharedFields, catalogue: EventCatalogue<unknown>, scope: string) {
    this.#logger = logger;
    this.#bindings = bindings;
    this.#catalogue = catalogue;
    this.#scope = scope;
    this.#events = catalogue.under(scope);
  }

  /** Where this logger stands: `api-purchase`. */
  get name(): string {
    return this.#logger.name;
  }

  /** A logger further down, for the events whose names begin so; they are called by the rest of their names. */
  child<Scope extends EventScopes<keyof Definitions>>(
    name: Scope,
  ): EventLogger<EventsUnder<Definitions, Scope>> {
    const scope = this.#scope === "" ? name : `${this.#scope}-${name}`;
    return new EventLogger(this.#logger.child(name), this.#bindings, this.#catalogue, scope);
  }

  /** Writes a line that is useful when debugging. */
  debug<Event extends EventNames<Definitions, "debug">>(
    name: Event,
    ...[fields]: EventArguments<Definitions[Event]>
  ): void {
    this.#write("debug", name, fields);
  }

  /** Writes a line that somebody should look at. It cannot be switched off. */
  error<Event extends EventNames<Definitions, "error">>(
    name: Event,
    ...[fields]: EventArguments<Definitions[Event]>
  ): void {
    this.#write("error", name, fields);
  }

  #write(called: Level, name: string, given: unknown): void {
    const event = this.#events.get(name) ?? UNDEFINED_EVENTS[called];
    if (event.level === "debug" && !this.#logger.wantsDebug(name)) return;
    const fields = fieldsOf(given);
    if (this.#catalogue.checked) this.#check(event, called, name, fields);
    const dropped = { count: 0 };
    const shown = event.shown(fields, this.#inherited, dropped);
    this.#logger.writeEvent(event.level, name, shown, dropped.count);
  }

  #check(event: CataloguedEvent, called: Level, name: string, fields: object): void {
    const fault =
      event === UNDEFINED_EVENTS[called]
        ? "the catalogue has no such event"
        : event.level !== called
          ? `it is defined as ${event.level}`
          : event.validate?.(fields);
    if (fault === undefined) return;
    this.#logger.refuse(
      `Cannot log "${this.name}-${name}": ${fault}`,
      called === "debug" ? this.debug : this.error,
    );
  }

  // What a line gets of a field from the logger or the context around it.
  readonly #inherited = (name: string): unknown => {
    const bound = this.#bindings.members.get(name);
    if (bound !== undefined) return JSON.parse(`{${bound.slice(1)}}`)[name];
    const fields = currentContext()?.fields;
    return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
  };
}

function fieldsOf(given: unknown): object {
  if (typeof given !== "object" || given === null) return {};
  try {
    return isError(given) ? { err: given } : given;
  } catch {
    // A revoked proxy: no error, and no fields either.
    return {};
  }
}
