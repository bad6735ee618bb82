import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { currentFrame, type ObservedRequest, runInFrame, runWithLog } from "@whodunit/core";
import type { FlightRecorder, Recording } from "./gates/flight-recorder.ts";
import { NO_FIELDS, type SharedFields } from "./line/shared-fields.ts";

// A context's fields are being read, and a getter among them may log, in a context of its own even. Such a line has
// none of them: it would ask that getter again.
let reading = false;

/** What a context inside a request knows of it. */
export class RequestState {
  /** The token by which debug lines inside are written whatever the level; undefined where none is good. */
  readonly debugToken: string | undefined;
  /** Who keeps debug lines under the threshold; undefined with the recorder off, and after the end. */
  recorder: FlightRecorder | undefined;
  /** Where they wait; undefined while there are none. */
  recording: Recording | undefined;
  // Let go of when the request ends: what goes on after it must not keep its body.
  #observed: ObservedRequest | undefined;
  #route: string | undefined;

  constructor(
    observed: ObservedRequest,
    debugToken: string | undefined,
    recorder: FlightRecorder | undefined,
  ) {
    this.#observed = observed;
    this.debugToken = debugToken;
    this.recorder = recorder;
  }

  /** The route, once it is known. */
  get route(): string | undefined {
    return this.#observed === undefined ? this.#route : this.#observed.route;
  }

  /** Writes what was recorded of it. */
  release(): void {
    this.recording?.recorder.release(this.recording);
  }

  /** Lets go of the request, which is over, and of what was recorded of it. */
  end(): void {
    this.#route = this.route;
    this.#observed = undefined;
    this.recorder = undefined;
    this.recording?.recorder.close(this.recording);
  }
}

/** Who writes a context's fields: a logger, with its redactor and its limits. */
interface FieldsWriter {
  sharedFields(fields: object): SharedFields;
  merged(under: SharedFields, over: SharedFields): SharedFields;
}

/** What belongs to everything that happens inside one `withContext`, async included. */
export class Context {
  /** The caller's fields, with those of the contexts around. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly request: RequestState | undefined;
  // The context's fields as text belong to the logger that wrote them: its redactor, its limits.
  #writtenBy: FieldsWriter | undefined;
  #written: SharedFields = NO_FIELDS;
  #mergedFor: SharedFields | undefined;
  #merged: SharedFields = NO_FIELDS;

  /** A context within the present one: `fields` come on top of its own. */
  constructor(fields: object, request?: RequestState) {
    const around = currentContext();
    this.fields = together(around?.fields, fields);
    this.request = request ?? around?.request;
  }

  /** The fields as text, made once a logger, with a child logger's `bindings` on top. */
  sharedFields(owner: FieldsWriter, bindings: SharedFields): SharedFields {
    if (this.#writtenBy === owner && this.#mergedFor === bindings) return this.#merged;
    if (this.#writtenBy !== owner) {
      if (reading) return bindings;
      reading = true;
      try {
        this.#written = owner.sharedFields(this.fields);
      } finally {
        reading = false;
      }
      this.#writtenBy = owner;
    }
    this.#mergedFor = bindings;
    this.#merged = owner.merged(this.#written, bindings);
    return this.#merged;
  }
}

/** The innermost context of the running code. */
export function currentContext(): Context | undefined {
  return currentFrame()?.log as Context | undefined;
}

/** Runs `run` in no context and no span, for a line that concerns more than the request that happens to run. */
export function withoutContext(run: () => void): void {
  // Twice: where another's context manager stands, the span is in no frame.
  runInFrame(undefined, () => context.with(ROOT_CONTEXT, run));
}

/**
 * Runs `run` and puts `fields` on every line written inside, by any logger, async code included. Contexts
 * nest: the inner one's fields come on top of those around it.
 *
 * @returns what `run` returns
 */
export function withContext<Result>(fields: object, run: () => Result): Result {
  return runWithLog(new Context(fields), run);
}

// A copy: what the caller does to its object later is its own affair.
function together(
  around: Readonly<Record<string, unknown>> | undefined,
  fields: object,
): Readonly<Record<string, unknown>> {
  try {
    // To copy one object alone costs an engine a fraction of adding its fields to another.
    return around === undefined ? { ...fields } : { ...around, ...fields };
  } catch {
    // A getter of the caller's threw: the code inside must run all the same.
    return around ?? {};
  }
}
