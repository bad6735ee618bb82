import { onChange } from "@whodunit/core";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { type Context, currentContext, withoutContext } from "./context.ts";
import { BadNames } from "./gates/bad-names.ts";
import { Recording } from "./gates/flight-recorder.ts";
import { Gates } from "./gates/gates.ts";
import { listenForLevel } from "./gates/level-signal.ts";
import { Scope } from "./gates/scope.ts";
import type { Suppressed } from "./gates/throttle.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { EventName } from "./line/event-name.ts";
import { handedOver, withOwnText } from "./line/handed-over.ts";
import type { Level } from "./line/level.ts";
import { type LineExtras, LineWriter } from "./line/line-writer.ts";
import type { SharedFields } from "./line/shared-fields.ts";
import { ValueWriter } from "./line/value-writer.ts";
import type { ResolvedOptions } from "./options.ts";
import { openDestination } from "./sink/open-destination.ts";
import { prettySink } from "./sink/pretty-sink.ts";
import type { Sink } from "./sink/sink.ts";
import { onUncaught } from "./sink/uncaught.ts";

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

/** What an APM's instrumentation of pino does to each line: to its text, to where it goes, or to both. */
export interface Instrumentation {
  readonly text: ((line: string, level: Level) => string) | undefined;
  readonly stream: ((line: string, level: Level, event: EventName) => void) | undefined;
}

const RECORDED: LineExtras = { recorded: true };

/**
 * What all loggers made from one `createLogger` share. A line passes it once: the gates decide, the line writer makes
 * it, the sink takes it. What runs inside a context looks it up once and hands it on.
 */
