import { median } from "./results.ts";

/**
 * Small loops, as ratios to a peer. One variant runs in one process, so that no variant's types disturb another's
 * inline caches; the processes of a round are interleaved, every other round in reverse; a fixed kernel of work is
 * timed around each sample and divides it, because a shared machine changes its speed from second to second.
 */

/** One thing to be measured. */
export interface Variant {
  /** One operation; `i` counts up. */
  readonly run: (i: number) => void;
  /** Operations between two turns of the event loop. @default 200 */
  readonly batch?: number;
  /** How many operations have arrived where they should, to show that the work was done. */
  readonly delivered?: () => number;
  /** Waits until all has arrived. */
  readonly settle?: () => Promise<void>;
}

/** A group of variants measured against the first of them. */
export interface Micro {
  readonly title: string;
  /** What the numbers say and what was set up, in a sentence or two, for the results page. */
  readonly note: string;
  readonly variants: Readonly<Record<string, () => Variant | Promise<Variant>>>;
  /**
   * Measures all variants in one process, in turns of some milliseconds: for the same code in two situations, where the
   * difference is smaller than that between two processes.
   */
  readonly together?: boolean;
}

/** What one process measured. */
export interface Sample {
  /** Nanoseconds an operation. */
  readonly ns: number;
  /** The same, in units of the calibration kernel. */
  readonly normal: number;
  /** Delivered operations over operations run; 1 where the variant does not count. */
  readonly delivered: number;
}

const SAMPLES = 5;
const SAMPLE_MS = 200;
const WARM_UP_MS = 600;

/** Measures one variant in this process. */
export async function measure(variant: Variant): Promise<Sample> {
  let operations = 0;
  const loop = async (ms: number): Promise<{ ns: number; normal: number }> => {
    const kernelBefore = kernelTime();
    const start = process.hrtime.bigint();
    const end = start + BigInt(ms) * 1_000_000n;
    let count = 0;
    do {
      const batch = variant.batch ?? 200;
      for (let i = 0; i < batch; i++) variant.run(operations + count + i);
      count += batch;
      await new Promise((resolve) => setImmediate(resolve));
    } while (process.hrtime.bigint() < end);
    operations += count;
    const ns = Number(process.hrtime.bigint() - start) / count;
    return { ns, normal: ns / ((kernelBefore + kernelTime()) / 2) };
  };
  await loop(WARM_UP_MS);
  const samples = [];
  for (let i = 0; i < SAMPLES; i++) samples.push(await loop(SAMPLE_MS));
  await variant.settle?.();
  // A shared machine only ever adds time: the lower quartile is nearest to the truth.
  const low = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(SAMPLES / 4)] as number;
  return {
    ns: low(samples.map((sample) => sample.ns)),
    normal: low(samples.map((sample) => sample.normal)),
    delivered: variant.delivered === undefined ? 1 : variant.delivered() / operations,
  };
}

const TURNS = 200;
const TURN_MS = 5;

/** Measures variants in turns in this process. */
export async function measureTogether(variants: readonly Variant[]): Promise<Sample[]> {
  const all = variants.map((variant) => ({ variant, operations: 0, turns: [] as number[] }));
  const kernelBefore = kernelTime();
  for (let turn = 0; turn < 2 * TURNS; turn++) {
    for (const each of turn % 2 === 0 ? all : all.toReversed()) {
      const { run, batch = 200 } = each.variant;
      const start = process.hrtime.bigint();
      const end = start + BigInt(TURN_MS) * 1_000_000n;
      const before = each.operations;
      do {
        for (let i = 0; i < batch; i++) run(each.operations++);
      } while (process.hrtime.bigint() < end);
      const ns = Number(process.hrtime.bigint() - start) / (each.operations - before);
      // The first half is for warming up.
      if (turn >= TURNS) each.turns.push(ns);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const kernel = (kernelBefore + kernelTime()) / 2;
  return all.map(({ variant, operations, turns }) => {
    const ns = median(turns);
    return { ns, normal: ns / kernel, delivered: (variant.delivered?.() ?? operations) / operations };
  });
}

const TEXT = "the quick brown fox jumps over the lazy dog, again and again".repeat(6);
let sink = 0;

// Some of everything that the measured code does: character codes, allocation, map look-ups.
function kernelTime(): number {
  const map = new Map(Array.from({ length: 64 }, (_, i) => [`key-${i}`, i]));
  const start = process.hrtime.bigint();
  let rounds = 0;
  do {
    for (let i = 0; i < TEXT.length; i++) if (TEXT.charCodeAt(i) === 34) sink++;
    const made = { rounds, list: [rounds, sink], value: map.get(`key-${rounds & 63}`) };
    sink += made.list.length;
    rounds++;
  } while (process.hrtime.bigint() - start < 6_000_000n);
  return Number(process.hrtime.bigint() - start) / rounds;
}
