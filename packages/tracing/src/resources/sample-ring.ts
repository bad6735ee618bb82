import type { WindowSeconds } from "../traffic/slots.ts";
import { WINDOWS } from "../traffic/slots.ts";

/** What is measured, one number a sample; those of a kind that the system does not tell are NaN. */
export const MEASURES = [
  /** Since the sample before. */
  "elapsedMs",
  "busyMs",
  "lateMs",
  "gcMs",
  "gcLongestMs",
  "cpuMs",
  "queuedMs",
  "throttledMs",
  /** As it is at the sample. */
  "cpuLimit",
  "heapBytes",
  "heapLimitBytes",
  "rssBytes",
  "rssLimitBytes",
] as const;

/** One of {@link MEASURES}. */
export type Measure = (typeof MEASURES)[number];

/** A sample, each of its measures. */
export type Sample = Readonly<Record<Measure, number>>;

const SAMPLES_MAX = 600;
const STRIDE = MEASURES.length;

/** The samples of the longest window, at most one a second, in one array of numbers. */
export class SampleRing {
  readonly #values = new Float64Array(SAMPLES_MAX * STRIDE);
  readonly #times = new Float64Array(SAMPLES_MAX).fill(Number.NEGATIVE_INFINITY);
  #next = 0;

  add(nowMs: number, sample: Sample): void {
    MEASURES.forEach((measure, i) => {
      this.#values[this.#next * STRIDE + i] = sample[measure];
    });
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % SAMPLES_MAX;
  }

  /** The samples of a window, by measure, the latest last; nothing where there is none. */
  window(windowS: WindowSeconds, nowMs: number): Readonly<Record<Measure, readonly number[]>> | undefined {
    const rows = [...this.#times.keys()]
      .map((i) => (this.#next + i) % SAMPLES_MAX)
      .filter((row) => this.#times[row]! > nowMs - windowS * 1_000);
    if (rows.length === 0) return undefined;
    const entries = MEASURES.map((measure, i) => [
      measure,
      rows.map((row) => this.#values[row * STRIDE + i]!).filter((value) => !Number.isNaN(value)),
    ]);
    return Object.fromEntries(entries) as Record<Measure, readonly number[]>;
  }
}

/** The windows of traffic, for samples. */
export const WINDOWS_S: readonly WindowSeconds[] = WINDOWS.map(({ windowS }) => windowS);
