import { LineSplitter } from "./line-splitter.ts";
import type { LogRecord } from "./record.ts";
import { readRecord } from "./record.ts";
import { Unwrapper } from "./unwrapper.ts";

/** What a summary counts. */
export interface SummariseOptions {
  /** Lines before this moment are left out, as are lines without a time. Default: every line counts. */
  readonly since?: Date;
}

/** How often one name needed attention. */
export interface NameCount {
  readonly name: string;
  readonly count: number;
  /** When it was first seen, ISO 8601; null where no line had a time. */
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  /** The first line of that name, at most 1 KB of it. */
  readonly example: string;
}

/** What needed attention, counted by name. */
export interface Summary {
  /** All error lines. */
  readonly total: number;
  /** Sorted by name. */
  readonly names: readonly NameCount[];
  /** Lines read, of any level. */
  readonly lines: number;
  /** Lines that are no log record: plain text, cut, mixed. */
  readonly skipped: number;
}

// Names are few by design; text of other loggers is not, and must not fill the memory.
const MAX_NAMES = 10_000;
const OTHER_NAMES = "(other)";
const EXAMPLE_LENGTH = 1_024;

interface NameTally {
  count: number;
  firstMs: number;
  lastMs: number;
  readonly example: string;
}

/** Counts the error lines of an NDJSON log by name, in one pass and in bounded memory. */
export async function summarise(
  log: AsyncIterable<Uint8Array>,
  options: SummariseOptions = {},
): Promise<Summary> {
  const tally = createTally(options);
  await tally.read(log);
  return tally.summary();
}

/** A count over any number of logs and of summaries. */
export interface SummaryTally {
  read(log: AsyncIterable<Uint8Array>): Promise<void>;
  /** Adds what was counted elsewhere. The example of a name is that of the first to have it. */
  add(summary: Summary): void;
  summary(): Summary;
}

/** Starts an empty count; {@link SummaryTally.read} adds a log to it. */
export function createTally(options: SummariseOptions = {}): SummaryTally {
  const sinceMs = options.since?.getTime() ?? Number.NEGATIVE_INFINITY;
  const tallies = new Map<string, NameTally>();
  let lines = 0;
  let skipped = 0;
  let unwrapper = new Unwrapper();
  const ownDebugLines = new OwnDebugLines();

  const tallyOf = (wanted: string, line: string): NameTally => {
    const name = tallies.size < MAX_NAMES || tallies.has(wanted) ? wanted : OTHER_NAMES;
    let tally = tallies.get(name);
    if (tally === undefined) {
      const example = line.length <= EXAMPLE_LENGTH ? line : `${line.slice(0, EXAMPLE_LENGTH - 1)}…`;
      tally = { count: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY, example };
      tallies.set(name, tally);
    }
    return tally;
  };

  const count = (record: LogRecord, line: string): void => {
    const timeMs = record.timeMs ?? Number.NaN;
    if (sinceMs > Number.NEGATIVE_INFINITY && !(timeMs >= sinceMs)) return;
    const tally = tallyOf(record.name, line);
    tally.count += record.count;
    if (timeMs < tally.firstMs) tally.firstMs = timeMs;
    if (timeMs > tally.lastMs) tally.lastMs = timeMs;
  };

  const onLine = (bytes: Buffer, start: number, end: number): void => {
    lines += 1;
    if (ownDebugLines.has(bytes, start, end)) return;
    const line = unwrapper.unwrap(bytes.toString("utf8", start, end));
    if (line === null) return;
    const record = readRecord(line);
    if (record === null) skipped += 1;
    else if (record.level === "error") count(record, line);
  };

  return {
    async read(log) {
      const splitter = new LineSplitter(onLine);
      for await (const chunk of log) splitter.push(toBuffer(chunk));
      splitter.end();
      // The next log's parts are not these.
      skipped += unwrapper.unfinished;
      unwrapper = new Unwrapper();
    },
    add(summary) {
      lines += summary.lines;
      skipped += summary.skipped;
      for (const { name, count, firstSeen, lastSeen, example } of summary.names) {
        if (count === 0) continue;
        const tally = tallyOf(name, example);
        tally.count += count;
        if (firstSeen !== null) tally.firstMs = Math.min(tally.firstMs, Date.parse(firstSeen));
        if (lastSeen !== null) tally.lastMs = Math.max(tally.lastMs, Date.parse(lastSeen));
      }
    },
    summary() {
      const names = [...tallies].map(([name, tally]) => toCount(name, tally)).sort(byName);
      const total = names.reduce((sum, { count }) => sum + count, 0);
      return { total, names, lines, skipped };
    },
  };
}

const OWN_DEBUG = Buffer.from('{"level":"debug","time":"');
const CLOSING_BRACE = 125;
const WORD_BYTES = 4;
const OWN_DEBUG_WORDS = Array.from({ length: Math.floor(OWN_DEBUG.length / WORD_BYTES) }, (_, i) =>
  OWN_DEBUG.readUInt32LE(i * WORD_BYTES),
);

/**
 * Tells a debug line of our own by its first bytes: nearly every line of a log is one, and need not be parsed. The
 * bytes are compared four at a time: this is what a long log spends its time on.
 */
class OwnDebugLines {
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  has(bytes: Buffer, start: number, end: number): boolean {
    if (end - start <= OWN_DEBUG.length || bytes[end - 1] !== CLOSING_BRACE) return false;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    for (let i = 0; i < OWN_DEBUG_WORDS.length; i++) {
      if (view.getUint32(start + i * WORD_BYTES, true) !== OWN_DEBUG_WORDS[i]) return false;
    }
    // Twenty-five bytes: one is left over.
    return bytes[start + OWN_DEBUG.length - 1] === OWN_DEBUG[OWN_DEBUG.length - 1];
  }
}

const toBuffer = (chunk: Uint8Array): Buffer =>
  Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

function toCount(name: string, { count, firstMs, lastMs, example }: NameTally): NameCount {
  return { name, count, firstSeen: toIso(firstMs), lastSeen: toIso(lastMs), example };
}

const toIso = (timeMs: number): string | null =>
  Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : null;

// By code point, not by locale: the same log gives the same table everywhere.
const byName = (a: NameCount, b: NameCount): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
