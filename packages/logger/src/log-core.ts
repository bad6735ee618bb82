import { setTimeout } from "node:timers/promises";
import { type ObservedRequest, onShutdown, reportFault } from "@whodunit/core";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { currentContext, RequestState, withoutContext } from "./context.ts";
import { type DebugTokens, debugTokens } from "./debug-request.ts";
import { Recorder, Recording } from "./gates/flight-recorder.ts";
import { listenForLevel } from "./gates/level-signal.ts";
import { type Level, Levels } from "./gates/levels.ts";
import { type EventName, Scope } from "./gates/scope.ts";
import { type Suppressed, Throttle } from "./gates/throttle.ts";
import { type LineExtras, Lines } from "./line/line.ts";
import type { Fragment } from "./line/shared-fields.ts";
import { Serialiser } from "./line/value-writer.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Instrumentation } from "./pino/apm.ts";
import { beforeExit, openDestination } from "./sink/open-destination.ts";
import { prettySink } from "./sink/pretty-sink.ts";
import type { Sink } from "./sink/sink.ts";

/** What a logger counted since it was made. */
export interface LoggerCounts {
  /** Lines handed to the destination. */
  readonly debug: number;
  readonly error: number;
  /** Lines the destination could not deliver. */
  readonly dropped: number;
  /** Error lines that one line with `repeats` stands for. */
  readonly throttled: number;
  /** Names that did not fit the grammar and were changed. */
  readonly badNames: number;
  /** Fields that were left out because no event of a catalogue declares them. */
  readonly undeclaredFields: number;
  /** Secrets removed, by kind. */
  readonly redacted: Readonly<Record<string, number>>;
}

/** What becomes of a debug line. */
export type Fate = "write" | "record" | "drop";

const LAST_FLUSH_MS = 800;
const RECORDED: LineExtras = { recorded: true };

