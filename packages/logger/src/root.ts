import { onShutdown, reportFault } from "@whodunit/core";
import type { Redactor } from "@whodunit/redaction";
import { currentContext } from "./context.ts";
import { openDestination } from "./destination.ts";
import type { Fragment } from "./fragment.ts";
import { type Level, Levels } from "./level.ts";
import { listenForLevel } from "./level-signal.ts";
import { type LineExtras, Lines } from "./line.ts";
import type { ResolvedOptions } from "./options.ts";
import { prettySink } from "./pretty.ts";
import { type EventName, Scope } from "./scope.ts";
import { Serialiser } from "./serialiser.ts";
import type { Sink } from "./sink.ts";

/** What a logger counted since it was made. */
export interface LoggerCounts {
  /** Lines handed to the destination. */
  readonly debug: number;
  readonly error: number;
  /** Lines the destination could not deliver. */
  readonly dropped: number;
  /** Names that did not fit the grammar and were changed. */
  readonly badNames: number;
  /** Fields that were left out because no event of a catalogue declares them. */
  readonly undeclaredFields: number;
  /** Secrets removed, by kind. */
  readonly redacted: Readonly<Record<string, number>>;
}

/** What all loggers made from one `createLogger` share: levels, redaction, the destination, the counts. */
export class Root {
  readonly service: string;
  readonly levels: Levels;
  readonly scope: Scope;
  readonly bindings: Fragment;
  readonly #lines: Lines;
  readonly #sink: Sink;
  readonly #redactor: Redactor | undefined;
  readonly #undo: (() => void)[] = [];
  readonly #written = { debug: 0, error: 0 };
  #badNames = 0;
  /** For {@link LoggerCounts}. */
  undeclaredFields = 0;

  constructor(options: ResolvedOptions) {
    this.service = options.service;
    this.#redactor = options.redactor;
    this.#lines = new Lines(new Serialiser(options.redactor, options.limits), options.limits);
    this.levels = new Levels(options.levels, (change) => this.tell("log-level-changed", { ...change }));
    this.scope = new Scope(options.service, options.service, this.levels, () => {
      this.#badNames++;
    });
    this.bindings = this.fragment(options.fields);
    const { destination, pretty } = options;
    const sink = openDestination(destination, (dropped) => this.tell("log-dropped", { ...dropped }));
    this.#sink = prettySink(sink, pretty, destination === undefined);
    const flush = () => this.flush();
    this.#undo.push(onShutdown({ phase: "log", name: "logger", timeoutMs: 1_000, close: flush, flush }));
    if (options.levelSignal !== undefined) this.#undo.push(listenForLevel(options.levelSignal, this.levels));
  }

  /** Fields of a child logger or context, as text. */
  fragment(fields: object): Fragment {
    return this.#lines.fragment(fields);
  }

  /** Writes a line, whatever the level says. */
  write(level: Level, event: EventName, bindings: Fragment, fields: unknown, extras?: LineExtras): void {
    if (level === "debug" && this.#sink.full) {
      this.#written.debug++;
      this.#sink.drop(level, event.name);
      return;
    }
    this.deliver(this.#lines.render(level, event, bindings, fields, extras), level, event);
  }

  /** Hands over a rendered line. */
  deliver(line: string, level: Level, event: EventName): void {
    this.#written[level]++;
    this.#sink.write(line, level, event.name);
  }

  /** A value as redacted JSON text. */
  valueText(value: unknown): string {
    return this.#lines.valueText(value);
  }

  /** Whether any debug line of this scope may be written now. */
  debugs(scope: Scope): boolean {
    if (scope.version !== this.levels.version) scope.decide();
    return scope.debug !== "off" || this.debugging;
  }

  /** Whether a debug line of this name is written now. */
  admits(scope: Scope, event: EventName): boolean {
    if (scope.version !== this.levels.version) scope.decide();
    return scope.admits(event) || this.debugging;
  }

  /** The line that {@link write} would write, for {@link deliver}. */
  render(level: Level, event: EventName, bindings: Fragment, fields: unknown, extras?: LineExtras): string {
    return this.#lines.render(level, event, bindings, fields, extras);
  }

  /** A line about the log itself: a debug line that passes any threshold. */
  tell(name: string, fields: object): void {
    this.write("debug", this.scope.event(name), this.bindings, fields);
  }

  /** Whether debug lines under the threshold are written here, because of the running request. */
  get debugging(): boolean {
    return currentContext()?.debug === true;
  }

  counts(): LoggerCounts {
    return {
      ...this.#written,
      dropped: this.#sink.dropped,
      badNames: this.#badNames,
      undeclaredFields: this.undeclaredFields,
      redacted: this.#redactor?.counts() ?? {},
    };
  }

  flush(): Promise<void> {
    return this.#sink.flush();
  }

  async close(): Promise<void> {
    for (const undo of this.#undo.splice(0)) undo();
    this.levels.close();
    try {
      await this.#sink.close();
    } catch (error) {
      reportFault("WHODUNIT_LOG_CLOSE", error);
    }
  }
}
