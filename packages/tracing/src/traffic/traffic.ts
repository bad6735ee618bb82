import { TraceFlags } from "@opentelemetry/api";
import { optionError, type ProcessChange, recentChanges, reportFault } from "@whodunit/core";
import { type Clock, SystemClock } from "../running/system-clock.ts";
import { inSlices } from "./in-slices.ts";
import { METRIC_FAMILIES } from "./open-metrics.ts";
import type { Series, Trace, TrafficPast, TrafficSeries, TrafficSide, Verdict } from "./series.ts";
import { SeriesTable } from "./series-table.ts";
import { WINDOWS, type WindowSeconds } from "./slots.ts";

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
  /**
   * Neither success nor failure. Server: the client went away; a response that this service tore itself is a failure,
   * by `errorType` beside the status that was sent. Client: this service gave the call up itself.
   */
  readonly aborted: boolean;
  /** From the request's beginning to its end. */
  readonly durationMs: number;
  /** From the request's beginning to the headers of its response: the latency that is counted. @default durationMs */
  readonly latencyMs?: number | undefined;
  /** The trace to show as an example; undefined where none was recorded. */
  readonly trace:
    | { readonly traceId: string; readonly spanId: string; readonly traceFlags?: number }
    | undefined;
  /** What was thrown, by type, for the exemplar. */
  readonly thrown: string | undefined;
}

/** Something that was changed in a process. */
export interface TrafficChange {
  /** ISO 8601. */
  readonly at: string;
  /** `start`: the process itself; `level`: of log lines; `report`: told by `reportChange`. */
  readonly kind: "start" | "level" | "report";
  /** In words: `version 1.8.3`, `voting-ballot debug for 10 min`, `flag checkout-v2 on`. */
  readonly what: string;
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
  /** What was changed in this process, the latest last; its start is the first. */
  readonly changes: readonly TrafficChange[];
  /** What each series was like before the longest window, over an hour and over a day. */
  readonly baseline: readonly TrafficPast[];
}

// A span to a peer that went well has no status code.
const OK = "ok";
const STATUS_CLASSES = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "7xx", "8xx", "9xx"];

// A clock that is not set, only steered, is off by less.
const CLOCK_WAS_SET_MS = 1_000;

/** Who the traffic belongs to, and how it is judged. */
export interface TrafficOptions {
  readonly service: string;
  readonly instance: string;
  readonly version: string | null;
  readonly classify: Classify | undefined;
  /** Takes secrets out of names; asked once a series, always for names that hold any, and when somebody reads. @default as they are */
  readonly clean?: (text: string) => string;
  /** @default the system's */
  readonly clock?: Clock;
}

/** How many requests of one caller or callee and one route a window holds. */
export type TrafficCounts = Pick<
  TrafficSeries,
  "side" | "peer" | "route" | "windowS" | "count" | "failures" | "aborted"
>;

