import { isName, NAME_GRAMMAR, NAME_MAX_LENGTH, normaliseName } from "@whodunit/core";
import { type EventName, eventName } from "../line/event-name.ts";
import type { Levels } from "./levels.ts";

// Names are written in code, so there are few; names made of values would be many, and are not kept.
const NAMES_MAX = 1_000;

/** What becomes of debug lines in a scope. */
type Verdict = "on" | "off" | "by name";

/**
 * A place in the hierarchy of names (`brkr-somesystem-http`), shared by all loggers of that name: the names
 * of its lines, and whether debug is on for them.
 */
export class Scope {
  readonly name: string;
  readonly service: string;
  /** What {@link decide} found, for the levels' version it looked at. */
  debug: Verdict = "off";
  version = -1;
  readonly #levels: Levels;
  readonly #onBadName: (name: string) => string;
  readonly #children = new Map<string, Scope>();
  readonly #events = new Map<string, EventName>();

  /** @param onBadName told of a name that is none, which may be made of anything; returns it without secrets */
  constructor(name: string, service: string, levels: Levels, onBadName: (name: string) => string) {
    this.name = name;
    this.service = service;
    this.#levels = levels;
    this.#onBadName = onBadName;
  }

  /** The scope one segment or more further down. @throws TypeError on a bad name, in development and tests */
  child(name: string): Scope {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    const made = new Scope(this.#compose(name), this.service, this.#levels, this.#onBadName);
    if (this.#children.size < NAMES_MAX) this.#children.set(name, made);
    return made;
  }

  /** The name of a line. @throws TypeError on a bad name, in development and tests */
  event(name: string): EventName {
    const known = this.#events.get(name);
    if (known !== undefined) return known;
    const made = eventName(this.#compose(name), this.service);
    if (this.#events.size < NAMES_MAX) this.#events.set(name, made);
    return made;
  }

  /** Looks at the levels again. */
  decide(): void {
    this.version = this.#levels.version;
    if (this.#levels.splits(this.name)) this.debug = "by name";
    else this.debug = this.#levels.of(this.name) === "debug" ? "on" : "off";
  }

  /** Whether a debug line of this name is over the threshold. */
  admits(event: EventName): boolean {
    return this.debug === "on" || (this.debug === "by name" && this.#levels.of(event.name) === "debug");
  }

  #compose(name: unknown): string {
    const own = typeof name === "string" ? name : "_";
    const full = `${this.name}-${own}`;
    if (typeof name === "string" && isName(full)) return full;
    const shown = this.#onBadName(own);
    if (process.env.NODE_ENV === "development" || process.env.NODE_ENV === "test") {
      throw new TypeError(`Cannot log under the name ${JSON.stringify(full)}: want ${NAME_GRAMMAR}`);
    }
    return normaliseName(`${this.name}-${shown}`).slice(0, NAME_MAX_LENGTH).replace(/-$/, "");
  }
}
