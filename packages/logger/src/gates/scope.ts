import { isName, NAME_MAX_LENGTH, normaliseName } from "@whodunit/core";
import { type EventName, eventName } from "../line/event-name.ts";
import type { ResolvedNames } from "../line/field-names.ts";
import { type Levels, lowest, OWN_DEBUG } from "./levels.ts";

// Names are written in code, so there are few; names made of values would be many, and are not kept.
const NAMES_MAX = 1_000;
const UNNAMED = "unnamed";

/** What becomes of debug lines in a scope. */
type Verdict = "on" | "off" | "by name";

/**
 * A place in the hierarchy of names (`brkr-somesystem-http`), shared by all loggers of that name: the names
 * of its lines, and whether debug is on for them.
 */
export class Scope {
  readonly name: string;
  readonly service: string;
  /** The name of lines that nobody named. */
  readonly unnamed: EventName;
  /** What {@link decide} found, for the levels' version it looked at. */
  debug: Verdict = "off";
  version = -1;
  // pino's number of the lowest lines that are written.
  #lowest = 0;
  readonly #levels: Levels;
  readonly #names: ResolvedNames;
  readonly #children = new Map<string, Scope>();
  readonly #events = new Map<string, EventName>();

  constructor(name: string, service: string, levels: Levels, names: ResolvedNames) {
    this.name = name;
    this.service = service;
    this.#levels = levels;
    this.#names = names;
    this.unnamed = this.ownEvent(UNNAMED);
  }

  /**
   * The scope one segment or more further down.
   *
   * @param onBadName told where `name` is none, before it is made into one; returns it without secrets
   */
  child(name: string, onBadName: (name: string) => string): Scope {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    const own = isName(`${this.name}-${name}`) ? name : onBadName(name);
    const made = new Scope(this.#cut(own), this.service, this.#levels, this.#names);
    if (this.#children.size < NAMES_MAX) this.#children.set(name, made);
    return made;
  }

  /** The name of a line; undefined where `name` is none. */
  event(name: unknown): EventName | undefined {
    const known = this.#events.get(name as string);
    if (known !== undefined) return known;
    if (typeof name !== "string") return undefined;
    const full = `${this.name}-${name}`;
    if (!isName(full)) return undefined;
    const made = eventName(full, this.service, this.#names);
    if (this.#events.size < NAMES_MAX) this.#events.set(name, made);
    return made;
  }

  /** The name of a line of the logger's own, cut where the scope leaves too little room. */
  ownEvent(name: string): EventName {
    return this.event(name) ?? eventName(this.#cut(name), this.service, this.#names);
  }

  /** Looks at the levels again. */
  decide(): void {
    this.version = this.#levels.version;
    this.#lowest = lowest(this.#levels.of(this.name));
    if (this.#levels.splits(this.name)) this.debug = "by name";
    else this.debug = this.#lowest <= OWN_DEBUG ? "on" : "off";
  }

  /** Whether a debug line of this name, and of this number by pino's count, is over the threshold. */
  admits(event: EventName, number: number): boolean {
    if (this.debug === "on") return true;
    return number >= (this.debug === "off" ? this.#lowest : lowest(this.#levels.of(event.name)));
  }

  #cut(name: string): string {
    return normaliseName(`${this.name}-${name}`).slice(0, NAME_MAX_LENGTH).replace(/-$/, "");
  }
}