export class LogCore {
  readonly service: string;
  readonly gates: Gates;
  readonly scope: Scope;
  readonly bindings: SharedFields;
  readonly lifecycle: Lifecycle;
  readonly badNames: BadNames;
  /** pino's number of the first of its levels whose lines are error lines. */
  readonly pinoErrorFrom: number;
  /** What stands for a secret. */
  readonly mask: string;
  /** What an APM does to each line, if one has got hold of pino. */
  instrumentation: Instrumentation | undefined;
  // The line that an instrumentation's stream is about to hand on.
  #underway: { readonly level: Level; readonly name: string; readonly number: number | undefined } = {
    level: "debug",
    name: "",
    number: undefined,
  };
  readonly #lines: LineWriter;
  readonly #sink: Sink;
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #written = { debug: 0, error: 0 };
  /** For {@link LoggerCounts}. */
  undeclaredFields = 0;

  constructor(options: ResolvedOptions) {
    this.service = options.service;
    this.#redactor = options.redactor;
    const { redactor, limits, fieldNames } = options;
    const values = new ValueWriter(redactor, limits, fieldNames.reserved);
    this.#lines = new LineWriter(values, limits, fieldNames);
    this.gates = new Gates(options, {
      // Whoever set a level that ends by itself is long gone.
      levelChanged: (change, ended) =>
        ended ? this.#tellApart("log-level-changed", change) : this.tell("log-level-changed", change),
      recordingsSkipped: (count) => this.#tellApart("log-recordings-skipped", { count }),
      linesSuppressed: (suppressed) => this.#tellSuppressed(suppressed),
    });
    const { levels } = this.gates;
    this.scope = new Scope(options.service, options.service, levels, fieldNames);
    this.badNames = new BadNames(options.names);
    this.pinoErrorFrom = options.pinoErrorFrom;
    this.mask = options.redactor?.mask ?? "[Redacted]";
    this.bindings = this.sharedFields(options.fields);
    const { destination, pretty } = options;
    const sink = openDestination(destination, (dropped) => this.#tellApart("log-dropped", { ...dropped }));
    this.#sink = prettySink(sink, pretty, destination === undefined, fieldNames);
    this.lifecycle = new Lifecycle(this.#sink, () => this.gates.settle());
    this.lifecycle.atClose(() => levels.close());
    // In the context of the request that threw, where there is one: what was recorded of it comes along.
    this.lifecycle.atClose(
      onUncaught((err, origin) =>
        this.error(this.scope.ownEvent("process-crashed"), this.bindings, { err, origin }),
      ),
    );
    // A change of levels has a line of its own.
    this.lifecycle.atClose(
      onChange(({ kind, what }) => {
        if (kind === "report") this.tell("change-reported", { what });
      }),
    );
    if (options.levelSignal !== undefined) {
      this.lifecycle.atClose(listenForLevel(options.levelSignal, levels));
    }
  }

  /** Fields of a child logger or context, as text. */
  sharedFields(fields: object): SharedFields {
    return this.#lines.sharedFields(fields);
  }

  /** `over` on top of `under`. */
  merged(under: SharedFields, over: SharedFields): SharedFields {
    return this.#lines.merged(under, over);
  }

  /** A value as redacted JSON text. */
  valueText(value: unknown): string {
    return this.#lines.valueText(value);
  }

  /** Writes a debug line, or keeps it for its request's recording, or neither. */
  debug(scope: Scope, event: EventName, bindings: SharedFields, fields: unknown): void {
    const context = currentContext();
    const fate = this.gates.fate(scope, event, context);
    if (fate === "write") this.write("debug", event, bindings, fields, context);
    else if (fate === "record") {
      this.record(this.render("debug", event, bindings, fields, context, RECORDED), event, context);
    }
  }

  /** Writes an error line, unless there were too many of its kind this second. */
  error(event: EventName, bindings: SharedFields, fields: unknown): void {
    const context = currentContext();
    if (this.gates.admitsError(event, fields, context)) this.write("error", event, bindings, fields, context);
  }

  /** The same of what a call handed over in another shape than `(name, fields)`; without a name it is no event. */
  writeAny(
    level: Level,
    scope: Scope,
    named: EventName | undefined,
    bindings: SharedFields,
    given: readonly unknown[],
  ): void {
    const context = currentContext();
    const event = named ?? scope.unnamed;
    const fate = level === "debug" ? this.gates.fate(scope, event, context) : "write";
    if (fate === "drop") return;
    const handed = handedOver(given, (value) => this.valueText(value));
    const { text, fields } = named === undefined ? withOwnText(handed) : handed;
    if (
      level === "error" &&
      !this.gates.admitsError(event, fields, context, named ? undefined : (text ?? ""))
    )
      return;
    const extras = text === undefined ? undefined : { text };
    if (fate === "write") this.write(level, event, bindings, fields, context, extras);
    else
      this.record(
        this.render(level, event, bindings, fields, context, { ...extras, recorded: true }),
        event,
        context,
      );
  }

  /** Whether secrets are looked for. */
  get isRedacting(): boolean {
    return this.#redactor !== undefined;
  }

  /** A text without its secrets. */
  redactedText(text: string): string {
    return this.#redactor?.redactText(text) ?? text;
  }

  /** Writes a line, whatever the level says. */
  write(
    level: Level,
    event: EventName,
    bindings: SharedFields,
    fields: unknown,
    context: Context | undefined,
    extras?: LineExtras,
  ): void {
    const sink = this.#sink;
    if (level === "debug" && sink.full) {
      this.#written.debug++;
      sink.drop(level, event.name);
      return;
    }
    if (this.instrumentation !== undefined) {
      this.deliver(this.render(level, event, bindings, fields, context, extras), level, event, context);
      return;
    }
    if (level === "error") releaseRecording(context);
    this.#written[level]++;
    const lines = this.#lines;
    const shared = context === undefined ? bindings : context.sharedFields(lines, bindings);
    const line = lines.compose(level, event, shared, fields, extras);
    if (line !== undefined) sink.write(line, level, event.name);
    else if (sink.writeBuffer === undefined) sink.write(lines.buffer.whole, level, event.name);
    else sink.writeBuffer(lines.buffer, level, event.name);
  }

  /** The line that {@link write} would write, for {@link record} or {@link deliver}. */
  render(
    level: Level,
    event: EventName,
    bindings: SharedFields,
    fields: unknown,
    context: Context | undefined,
    extras?: LineExtras,
  ): string {
    const shared = context === undefined ? bindings : context.sharedFields(this.#lines, bindings);
    const line = this.#lines.render(level, event, shared, fields, extras);
    return this.instrumentation?.text?.(line, level) ?? line;
  }

  /** Keeps a rendered debug line for its request's recording. */
  record(line: string, event: EventName, context: Context | undefined): void {
    const request = context?.request;
    if (request?.recorder === undefined) return;
    request.recording ??= new Recording(request.recorder);
    request.recording.recorder.add(request.recording, line, event, this);
  }

  /**
   * Hands over a rendered line; before an error line goes what its request has recorded.
   *
   * @param number pino's number of its level, where it came by pino
   */
  deliver(line: string, level: Level, event: EventName, context: Context | undefined, number?: number): void {
    if (level === "error") releaseRecording(context);
    this.#written[level]++;
    const through = this.instrumentation?.stream;
    if (through === undefined) {
      this.#sink.write(line, level, event.name, number);
      return;
    }
    this.#underway = { level, name: event.name, number };
    through(line, level, event);
  }

  /** Where an instrumentation's stream hands on the line that {@link deliver} gave it. */
  toSink(line: string): void {
    const { level, name, number } = this.#underway;
    this.#sink.write(line, level, name, number);
  }

  /** A line about the log itself: a debug line that passes any threshold. */
  tell(name: string, fields: object): void {
    this.write("debug", this.scope.ownEvent(name), this.bindings, fields, currentContext());
  }

  counts(): LoggerCounts {
    return {
      ...this.#written,
      dropped: this.#sink.dropped,
      throttled: this.gates.throttled,
      badNames: this.badNames.count,
      undeclaredFields: this.undeclaredFields,
      redacted: this.#redactor?.counts() ?? {},
    };
  }

  // Whoever's timer or flush it is: the line is about others, too.
  #tellApart(name: string, fields: object): void {
    withoutContext(() => this.tell(name, fields));
  }

  #tellSuppressed({ event, route, type, template, repeats }: Suppressed): void {
    const extras = template === undefined ? { repeats } : { repeats, text: template };
    withoutContext(() => this.write("error", event, this.bindings, { route, type }, undefined, extras));
  }
}

function releaseRecording(context: Context | undefined): void {
  context?.request?.release();
}