/** Counts every request by side, peer and route, sampled or not, in bounded memory. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  /** What makes wall time of the monotonic clock's; the same for all that is shown until somebody sets the clock. */
  #toWall = Number.NaN;
  readonly #table: SeriesTable;
  #listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#clock = options.clock ?? new SystemClock();
    this.#table = new SeriesTable(options.clean ?? ((text) => text));
    this.#startedAtMs = this.#clock.monotonicMs();
  }

  /** Counts one request. Returns how it was judged. */
  record(record: TrafficRecord): Verdict {
    const nowMs = this.#clock.monotonicMs();
    const verdict = record.aborted ? "aborted" : this.#judge(record);
    const series = this.#table.of(record.side, record.peer, record.route, nowMs);
    const latencyMs = record.latencyMs ?? record.durationMs;
    series.add(nowMs, verdict, classOf(record), latencyMs, exemplarOf(record, verdict, nowMs));
    this.#listener?.(record, verdict);
    return verdict;
  }

  /**
   * @internal A call that {@link record} counted as a success `agoMs` milliseconds ago has failed after all: it counts
   * once, as a failure, from now on.
   */
  recordLateFailure(counted: TrafficRecord, errorType: string, agoMs: number): void {
    const record = { ...counted, errorType };
    if (this.#judge(record) !== "failure") return;
    const nowMs = this.#clock.monotonicMs();
    const series = this.#table.of(record.side, record.peer, record.route, nowMs);
    const latencyMs = record.latencyMs ?? record.durationMs;
    const classes = [classOf(counted), classOf(record)] as const;
    series.addLateFailure(nowMs, nowMs - agoMs, classes, latencyMs, exemplarOf(record, "failure", nowMs));
    this.#listener?.(record, "failure");
  }

  /** @internal Calls `listener` for each request; undefined ends it. */
  listen(listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined): void {
    this.#listener = listener;
  }

  /**
   * The counts of now. A series appears once per window in which it had traffic. With a thousand series this holds the
   * event loop for tens of milliseconds: ask {@link counts} for counts.
   */
  snapshot(): TrafficSnapshot {
    const nowMs = this.#lookAtClocks();
    const series: TrafficSeries[] = [];
    const baseline: TrafficPast[] = [];
    for (const one of this.#table.all()) {
      series.push(...this.#windowsOf(one, nowMs));
      baseline.push(...one.past(nowMs));
    }
    return { ...this.#head(nowMs), series, baseline };
  }

  /** How many requests each series had in a window: at once, whatever the number of series. */
  counts(windowS: WindowSeconds): readonly TrafficCounts[] {
    const nowMs = this.#clock.monotonicMs();
    const index = WINDOWS.findIndex((window) => window.windowS === windowS);
    if (index === -1) throw optionError("counts", "windowS", windowS, "10, 60 or 600");
    const counts: TrafficCounts[] = [];
    for (const one of this.#table.all()) {
      const { successes, failures, aborted } = one.totals(index, nowMs);
      if (successes + failures + aborted === 0) continue;
      const { side, peer, route } = one;
      counts.push({ side, peer, route, windowS, count: successes + failures, failures, aborted });
    }
    return counts;
  }

  /** {@link snapshot} as JSON, in slices that do not hold the event loop. */
  async *snapshotJson(): AsyncGenerator<string, void, undefined> {
    const nowMs = this.#lookAtClocks();
    const all = [...this.#table.all()];
    yield JSON.stringify(this.#head(nowMs)).slice(0, -1);
    yield* listed("series", all, (one) => this.#windowsOf(one, nowMs));
    yield* listed("baseline", all, (one) => one.past(nowMs));
    yield "}";
  }

  /**
   * The counts since the start as OpenMetrics 1.0, each bucket of times to headers with a recent trace, in slices that
   * do not hold the event loop.
   */
  async *openMetrics(): AsyncGenerator<string, void, undefined> {
    const nowMs = this.#lookAtClocks();
    const series = [...this.#table.all()];
    for (const { head, lines } of METRIC_FAMILIES) {
      yield head;
      yield* inSlices(series, (one) => lines(one, nowMs, this.#toWallMs));
    }
    yield "# EOF\n";
  }

  #windowsOf(one: Series, nowMs: number): TrafficSeries[] {
    const windows: TrafficSeries[] = [];
    for (let i = 0; i < WINDOWS.length; i++) {
      const window = one.window(i, nowMs, this.#toWallMs);
      if (window !== undefined) windows.push(window);
    }
    return windows;
  }

  #head(nowMs: number): Omit<TrafficSnapshot, "series" | "baseline"> {
    const { service, instance, version } = this.#options;
    const [startedAt, now] = [this.#startedAtMs, nowMs].map((ms) =>
      new Date(this.#toWallMs(ms)).toISOString(),
    );
    const start = {
      at: startedAt!,
      kind: "start",
      what: version === null ? "" : `version ${version}`,
    } as const;
    const changes = [start, ...recentChanges().map((change) => this.#shown(change))];
    return { service, instance, version, startedAt: startedAt!, now: now!, changes };
  }

  #shown({ atMs, kind, what }: ProcessChange): TrafficChange {
    const clean = this.#options.clean ?? ((text) => text);
    return { at: new Date(atMs).toISOString(), kind, what: clean(what) };
  }

  readonly #toWallMs = (atMs: number): number => atMs + this.#toWall;

  /** The monotonic time of now; follows the wall clock where somebody has set it. */
  #lookAtClocks(): number {
    const nowMs = this.#clock.monotonicMs();
    const toWall = this.#clock.wallMs(nowMs) - nowMs;
    // Within that the start keeps its name: readers tell instances apart by it.
    if (!(Math.abs(toWall - this.#toWall) < CLOCK_WAS_SET_MS)) this.#toWall = toWall;
    return nowMs;
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

/** A member of a JSON object that is a list, in slices. */
async function* listed(
  name: string,
  all: readonly Series[],
  itemsOf: (one: Series) => readonly object[],
): AsyncGenerator<string, void, undefined> {
  yield `,"${name}":[`;
  let separator = "";
  yield* inSlices(all, (one) =>
    itemsOf(one).map((item) => {
      const text = `${separator}${JSON.stringify(item)}`;
      separator = ",";
      return text;
    }),
  );
  yield "]";
}

/** What a request is counted under beside its verdict: the error there was, else the class of its status. */
function classOf({ status, errorType }: TrafficRecord): string {
  return errorType ?? (status === undefined ? OK : (STATUS_CLASSES[Math.floor(status / 100)] ?? "_other"));
}

/** The request as an example, where its trace goes anywhere. */
function exemplarOf(record: TrafficRecord, verdict: Verdict, nowMs: number): Trace | undefined {
  const { trace, status, errorType, durationMs: wholeMs, latencyMs: durationMs = wholeMs } = record;
  if (trace === undefined) return undefined;
  const failed = verdict === "failure";
  // What keepErrors records of a trace that is not sampled goes on only where it failed.
  const isSampled = ((trace.traceFlags ?? TraceFlags.SAMPLED) & TraceFlags.SAMPLED) !== 0;
  if (!isSampled && !failed) return undefined;
  const { traceId, spanId } = trace;
  const error = record.thrown ?? errorType;
  return { traceId, spanId, atMs: nowMs, durationMs, status: status ?? errorType ?? OK, failed, error };
}