/** What all loggers made from one `createLogger` share: levels, redaction, the destination, the counts. */
export class Root {
  readonly service: string;
  readonly levels: Levels;
  readonly scope: Scope;
  readonly bindings: Fragment;
  /** What an APM does to each line, if one has got hold of pino. */
  instrumentation: Instrumentation | undefined;
  #underway: { readonly level: Level; readonly name: string } = { level: "debug", name: "" };
  readonly #lines: Lines;
  readonly #sink: Sink;
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #recorder: Recorder | undefined;
  readonly #throttle: Throttle | undefined;
  readonly #tokens: DebugTokens | undefined;
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
    this.scope = new Scope(options.service, options.service, this.levels, (name) => {
      this.#badNames++;
      return this.#redactor?.redactText(name) ?? name;
    });
    this.bindings = this.fragment(options.fields);
    const { destination, pretty } = options;
    const sink = openDestination(destination, (dropped) => this.#tellApart("log-dropped", { ...dropped }));
    this.#sink = prettySink(sink, pretty, destination === undefined);
    if (options.recorder !== false) {
      this.#recorder = new Recorder(options.recorder, (count) =>
        this.#tellApart("log-recordings-skipped", { count }),
      );
    }
    if (options.throttle !== false) {
      this.#throttle = new Throttle(options.throttle, (suppressed) => this.#tellSuppressed(suppressed));
    }
    this.#tokens = debugTokens();
    this.#undo.push(beforeExit(() => this.#settle()));
    const flush = () => this.flush();
    const close = () => this.#flushLast();
    this.#undo.push(onShutdown({ phase: "log", name: "logger", timeoutMs: 1_000, close, flush }));
    if (options.levelSignal !== undefined) this.#undo.push(listenForLevel(options.levelSignal, this.levels));
  }

  /** Fields of a child logger or context, as text. */
  fragment(fields: object): Fragment {
    return this.#lines.fragment(fields);
  }

  /** `over` on top of `under`. */
  merged(under: Fragment, over: Fragment): Fragment {
    return this.#lines.merged(under, over);
  }

  /** Writes a debug line, or keeps it for its request's recording, or neither. */
  debug(scope: Scope, event: EventName, bindings: Fragment, fields: unknown): void {
    const fate = this.fate(scope, event);
    if (fate === "write") this.write("debug", event, bindings, fields);
    else if (fate === "record") this.record(this.render("debug", event, bindings, fields, RECORDED), event);
  }

  /** Writes an error line, unless there were too many of its kind this second. */
  error(event: EventName, bindings: Fragment, fields: unknown): void {
    if (this.admitsError(event, fields)) this.write("error", event, bindings, fields);
  }

  /** Whether an error line is written; if not, it is counted. */
  admitsError(event: EventName, fields: unknown): boolean {
    return this.#throttle?.admit(event, currentContext()?.request?.route, fields) ?? true;
  }

  /** What becomes of a debug line of this name, here and now. */
  fate(scope: Scope, event: EventName): Fate {
    if (scope.version !== this.levels.version) scope.decide();
    if (scope.admits(event)) return "write";
    const request = currentContext()?.request;
    if (request?.debug === true || this.#tokens?.active === true) return "write";
    return request?.recording !== undefined && this.#recorder !== undefined ? "record" : "drop";
  }

  /** Keeps a rendered debug line for the running request's recording. */
  record(line: string, event: EventName): void {
    const recording = currentContext()?.request?.recording;
    recording?.recorder.add(recording, line, event, this);
  }

  /** What the log context of a request holds beside its fields. */
  requestState(observed: ObservedRequest): RequestState {
    const recording = this.#recorder && new Recording(this.#recorder);
    const debug = this.#tokens?.accepts(observed.request) === true || this.#tokens?.active === true;
    return new RequestState(observed, debug, recording);
  }

  /** Writes a line, whatever the level says. */
  write(level: Level, event: EventName, bindings: Fragment, fields: unknown, extras?: LineExtras): void {
    if (level === "debug" && this.#sink.full) {
      this.#written.debug++;
      this.#sink.drop(level, event.name);
      return;
    }
    if (this.instrumentation !== undefined) {
      this.deliver(this.render(level, event, bindings, fields, extras), level, event);
      return;
    }
    this.#deliverRecording(level);
    this.#written[level]++;
    this.#lines.write(this.#sink, level, event, bindings, fields, extras);
  }

  /** Hands over a rendered line; before an error line goes what its request has recorded. */
  deliver(line: string, level: Level, event: EventName): void {
    this.#deliverRecording(level);
    this.#written[level]++;
    const through = this.instrumentation?.stream;
    if (through === undefined) {
      this.#sink.write(line, level, event.name);
      return;
    }
    this.#underway = { level, name: event.name };
    through(line, level, event);
  }

  #deliverRecording(level: Level): void {
    if (level !== "error") return;
    const recording = currentContext()?.request?.recording;
    recording?.recorder.release(recording);
  }

  /** Where an instrumentation's stream hands on the line that {@link deliver} gave it. */
  toSink(line: string): void {
    this.#sink.write(line, this.#underway.level, this.#underway.name);
  }

  /** A value as redacted JSON text. */
  valueText(value: unknown): string {
    return this.#lines.valueText(value);
  }

  /** Whether a debug line of this scope may be written or recorded here and now. */
  debugs(scope: Scope): boolean {
    if (scope.version !== this.levels.version) scope.decide();
    return scope.debug !== "off" || this.fate(scope, scope.event("unnamed")) !== "drop";
  }

  /** The line that {@link write} would write, for {@link deliver}. */
  render(level: Level, event: EventName, bindings: Fragment, fields: unknown, extras?: LineExtras): string {
    const line = this.#lines.render(level, event, bindings, fields, extras);
    return this.instrumentation?.text?.(line, level) ?? line;
  }

  /** A line about the log itself: a debug line that passes any threshold. */
  tell(name: string, fields: object): void {
    this.write("debug", this.scope.event(name), this.bindings, fields);
  }

  /** Whether a debug line under the threshold may be wanted all the same. */
  get attentive(): boolean {
    return this.#recorder !== undefined || this.#tokens !== undefined;
  }

  counts(): LoggerCounts {
    return {
      ...this.#written,
      dropped: this.#sink.dropped,
      throttled: this.#throttle?.total ?? 0,
      badNames: this.#badNames,
      undeclaredFields: this.undeclaredFields,
      redacted: this.#redactor?.counts() ?? {},
    };
  }

  flush(): Promise<void> {
    this.#settle();
    return this.#sink.flush();
  }

  async close(): Promise<void> {
    this.#settle();
    for (const undo of this.#undo.splice(0)) undo();
    this.levels.close();
    try {
      await this.#sink.close();
    } catch (error) {
      reportFault("WHODUNIT_LOG_CLOSE", error);
    }
  }

  // A process that dies of its signal has no exit event: what a stalled reader leaves behind is told here.
  async #flushLast(): Promise<void> {
    const timeout = new AbortController();
    await Promise.race([this.flush(), setTimeout(LAST_FLUSH_MS, undefined, timeout).catch(() => {})]);
    timeout.abort();
    this.#sink.flushSync(0);
  }

  // What waits for its second to be over is told now.
  #settle(): void {
    this.#recorder?.settle();
    this.#throttle?.settle();
  }

  // Whoever's timer or flush it is: the line is about others, too.
  #tellApart(name: string, fields: object): void {
    withoutContext(() => this.tell(name, fields));
  }

  #tellSuppressed({ event, route, type, repeats }: Suppressed): void {
    withoutContext(() => this.write("error", event, this.bindings, { route, type }, { repeats }));
  }
}
