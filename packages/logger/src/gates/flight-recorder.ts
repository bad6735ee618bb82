import { checkShape, integer, Rate, type Shape } from "@whodunit/core";
import type { EventName } from "../line/event-name.ts";

// What a kept line takes beside its text: objects around it, a place in its list and in the set of recordings.
const LINE_OVERHEAD_BYTES = 240;
// All in all it is 16 MB: the rest is for recordings that hold nothing yet, or nothing any more.
const TOTAL_BYTES = 15 * 1_048_576;
const TOLD_AFTER_MS = 1_000;

/** The bounds of a flight recorder. */
export interface RecorderOptions {
  /** The most lines kept of one request, the latest ones. @default 64 */
  readonly lines?: number;
  /** The most text kept of one request, in characters. @default 16_384 */
  readonly length?: number;
  /** The most recordings written in one second; the rest are counted. @default 10 */
  readonly perSecond?: number;
}

/** Who takes a recorded line when it is wanted. */
export interface LineTaker {
  deliver(line: string, level: "debug", event: EventName, context: undefined): void;
}

interface Recorded {
  readonly line: string;
  readonly bytes: number;
  readonly event: EventName;
  readonly writer: LineTaker;
}

/** The debug lines under the threshold of one request: kept until it logs an error, or is over. */
export class Recording {
  /** The one that counts it, whichever logger's lines it holds. */
  readonly recorder: FlightRecorder;
  lines: Recorded[] = [];
  /** Of all lines, in characters. */
  length = 0;
  /** What all lines take in memory. */
  bytes = 0;
  /** Whether it was written once, or refused once; undecided before. */
  verdict: "write" | "skip" | undefined;
  closed = false;

  constructor(recorder: FlightRecorder) {
    this.recorder = recorder;
  }
}

const SHAPE = {
  lines: integer(1, 10_000),
  length: integer(1_024, 1_048_576),
  perSecond: integer(1, 1_000),
} satisfies Shape<RecorderOptions>;

/** Fills in the defaults. @throws TypeError when an option is wrong */
export function resolveRecorder(
  options: RecorderOptions | false | undefined,
): Required<RecorderOptions> | false {
  if (options === false) return false;
  const owner = "createLogger recorder";
  if (options !== undefined) checkShape(owner, options, SHAPE);
  const { lines = 64, length = 16_384, perSecond = 10 } = options ?? {};
  return { lines, length, perSecond };
}

/**
 * Keeps the debug lines nobody asked for, as they would be written, redaction done, until a request turns out
 * to be worth them. Bounded by request, by second and in all: past 16 MB the longest-open recordings are emptied.
 */
export class FlightRecorder {
  readonly #options: Required<RecorderOptions>;
  readonly #rate: Rate;
  readonly #onSkipped: (skipped: number) => void;
  // In the order in which they began to hold lines.
  readonly #holding = new Set<Recording>();
  #totalBytes = 0;
  #skipped = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onSkipped told at most once a second how many recordings were not written */
  constructor(options: Required<RecorderOptions>, onSkipped: (skipped: number) => void) {
    this.#options = options;
    this.#rate = new Rate(options.perSecond);
    this.#onSkipped = onSkipped;
  }

  /** Keeps a line. */
  add(recording: Recording, line: string, event: EventName, writer: LineTaker): void {
    if (recording.closed || recording.verdict === "skip") return;
    // One string in place of a rope of many.
    line.charCodeAt(0);
    if (recording.lines.length === 0) this.#holding.add(recording);
    const bytes = sizeOf(line);
    recording.lines.push({ line, bytes, event, writer });
    this.#grow(recording, line.length, bytes);
    const { lines, length } = this.#options;
    while (recording.lines.length > lines || (recording.length > length && recording.lines.length > 1)) {
      const first = recording.lines.shift() as Recorded;
      this.#grow(recording, -first.line.length, -first.bytes);
    }
    for (const oldest of this.#holding) {
      if (this.#totalBytes <= TOTAL_BYTES) break;
      this.#empty(oldest);
    }
  }

  /** Writes what was kept of a request that turned out to be worth it, unless too many did this second. */
  release(recording: Recording): void {
    if (recording.lines.length === 0) return;
    recording.verdict ??= this.#admit() ? "write" : "skip";
    const { lines } = recording;
    this.#empty(recording);
    if (recording.verdict === "skip") return;
    for (const { line, event, writer } of lines) writer.deliver(line, "debug", event, undefined);
  }

  /** Forgets what was kept of a request that is over. */
  close(recording: Recording): void {
    recording.closed = true;
    this.#empty(recording);
  }

  /** Tells what was skipped and not yet told. */
  settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const skipped = this.#skipped;
    this.#skipped = 0;
    if (skipped > 0) this.#onSkipped(skipped);
  }

  #admit(): boolean {
    if (this.#rate.admit(Date.now())) return true;
    this.#skipped++;
    this.#timer ??= setTimeout(() => this.settle(), TOLD_AFTER_MS).unref();
    return false;
  }

  #empty(recording: Recording): void {
    this.#holding.delete(recording);
    this.#totalBytes -= recording.bytes;
    recording.lines = [];
    recording.length = 0;
    recording.bytes = 0;
  }

  #grow(recording: Recording, length: number, bytes: number): void {
    recording.length += length;
    recording.bytes += bytes;
    this.#totalBytes += bytes;
  }
}

// A string with a character beyond Latin-1 has two bytes for each.
function sizeOf(line: string): number {
  const isAscii = Buffer.byteLength(line) === line.length;
  return (isAscii ? line.length : 2 * line.length) + LINE_OVERHEAD_BYTES;
}
