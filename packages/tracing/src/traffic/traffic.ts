import { TraceFlags } from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { GAMMA } from "./histogram.ts";
import { renderOpenMetrics } from "./open-metrics.ts";
import { Series, type Trace, type TrafficSeries, type TrafficSide, type Verdict } from "./series.ts";
import { WINDOWS } from "./slots.ts";

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

const SERIES_MAX = 1_000;
const OTHER = "_other";
const NAME_MAX = 256;
// A span to a peer that went well has no status code.
const OK = "ok";
const LONGEST_WINDOW_MS = 600_000;
const IDLE_MS = 60_000;
// Each search of a full table makes room for some new series.
const GIVE_WAY_AT_ONCE = 64;
const STATUS_CLASSES = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "7xx", "8xx", "9xx"];

/** Who the traffic belongs to, and how it is judged. */
export interface TrafficOptions {
  readonly service: string;
  readonly instance: string;
  readonly version: string | null;
  readonly classify: Classify | undefined;
  /** Takes secrets out of names; asked once a series, and when somebody reads. @default as they are */
  readonly clean?: (text: string) => string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Counts every request by side, peer and route, sampled or not, in bounded memory. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #now: () => number;
  readonly #clean: (text: string) => string;
  readonly #startedAt: string;
  // By route first: there are fewer routes than routes times callers, so the second map is small.
  readonly #sides = {
    server: new Map<string, Map<string, Series>>(),
    client: new Map<string, Map<string, Series>>(),
  };
  #listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined;
  #size = 0;
  #evictableFromMs = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { clean = (text) => text } = options;
    // Cut after the secrets are out: half of one might pass for none.
    this.#clean = (text) => ownCopy(shortened(clean(text)));
    this.#startedAt = new Date(this.#now()).toISOString();
  }

  /** Counts one request. Returns how it was judged. */
  record(record: TrafficRecord): Verdict {
    const nowMs = this.#now();
    const verdict = record.aborted ? "aborted" : this.#judge(record);
    const series = this.#series(record.side, record.peer, record.route, nowMs);
    const { status, errorType } = record;
    const className =
      errorType ?? (status === undefined ? OK : (STATUS_CLASSES[Math.floor(status / 100)] ?? OTHER));
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
    for (const found of this.#find()) {
      for (let i = 0; i < WINDOWS.length; i++) {
        const window = found.series.window(i, nowMs, GAMMA);
        if (window !== undefined) series.push(window);
      }
    }
    const at = new Date(nowMs).toISOString();
    return { service, instance, version, startedAt: this.#startedAt, now: at, series };
  }

  /** The counts since the start as OpenMetrics 1.0, each bucket of durations with a recent trace. */
  openMetrics(): string {
    return renderOpenMetrics(
      [...this.#find()].map(({ series }) => series),
      this.#now(),
    );
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

  #series(side: TrafficSide, peer: string, route: string, nowMs: number): Series {
    const known = this.#sides[side].get(shortened(route))?.get(shortened(peer));
    if (known !== undefined) return known;
    if (this.#size >= SERIES_MAX - 2 && route !== OTHER && !this.#evict(nowMs)) {
      return this.#series(side, OTHER, OTHER, nowMs);
    }
    const series = new Series(side, peer, route, this.#clean);
    const [routeKey, peerKey] = [ownCopy(shortened(route)), ownCopy(shortened(peer))];
    const peers = this.#sides[side].get(routeKey);
    if (peers === undefined) this.#sides[side].set(routeKey, new Map([[peerKey, series]]));
    else peers.set(peerKey, series);
    this.#size++;
    return series;
  }

  /**
   * Makes room: of the series that have been idle for a minute some give way, those that failed in the longest
   * window last, the longest idle first; their counts go on under `_other`. A full table is not searched again
   * before there can be one.
   */
  #evict(nowMs: number): boolean {
    if (nowMs < this.#evictableFromMs) return false;
    let nextMs = nowMs + IDLE_MS;
    const idle: Found[] = [];
    for (const found of this.#find()) {
      if (found.route === OTHER) continue;
      const goesMs = found.series.lastAtMs + IDLE_MS;
      if (goesMs <= nowMs) idle.push(found);
      else nextMs = Math.min(nextMs, goesMs);
    }
    const failed = ({ series }: Found): number => Number(series.failed(nowMs, LONGEST_WINDOW_MS));
    idle.sort((a, b) => failed(a) - failed(b) || a.series.lastAtMs - b.series.lastAtMs);
    for (const found of idle.slice(0, GIVE_WAY_AT_ONCE)) this.#giveWay(found, nowMs);
    this.#evictableFromMs = idle.length > 0 ? 0 : nextMs;
    return idle.length > 0;
  }

  #giveWay({ series, route, peer }: Found, nowMs: number): void {
    const side = this.#sides[series.side];
    const peers = side.get(route);
    peers?.delete(peer);
    if (peers?.size === 0) side.delete(route);
    this.#size--;
    this.#series(series.side, OTHER, OTHER, nowMs).absorb(series);
  }

  *#find(): Iterable<Found> {
    for (const side of Object.values(this.#sides)) {
      for (const [route, peers] of side) for (const [peer, series] of peers) yield { series, route, peer };
    }
  }
}

// Most names are short; a span's name may be a whole statement.
const shortened = (name: string): string => (name.length > NAME_MAX ? name.slice(0, NAME_MAX) : name);

/** A part of a string keeps all of it in memory; this is a string of its own. */
const ownCopy = (name: string): string => (name.length >= NAME_MAX ? Buffer.from(name).toString() : name);

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

/** A series, and the names it is kept by: its own are redacted. */
interface Found {
  readonly series: Series;
  readonly route: string;
  readonly peer: string;
}
