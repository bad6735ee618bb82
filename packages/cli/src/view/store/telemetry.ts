import { ChangeWatch } from "../history/change-watch.ts";
import { HealthWatch } from "../history/health-watch.ts";
import type { CallMinute, History } from "../history/history.ts";
import { MetricMinutes } from "../history/metric-minutes.ts";
import type { Line } from "../line.ts";
import { createMapAnswer, type MapAnswerer } from "../map/answer.ts";
import { createMapTraffic, type MapTraffic } from "../map/traffic.ts";
import type { Decoded } from "../otlp/decode.ts";
import type { Span } from "../span.ts";
import { findChanges, findHealthChanges } from "./find-history.ts";
import type { SpanRow } from "./segment.ts";
import { type FolderOptions, SegmentFolder, sayWhy, sqliteCode } from "./segment-folder.ts";
import type { StoreCounts } from "./store-counts.ts";

const MAX_PENDING = 1_000;
// A batch goes into one file whole: of large spans and lines few must be enough, or a file outgrows all that may be kept.
const PENDING_SHARE = 1 / 16;
const MAX_UNTOLD = 1_000;
const WRITE_EVERY_MS = 250;
// One endless trace (a poller, a queue worker) must not push all others out.
const TRACE_SHARE = 1 / 8;
const MAX_TRACES_WEIGHED = 20_000;
const SQLITE_FULL = 13;
const HOUR_MS = 3_600_000;

/** Spans and lines: taken, counted, written in batches, and read. */
export class Telemetry {
  readonly #options: FolderOptions;
  readonly folder: SegmentFolder;
  readonly traffic: MapTraffic = createMapTraffic();
  readonly map: MapAnswerer = createMapAnswer(this.traffic, () => this.counts());
  #spans: SpanRow[] = [];
  #lines: Line[] = [];
  #pendingBytes = 0;
  #calls: readonly CallMinute[] = [];
  #untold: Pick<History, "health" | "changes"> = { health: [], changes: [] };
  #timer: NodeJS.Timeout | undefined;
  // What is old goes also where nothing new comes.
  readonly #ageing: NodeJS.Timeout;
  readonly #weights = new Map<string, number>();
  #received = 0;
  #receivedLines = 0;
  #dropped = 0;
  #problem: string | null = null;

  readonly #metrics = new MetricMinutes();
  readonly #health: HealthWatch;
  readonly #changes: ChangeWatch;

  constructor(options: FolderOptions) {
    this.#options = options;
    this.folder = new SegmentFolder(options);
    this.#ageing = setInterval(() => this.folder.makeRoom(), Math.min(options.maxAgeMs, HOUR_MS)).unref();
    const oldestFirst = this.folder.newestFirst.toReversed();
    const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    this.#health = new HealthWatch(findHealthChanges(oldestFirst, all.toMs));
    this.#changes = new ChangeWatch(findChanges(oldestFirst, all).reverse());
  }

  /** Takes what arrived. It is written within a quarter of a second. */
  add(
    spans: readonly Span[],
    lines: readonly Line[],
    more: Partial<Pick<Decoded, "points" | "processes">> = {},
  ): void {
    const { points = [], processes = [] } = more;
    for (const process of processes) this.#changes.process(process, Date.now());
    for (const point of points) {
      this.#metrics.add(point);
      this.#health.point(point);
    }
    this.#received += spans.length;
    this.#receivedLines += lines.length;
    for (const span of spans) {
      const body = JSON.stringify(span);
      if (this.#isTooMuch(span.traceId, body.length)) this.#dropped += 1;
      else {
        this.#spans.push({ span, body });
        this.#pendingBytes += body.length;
      }
      if (this.#isMuch(this.#spans)) this.write();
    }
    for (const line of lines) {
      this.#health.line(line);
      this.#changes.line(line);
      this.#lines.push(line);
      this.#pendingBytes += sizeOf(line);
      if (this.#isMuch(this.#lines)) this.write();
    }
    if (this.#isWaiting) this.#timer ??= setTimeout(() => this.write(), WRITE_EVERY_MS);
  }

  /** Writes what is waiting. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isWaiting) return;
    const history = {
      calls: this.#calls,
      metrics: this.#metrics.take(),
      health: [...this.#untold.health, ...this.#health.take()],
      changes: [...this.#untold.changes, ...this.#changes.take()],
    };
    this.#untold = { health: [], changes: [] };
    const batch = { spans: this.#spans, lines: this.#lines, history };
    this.#calls = [];
    this.#spans = [];
    this.#lines = [];
    this.#pendingBytes = 0;
    for (;;) {
      try {
        for (const span of this.folder.write(batch)) this.traffic.observe(span);
        this.#problem = null;
        // Who called whom is known only now: it is written with the next batch.
        this.#calls = this.traffic.takeCalls();
        if (this.#calls.length > 0) this.#timer ??= setTimeout(() => this.write(), WRITE_EVERY_MS);
        return;
      } catch (error) {
        // The oldest makes room for the newest, as it does when the bound is reached.
        if (sqliteCode(error) === SQLITE_FULL && this.folder.giveWay()) continue;
        this.#dropped += batch.spans.length + batch.lines.length;
        // Nobody tells a change again: it waits for the next batch that can be written.
        const { health, changes } = history;
        this.#untold = { health: health.slice(-MAX_UNTOLD), changes: changes.slice(-MAX_UNTOLD) };
        const problem = sayWhy(error);
        if (this.#problem !== problem)
          this.#options.tell(`cannot write, what arrives is not kept: ${problem}`);
        this.#problem = problem;
        return;
      }
    }
  }

  counts(): StoreCounts {
    let traces = 0;
    let spans = 0;
    let lines = 0;
    for (const { segment } of this.folder.newestFirst) {
      const held = segment
        .prepare(
          `SELECT (SELECT ifnull(max(id), 0) FROM traces) AS traces, (SELECT ifnull(max(id), 0) FROM spans) AS spans,
             (SELECT ifnull(max(id), 0) FROM lines) AS lines`,
        )
        .get() as { traces: number; spans: number; lines: number };
      traces += held.traces;
      spans += held.spans;
      lines += held.lines;
    }
    return {
      traces,
      spans,
      lines,
      bytes: this.folder.bytes,
      maxBytes: this.#options.maxBytes,
      received: this.#received,
      receivedLines: this.#receivedLines,
      evicted: this.folder.evictedSpans,
      dropped: this.#dropped,
      problem: this.#problem,
    };
  }

  close(): void {
    clearInterval(this.#ageing);
    this.write();
    // And the calls that were found in it.
    this.write();
    this.folder.close();
  }

  get #isWaiting(): boolean {
    const own = this.#spans.length + this.#lines.length + this.#calls.length;
    return own > 0 || !this.#metrics.isEmpty || !this.#health.isEmpty || !this.#changes.isEmpty;
  }

  #isMuch({ length }: readonly unknown[]): boolean {
    return length >= MAX_PENDING || this.#pendingBytes >= this.#options.maxBytes * PENDING_SHARE;
  }

  #isTooMuch(traceId: string, bytes: number): boolean {
    const weight = (this.#weights.get(traceId) ?? 0) + bytes;
    if (weight > this.#options.maxBytes * TRACE_SHARE) return true;
    this.#weights.set(traceId, weight);
    if (this.#weights.size > MAX_TRACES_WEIGHED) this.#weights.delete(this.#weights.keys().next().value!);
    return false;
  }
}

function sizeOf({ text, fields }: Line): number {
  let size = text.length;
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "string") size += value.length;
    else if (typeof value === "object") size += JSON.stringify(value).length;
  }
  return size;
}
