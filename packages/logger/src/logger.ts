import { checkInteger, checkOptions, checkType, type Name } from "@whodunit/core";
import type { EventCatalogue } from "./events/catalogue.ts";
import { EventLogger } from "./events/event-logger.ts";
import { checkLevelChange, type Level } from "./gates/levels.ts";
import type { Scope } from "./gates/scope.ts";
import type { Fragment } from "./line/shared-fields.ts";
import { type LoggerCounts, Root } from "./log-core.ts";
import { type LoggerOptions, resolveOptions } from "./options.ts";
import { createPino, type PinoLogger, preparePino } from "./pino/pino-logger.ts";

const TTL_MAX_MS = 7 * 86_400_000;

/** Fields of a line: the properties of any object, whatever their values. An error is the field `err`. */
export type Fields = object;

/** For how long a level holds, and who says so. */
export interface SetLevelOptions {
  /** After this many milliseconds the level is as before. Default: for good. */
  readonly ttlMs?: number;
  /** Who changed it, for the line that says so. @default "code" */
  readonly by?: string;
}

/**
 * Writes lines under one place in the hierarchy of names. Make the first with {@link createLogger}, the
 * others with {@link Logger.child}. No method but `child`, `setLevel` and, in development, a bad name throws.
 */
export class Logger {
  /** @internal */
  readonly root: Root;
  readonly #scope: Scope;
  readonly #bindings: Fragment;
  #pino: PinoLogger | undefined;

  /** @internal */
  constructor(root: Root, scope: Scope, bindings: Fragment) {
    this.root = root;
    this.#scope = scope;
    this.#bindings = bindings;
  }

  /** Where this logger stands: `brkr-somesystem-http`. */
  get name(): string {
    return this.#scope.name;
  }

  /** A logger further down, or with fields on every line, or both. */
  child<Text extends string>(name: Name<Text>, fields?: Fields): Logger;
  child(fields: Fields): Logger;
  child(nameOrFields: string | Fields, fields?: Fields): Logger {
    const named = typeof nameOrFields === "string";
    const scope = named ? this.#scope.child(nameOrFields) : this.#scope;
    const own = named ? fields : nameOrFields;
    const bindings =
      own === undefined ? this.#bindings : this.root.merged(this.#bindings, this.root.fragment(own));
    return new Logger(this.root, scope, bindings);
  }

  /** This logger, checked against a catalogue made by `defineEvents`; this one stays as it is. */
  withEvents<Definitions>(catalogue: EventCatalogue<Definitions>): EventLogger<Definitions> {
    return new EventLogger(this, this.#bindings, catalogue, "");
  }

  /** @internal Whether a debug line of this name is written or recorded here and now. */
  wantsDebug(name: string): boolean {
    return this.root.fate(this.#scope, this.#scope.event(name)) !== "drop";
  }

  /** Writes a line that is useful when debugging. */
  debug<Text extends string>(name: Name<Text>, fields?: Fields): void {
    const scope = this.#scope;
    const { root } = this;
    if (scope.version !== root.levels.version) scope.decide();
    if (scope.debug === "off" && !root.attentive) return;
    root.debug(scope, scope.event(name), this.#bindings, fields);
  }

  /** Writes a line that somebody should look at. It cannot be switched off. */
  error<Text extends string>(name: Name<Text>, fields?: Fields): void {
    this.root.error(this.#scope.event(name), this.#bindings, fields);
  }

  /**
   * Sets the threshold for all names that begin with `prefix` (`""`: for all), in every logger made from the
   * same `createLogger`, now and later. `null` takes back what was set.
   *
   * @throws TypeError when an argument is wrong
   */
  setLevel(prefix: string, level: Level | null, options: SetLevelOptions = {}): void {
    checkLevelChange("setLevel", prefix, level);
    checkOptions("setLevel", options, ["ttlMs", "by"]);
    checkInteger("setLevel", "ttlMs", options.ttlMs, 1, TTL_MAX_MS);
    checkType("setLevel", "by", options.by, "string");
    const by = options.by ?? "code";
    if (level === null) this.root.levels.reset(prefix, by);
    else this.root.levels.set(prefix, level, by, options.ttlMs);
  }

  /** This logger as a pino instance, for what speaks pino. */
  get pino(): PinoLogger {
    this.#pino ??= createPino(this.root, this.#scope, this.#bindings);
    return this.#pino;
  }

  /** What was written, dropped and redacted so far, by all loggers made from the same `createLogger`. */
  counts(): LoggerCounts {
    return this.root.counts();
  }

  /** Resolves when every line so far is with the kernel. */
  flush(): Promise<void> {
    return this.root.flush();
  }

  /** Delivers every line and stops; for the end of a process or a test. */
  close(): Promise<void> {
    return this.root.close();
  }
}

/**
 * Makes a service's logger.
 *
 * @throws TypeError when an option is wrong: it names the option, its value and what is wanted
 * @example
 * const log = createLogger({ service: "brkr" });
 * log.child("somesystem").child("http").debug("response", { status: 200, duration: 252.2 });
 */
export function createLogger(options: LoggerOptions): Logger {
  const root = new Root(resolveOptions(options));
  // Now, so that an APM that has got hold of pino takes part in the lines that do not pass through it.
  preparePino(root);
  return new Logger(root, root.scope, root.bindings);
}
