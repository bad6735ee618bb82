import { propagation } from "@opentelemetry/api";
import { DebugTokens, type ObservedRequest } from "@whodunit/core";
import { type Context, currentContext, RequestState } from "../context.ts";
import type { EventName } from "../line/event-name.ts";
import type { ResolvedOptions } from "../options.ts";
import { FlightRecorder } from "./flight-recorder.ts";
import { type LevelChange, Levels, OWN_DEBUG } from "./levels.ts";
import type { Scope } from "./scope.ts";
import { type Suppressed, Throttle } from "./throttle.ts";

/** What becomes of a debug line. */
export type Fate = "write" | "record" | "drop";

/** Who writes what the gates have to say about themselves. */
interface GateNews {
  /** `ended` where it is a temporary level that has come to its end by itself. */
  levelChanged(change: LevelChange, ended: boolean): void;
  recordingsSkipped(count: number): void;
  linesSuppressed(suppressed: Suppressed): void;
}

/** Decide which lines are written: by level, by request, and by how many there are of a kind. */
export class Gates {
  readonly levels: Levels;
  readonly #recorder: FlightRecorder | undefined;
  readonly #throttle: Throttle | undefined;
  readonly #tokens: DebugTokens | undefined;

  constructor({ levels, recorder, throttle }: ResolvedOptions, news: GateNews) {
    this.levels = new Levels(levels, (change, ended) => news.levelChanged(change, ended));
    if (recorder !== false) {
      this.#recorder = new FlightRecorder(recorder, (count) => news.recordingsSkipped(count));
    }
    if (throttle !== false) {
      this.#throttle = new Throttle(throttle, (suppressed) => news.linesSuppressed(suppressed));
    }
    this.#tokens = DebugTokens.fromEnvironment("createLogger");
  }

  /** Whether a debug line under the threshold may be wanted all the same. */
  get attentive(): boolean {
    return this.#recorder !== undefined || this.#tokens !== undefined;
  }

  /** How many error lines were not written. */
  get throttled(): number {
    return this.#throttle?.total ?? 0;
  }

  /** What becomes of a debug line of this name, and of this number by pino's count, here and now. */
  fate(scope: Scope, event: EventName, context: Context | undefined, number: number = OWN_DEBUG): Fate {
    if (scope.version !== this.levels.version) scope.decide();
    if (scope.admits(event, number)) return "write";
    const request = context?.request;
    if (request?.debugToken !== undefined) return "write";
    // Work without a request of ours: a message of a queue, another instrumentation's server.
    if (this.#tokens?.accepts(propagation.getActiveBaggage()) === true) return "write";
    return request?.recorder !== undefined && this.#recorder !== undefined ? "record" : "drop";
  }

  /** Whether a debug line of this scope, and of this number by pino's count, may be written or recorded here and now. */
  debugs(scope: Scope, number: number): boolean {
    return this.fate(scope, scope.unnamed, currentContext(), number) !== "drop" || scope.debug === "by name";
  }

  /** Whether an error line is written; if not, it is counted. `text` is that of a line that nobody named. */
  admitsError(event: EventName, fields: unknown, context: Context | undefined, text?: string): boolean {
    return this.#throttle?.admit(event, context?.request?.route, fields, text) ?? true;
  }

  /** What the log context of a request holds beside its fields. */
  requestState(observed: ObservedRequest): RequestState {
    const debugToken = this.#tokens?.tokenOf(observed.request, propagation.getActiveBaggage());
    return new RequestState(observed, debugToken, this.#recorder);
  }

  /** Tells what waits for its second to be over. */
  settle(): void {
    this.#recorder?.settle();
    this.#throttle?.settle();
  }
}
