// biome-ignore-all lint/complexity/noArguments: a rest parameter would cost each call an array, and so would `arguments` if anything but `apply` were given it
import { checkShape, integer, type Name, ofType, type Shape } from "@whodunit/core";
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

/** Writes a line: its name and fields. */
export type LogMethod = <Text extends string>(name: Name<Text>, fields?: Fields) => void;

/** For how long a level holds, and who says so. */
export interface SetLevelOptions {
  /** After this many milliseconds the level is as before. Default: for good. */
  readonly ttlMs?: number;
  /** Who changed it, for the line that says so. @default "code" */
  readonly by?: string;
}

const SET_LEVEL_SHAPE = {
  ttlMs: integer(1, TTL_MAX_MS),
  by: ofType("string"),
} satisfies Shape<SetLevelOptions>;

/**
 * Writes lines under one place in the hierarchy of names. Make the first with {@link createLogger}, the
 * others with {@link Logger.child}. No call that logs throws, whatever it is handed: what is no `(name, fields)` becomes a
 * line with the text as `text`, the error as `err` and the fields as fields. (Only with `names: "strict"` a bad name throws.)
 */
export class Logger {
  /** @internal */
  readonly core: LogCore;
  readonly #scope: Scope;
  readonly #bindings: SharedFields;
  #pino: PinoLogger | undefined;
  #debug: LogMethod | undefined;
  #error: LogMethod | undefined;

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
    const scope = named ? this.#scopeOf(nameOrFields) : this.#scope;
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
    const event = this.#scope.event(name) ?? this.#scope.unnamed;
    return this.core.gates.fate(this.#scope, event, currentContext()) !== "drop";
  }

  /** @internal Whether a debug line of this name is written here and now, and not only recorded. */
  writesDebug(name: string): boolean {
    const event = this.#scope.event(name) ?? this.#scope.unnamed;
    return this.core.gates.fate(this.#scope, event, currentContext()) === "write";
  }

  /** @internal Writes the line of a catalogue's event, of which `undeclared` fields were left out. */
  writeEvent(level: Level, name: string, fields: Fields, undeclared: number): void {
    this.core.undeclaredFields += undeclared;
    this[level]<string>(name, fields);
  }

  /** @internal Says what is wrong with a call of a catalogue's. @throws TypeError where names are strict */
  refuse(fault: string, called: object): void {
    this.core.badNames.misfit(fault, called);
  }

  /** Writes a line that is useful when debugging. It knows its logger, and may be handed on as it is. */
  get debug(): LogMethod {
    this.#debug ??= Logger.#debugOf(this);
    return this.#debug;
  }

  /** Writes a line that somebody should look at. It cannot be switched off. It may be handed on: `.catch(log.error)`. */
  get error(): LogMethod {
    this.#error ??= Logger.#errorOf(this);
    return this.#error;
  }

  static #debugOf(logger: Logger): LogMethod {
    return function debug(name: string, fields?: Fields): void {
      const scope = logger.#scope;
      const { core } = logger;
      if (scope.version !== core.gates.levels.version) scope.decide();
      if (scope.debug === "off" && !core.gates.attentive) return;
      const event = scope.event(name);
      if (
        event === undefined ||
        arguments.length > 2 ||
        (fields !== undefined && typeof fields !== "object")
      ) {
        logger.#debugAny.apply(logger, arguments as unknown as unknown[]);
      } else core.debug(scope, event, logger.#bindings, fields);
    };
  }

  static #errorOf(logger: Logger): LogMethod {
    return function error(name: string, fields?: Fields): void {
      const event = logger.#scope.event(name);
      if (
        event === undefined ||
        arguments.length > 2 ||
        (fields !== undefined && typeof fields !== "object")
      ) {
        logger.#errorAny.apply(logger, arguments as unknown as unknown[]);
      } else logger.core.error(event, logger.#bindings, fields);
    };
  }

  #debugAny(...given: readonly unknown[]): void {
    this.#writeAny("debug", given, this.debug);
  }

  #errorAny(...given: readonly unknown[]): void {
    this.#writeAny("error", given, this.error);
  }

  #writeAny(level: Level, given: readonly unknown[], called: object): void {
    const event = this.#scope.event(given[0]);
    if (event === undefined) this.#meetBadName(given[0], called);
    this.core.writeAny(level, this.#scope, event, this.#bindings, event ? given.slice(1) : given);
  }

  // What is no text at all was never meant as a name.
  #meetBadName(name: unknown, called: object): void {
    const shown = typeof name === "string" ? this.core.redactedText(`${this.name}-${name}`) : `${this.name}-`;
    this.core.badNames.meet(shown, called);
  }

  #scopeOf(name: string): Scope {
    return this.#scope.child(name, () => {
      this.#meetBadName(name, this.child);
      return this.core.redactedText(name);
    });
  }

  /**
   * Sets the threshold for all names that begin with `prefix` (`""`: for all), in every logger made from the
   * same `createLogger`, now and later. `null` takes back what was set.
   *
   * @throws TypeError when an argument is wrong
   */
  setLevel(prefix: string, level: Level | null, options: SetLevelOptions = {}): void {
    checkLevelChange("setLevel", prefix, level);
    checkShape("setLevel", options, SET_LEVEL_SHAPE);
    const by = options.by ?? "code";
    if (level === null) this.core.gates.levels.reset(prefix, by);
    else this.core.gates.levels.set(prefix, level, by, options.ttlMs);
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
