import { TraceFlags } from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { GAMMA } from "./histogram.ts";
import { renderOpenMetrics } from "./open-metrics.ts";
import type { Trace, TrafficSeries, TrafficSide, Verdict } from "./series.ts";
import { WINDOWS } from "./slots.ts";
import { SeriesTable } from "./table.ts";

/** A request as {@link TracingOptions.classify} judges it. */
export interface TrafficOutcome {
  readonly side: TrafficSide;
  readonly peer: string;
  readonly route: string;
  /** The status code; undefined where there was no answer. */
  readonly status: number | undefined;
  /** What went wrong instead of an answer, by code or type (`ECONNREFUSED`). */
  readonly errorType: string | undefined;
}

/** Decides whether a request failed. */
export type Classify = (outcome: TrafficOutcome) => "success" | "failure";

/** Everything {@link Traffic} is told about one request. */
export interface TrafficRecord extends TrafficOutcome {
  readonly aborted: boolean;
  readonly durationMs: number;
  /** The trace to show as an example; undefined where none was recorded. */
  readonly trace:
    | { readonly traceId: string; readonly spanId: string; readonly traceFlags?: number }
    | undefined;
  /** What was thrown, by type, for the exemplar. */
  readonly thrown: string | undefined;
}

/** All series of one process at one moment; what `GET /debug/traffic` answers. */
export interface TrafficSnapshot {
  readonly service: string;
  /** Tells instances of a service apart; new with each start. */
  readonly instance: string;
  readonly version: string | null;
  /** When counting began, ISO 8601. */
  readonly startedAt: string;
  readonly now: string;
  readonly series: readonly TrafficSeries[];
}

// A span to a peer that went well has no status code.
const OK = "ok";
const STATUS_CLASSES = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "7xx", "8xx", "9xx"];

/** Who the traffic belongs to, and how it is judged. */
export interface TrafficOptions {
  readonly service: string;
  readonly instance: string;
  readonly version: string | null;
  readonly classify: Classify | undefined;
  /** Takes secrets out of names; asked once a series, always for names that hold any, and when somebody reads. @default as they are */
  readonly clean?: (text: string) => string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Counts every request by side, peer and route, sampled or not, in bounded memory. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #now: () => number;
  readonly #startedAt: string;
  readonly #table: SeriesTable;
  #listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#table = new SeriesTable(options.clean ?? ((text) => text));
    this.#startedAt = new Date(this.#now()).toISOString();
  }

  /** Counts one request. Returns how it was judged. */
  record(record: TrafficRecord): Verdict {
    const nowMs = this.#now();
    const verdict = record.aborted ? "aborted" : this.#judge(record);
    const series = this.#table.of(record.side, record.peer, record.route, nowMs);
    const { status, errorType } = record;
    const className =
      errorType ?? (status === undefined ? OK : (STATUS_CLASSES[Math.floor(status / 100)] ?? "_other"));
    const { durationMs } = record;
    series.add(nowMs, verdict, className, durationMs, exemplarOf(record, verdict, nowMs));
    this.#listener?.(record, verdict);
    return verdict;
  }

  /** @internal Calls `listener` for each request; undefined ends it. */
  listen(listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined): void {
    this.#listener = listener;
  }

  /** The counts of now. A series appears once per window in which it had traffic. */
  snapshot(): TrafficSnapshot {
    const { service, instance, version } = this.#options;
    const nowMs = this.#now();
    const series: TrafficSeries[] = [];
    for (const one of this.#table.all()) {
      for (let i = 0; i < WINDOWS.length; i++) {
        const window = one.window(i, nowMs, GAMMA);
        if (window !== undefined) series.push(window);
      }
    }
    const at = new Date(nowMs).toISOString();
    return { service, instance, version, startedAt: this.#startedAt, now: at, series };
  }

  /** The counts since the start as OpenMetrics 1.0, each bucket of durations with a recent trace. */
  openMetrics(): string {
    return renderOpenMetrics(this.#table.all(), this.#now());
  }

  #judge(outcome: TrafficOutcome): Verdict {
    const { classify } = this.#options;
    if (classify !== undefined) {
      try {
        const verdict = classify(outcome);
        if (verdict === "success" || verdict === "failure") return verdict;
        reportFault("WHODUNIT_CLASSIFY", new TypeError("neither success nor failure"));
      } catch (error) {
        reportFault("WHODUNIT_CLASSIFY", error);
      }
    }
    const { status = 0 } = outcome;
    return outcome.errorType !== undefined || status >= 500 ? "failure" : "success";
  }
}

/** The request as an example, where its trace goes anywhere. */
function exemplarOf(record: TrafficRecord, verdict: Verdict, nowMs: number): Trace | undefined {
  const { trace, status, errorType, durationMs } = record;
  if (trace === undefined) return undefined;
  const failed = verdict === "failure";
  // What keepErrors records of a trace that is not sampled goes on only where it failed.
  const isSampled = ((trace.traceFlags ?? TraceFlags.SAMPLED) & TraceFlags.SAMPLED) !== 0;
  if (!isSampled && !failed) return undefined;
  const { traceId, spanId } = trace;
  const error = record.thrown ?? errorType;
  return { traceId, spanId, atMs: nowMs, durationMs, status: status ?? errorType ?? OK, failed, error };
}
