import type { Line } from "../line.ts";
import { createMapAnswer } from "../map/answer.ts";
import { createMapTraffic } from "../map/traffic.ts";
import type { MapAnswer } from "../page/browser/answers.ts";
import type { Span } from "../span.ts";
import type { SpanRow } from "./segment.ts";
import { type FolderOptions, SegmentFolder, sayWhy, sqliteCode } from "./segment-folder.ts";
import type { StoreCounts } from "./store-counts.ts";

const MAX_PENDING = 1_000;
const WRITE_EVERY_MS = 250;
// One endless trace (a poller, a queue worker) must not push all others out.
const TRACE_SHARE = 1 / 8;
const MAX_TRACES_WEIGHED = 20_000;
const SQLITE_FULL = 13;

/** Spans and lines: taken, counted, written in batches, and read. */
export class Telemetry {
  readonly #options: FolderOptions;
  readonly folder: SegmentFolder;
  readonly #traffic = createMapTraffic();
  readonly map: (windowS: 60 | 600) => Promise<MapAnswer> = createMapAnswer(this.#traffic, () =>
    this.counts(),
  );
  #spans: SpanRow[] = [];
  #lines: Line[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #weights = new Map<string, number>();
  #received = 0;
  #receivedLines = 0;
  #dropped = 0;
  #problem: string | null = null;

  constructor(options: FolderOptions) {
    this.#options = options;
    this.folder = new SegmentFolder(options);
  }

  /** Takes spans and lines. They are written within a quarter of a second. */
  add(spans: readonly Span[], lines: readonly Line[]): void {
    this.#received += spans.length;
    this.#receivedLines += lines.length;
    for (const span of spans) {
      const body = JSON.stringify(span);
      if (this.#isTooMuch(span.traceId, body.length)) this.#dropped += 1;
      else this.#spans.push({ span, body });
      if (this.#spans.length >= MAX_PENDING) this.write();
    }
    for (const line of lines) {
      this.#lines.push(line);
      if (this.#lines.length >= MAX_PENDING) this.write();
    }
    if (this.#spans.length + this.#lines.length > 0)
      this.#timer ??= setTimeout(() => this.write(), WRITE_EVERY_MS);
  }

  /** Writes what is waiting. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = { spans: this.#spans, lines: this.#lines };
    if (batch.spans.length + batch.lines.length === 0) return;
    this.#spans = [];
    this.#lines = [];
    for (;;) {
      try {
        for (const span of this.folder.write(batch)) this.#traffic.observe(span);
        this.#problem = null;
        return;
      } catch (error) {
        // The oldest makes room for the newest, as it does when the bound is reached.
        if (sqliteCode(error) === SQLITE_FULL && this.folder.giveWay()) continue;
        this.#dropped += batch.spans.length + batch.lines.length;
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
    this.write();
    this.folder.close();
  }

  #isTooMuch(traceId: string, bytes: number): boolean {
    const weight = (this.#weights.get(traceId) ?? 0) + bytes;
    if (weight > this.#options.maxBytes * TRACE_SHARE) return true;
    this.#weights.set(traceId, weight);
    if (this.#weights.size > MAX_TRACES_WEIGHED) this.#weights.delete(this.#weights.keys().next().value!);
    return false;
  }
}
