import { clusterWorkers, optionError, type ProcessChange, recentChanges, reportFault } from "@whodunit/core";
import type { ResourceWindow } from "../resources/resources.ts";
import { type Clock, SystemClock } from "../running/system-clock.ts";
import { Described } from "./described.ts";
import { listInSlices } from "./in-slices.ts";
import { renderScrape, type ScrapeFormat } from "./open-metrics.ts";
import { Reading } from "./reading.ts";
import { type Classify, classOf, exemplarOf, type TrafficOutcome, type TrafficRecord } from "./record.ts";
import type { Series, TrafficSeries, Verdict } from "./series.ts";
import { SeriesTable } from "./series-table.ts";
import { WINDOWS, type WindowSeconds } from "./slots.ts";
import type { TrafficChange, TrafficSnapshot } from "./snapshot.ts";
import { UnansweredRequests } from "./unanswered.ts";

// The window of resources that a scraper is told: few scrape more seldom.
const SCRAPED_S = 60;

// What is held may have to be kept twice: what so many readers hold is as much as they can have us keep.
const HELD_MAX = 4;

// A clock that is not set, only steered, is off by less.
const CLOCK_WAS_SET_MS = 1_000;

const asItIs = (text: string): string => text;

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
  /** What the process had and needed. @default nothing */
  readonly resources?: () => readonly ResourceWindow[];
}

/** How many requests of one caller or callee and one route a window holds. */
export type TrafficCounts = Pick<
  TrafficSeries,
  "side" | "peer" | "route" | "windowS" | "count" | "failures" | "aborted"
>;

/** Counts every request by side, peer and route, sampled or not, in bounded memory. */
export class Traffic {
  /** @internal What is under way, and shown beside what is counted once it takes long. */
  readonly unanswered: UnansweredRequests = new UnansweredRequests();
  readonly #options: TrafficOptions;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  /** What makes wall time of the monotonic clock's; the same for all that is shown until somebody sets the clock. */
  #toWall = Number.NaN;
  readonly #table: SeriesTable;
  readonly #described: Described;
  // The oldest first.
  readonly #held = new Set<Reading>();
  #listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined;
  /** @internal What becomes of spans, told with the counts. */
  spans: (() => NonNullable<TrafficSnapshot["spans"]>) | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#clock = options.clock ?? new SystemClock();
    this.#table = new SeriesTable(options.clean ?? asItIs);
    this.#described = new Described(options.clean ?? asItIs);
    this.#startedAtMs = this.#clock.monotonicMs();
  }

  /** Counts one request. Returns how it was judged. */
  record(record: TrafficRecord): Verdict {
    const nowMs = this.#clock.monotonicMs();
    const verdict = record.aborted ? "aborted" : this.#judge(record);
    const series = this.#table.of(record.side, record.peer, record.route, nowMs);
    const latencyMs = record.latencyMs ?? record.durationMs;
    series.add(nowMs, verdict, classOf(record), latencyMs, exemplarOf(record, verdict, nowMs));
    if (record.described !== undefined && verdict !== "aborted") {
      this.#described.add(series, nowMs, verdict === "failure", record.described, record.path ?? "");
    }
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
    return { ...this.#head(nowMs), ...this.#read(nowMs).lists() };
  }

  /** How many requests each series had in a window: at once, whatever the number of series. */
  counts(windowS: WindowSeconds): readonly TrafficCounts[] {
    const nowMs = this.#clock.monotonicMs();
    const index = WINDOWS.findIndex((one) => one.windowS === windowS);
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

  /**
   * {@link snapshot} as JSON, in slices that do not hold the event loop: all of it as it was when the first was asked for. Of
   * more than four that are under way the oldest goes on with the counts of then.
   */
  async *snapshotJson(): AsyncGenerator<string, void, undefined> {
    const nowMs = this.#lookAtClocks();
    const reading = this.#read(nowMs);
    reading.hold();
    this.#held.add(reading);
    if (this.#held.size > HELD_MAX) this.#letGo(this.#held.values().next().value as Reading);
    try {
      yield JSON.stringify(this.#head(nowMs)).slice(0, -1);
      yield* listInSlices("series", reading.all, reading.windows);
      yield* listInSlices("baseline", reading.all, reading.pasts);
      yield* listInSlices("attributes", reading.all, reading.attributes);
      yield "}";
    } finally {
      this.#letGo(reading);
    }
  }

  #read(nowMs: number): Reading {
    const { clean = asItIs } = this.#options;
    const toWall = this.#toWall;
    const waiting = this.#waiting(nowMs);
    const moment = { nowMs, toWallMs: (atMs: number) => atMs + toWall, clean };
    return new Reading([...this.#table.all()], waiting, this.#described, moment);
  }

  #letGo(reading: Reading): void {
    this.#held.delete(reading);
    reading.letGo();
  }

  /**
   * The counts since the start for a scraper, each class of requests and each bucket of times to headers with a recent
   * trace where the format has exemplars: at most 300 series. What fails and what is busy is told by name, the rest
   * together as `_other`.
   */
  scrape(format: ScrapeFormat): string {
    const nowMs = this.#lookAtClocks();
    const { service, instance, version } = this.#options;
    const resources = this.#options.resources?.() ?? [];
    return renderScrape(
      {
        ...{ service, instance, version, nowMs, toWallMs: this.#toWallMs },
        startedAtMs: this.#toWallMs(this.#startedAtMs),
        shown: this.#table.shown(nowMs),
        resources: resources.find(({ windowS }) => windowS === SCRAPED_S) ?? resources[0],
        changes: recentChanges().map((change) => this.#shown(change)),
      },
      format,
    );
  }

  /** For how long the requests of each series have waited that are not answered. */
  #waiting(nowMs: number): Map<Series, number[]> {
    const waiting = new Map<Series, number[]>();
    for (const { one, waitedMs } of this.unanswered.late(performance.now())) {
      const names = one.waitsFor();
      if (names === undefined) continue;
      const series = this.#table.of(names.side, names.peer, names.route, nowMs);
      const others = waiting.get(series);
      if (others === undefined) waiting.set(series, [waitedMs]);
      else others.push(waitedMs);
    }
    return waiting;
  }

  #head(nowMs: number): Omit<TrafficSnapshot, "series" | "baseline" | "attributes"> {
    const { service, instance, version } = this.#options;
    const [startedAt, now] = [this.#startedAtMs, nowMs].map((ms) =>
      new Date(this.#toWallMs(ms)).toISOString(),
    );
    const what = version === null ? "" : `version ${version}`;
    const start = { at: startedAt!, kind: "start", what } as const;
    const changes = [start, ...recentChanges().map((change) => this.#shown(change))];
    const workers = clusterWorkers();
    const told = workers === undefined ? {} : { workers };
    const resources = this.#options.resources?.() ?? [];
    const spans = this.spans === undefined ? {} : { spans: this.spans() };
    const at = { startedAt: startedAt!, now: now! };
    return { service, instance, ...told, version, ...at, changes, resources, ...spans };
  }

  #shown({ atMs, kind, what }: ProcessChange): TrafficChange {
    const { clean = asItIs } = this.#options;
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
    const { status = 0, errorType, refused = false } = outcome;
    return (errorType !== undefined && !refused) || status >= 500 ? "failure" : "success";
  }
}
