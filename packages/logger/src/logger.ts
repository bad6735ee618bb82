import { checkInteger, checkOptions, checkType, type Name } from "@whodunit/core";
import { currentContext } from "./context.ts";
import type { EventCatalogue } from "./events/catalogue.ts";
import { EventLogger } from "./events/event-logger.ts";
import { checkLevelChange } from "./gates/levels.ts";
import type { Scope } from "./gates/scope.ts";
import type { Level } from "./line/level.ts";
import type { SharedFields } from "./line/shared-fields.ts";
import { LogCore, type LoggerCounts } from "./log-core.ts";
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
  readonly core: LogCore;
  readonly #scope: Scope;
  readonly #bindings: SharedFields;
  #pino: PinoLogger | undefined;

  /** @internal */
  constructor(core: LogCore, scope: Scope, bindings: SharedFields) {
    this.core = core;
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
      own === undefined ? this.#bindings : this.core.merged(this.#bindings, this.core.sharedFields(own));
    return new Logger(this.core, scope, bindings);
  }

  /** This logger, checked against a catalogue made by `defineEvents`; this one stays as it is. */
  withEvents<Definitions>(catalogue: EventCatalogue<Definitions>): EventLogger<Definitions> {
    return new EventLogger(this, this.#bindings, catalogue, "");
  }

  /** @internal Whether a debug line of this name is written or recorded here and now. */
  wantsDebug(name: string): boolean {
    return this.core.fate(this.#scope, this.#scope.event(name), currentContext()) !== "drop";
  }

  /** @internal Writes the line of a catalogue's event, of which `undeclared` fields were left out. */
  writeEvent(level: Level, name: string, fields: Fields, undeclared: number): void {
    this.core.undeclaredFields += undeclared;
    this[level]<string>(name, fields);
  }

  /** Writes a line that is useful when debugging. */
  debug<Text extends string>(name: Name<Text>, fields?: Fields): void {
    const scope = this.#scope;
    const { core } = this;
    if (scope.version !== core.levels.version) scope.decide();
    if (scope.debug === "off" && !core.attentive) return;
    core.debug(scope, scope.event(name), this.#bindings, fields);
  }

  /** Writes a line that somebody should look at. It cannot be switched off. */
  error<Text extends string>(name: Name<Text>, fields?: Fields): void {
    this.core.error(this.#scope.event(name), this.#bindings, fields);
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
    if (level === null) this.core.levels.reset(prefix, by);
    else this.core.levels.set(prefix, level, by, options.ttlMs);
  }

  /** This logger as a pino instance, for what speaks pino. */
  get pino(): PinoLogger {
    this.#pino ??= createPino(this.core, this.#scope, this.#bindings);
    return this.#pino;
  }

  /** What was written, dropped and redacted so far, by all loggers made from the same `createLogger`. */
  counts(): LoggerCounts {
    return this.core.counts();
  }

  /** Resolves when every line so far is with the kernel. */
  flush(): Promise<void> {
    return this.core.lifecycle.flush();
  }

  /** Delivers every line and stops; for the end of a process or a test. */
  close(): Promise<void> {
    return this.core.lifecycle.close();
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
  const core = new LogCore(resolveOptions(options));
  // Now, so that an APM that has got hold of pino takes part in the lines that do not pass through it.
  preparePino(core);
  return new Logger(core, core.scope, core.bindings);
}
