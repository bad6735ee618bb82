import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../src/testing.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import { Traffic } from "../../src/traffic/traffic.ts";
import { REQUEST } from "../helpers/traffic.ts";

/** The value below which `share` of all counted latencies lie, as a reader of bins works it out. */
function quantile(
  series: readonly { latency: { gamma: number; bins: readonly (readonly [number, number])[] } }[],
  share: number,
): number {
  const bins = new Map<number, number>();
  for (const { latency } of series)
    for (const [bin, count] of latency.bins) bins.set(bin, (bins.get(bin) ?? 0) + count);
  const sorted = [...bins].sort((a, b) => a[0] - b[0]);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  const gamma = series[0]?.latency.gamma ?? Number.NaN;
  for (const [bin, count] of sorted) {
    seen += count;
    if (seen >= share * total) return (2 * gamma ** bin) / (gamma + 1);
  }
  return Number.NaN;
}

// A generator of its own, so that the test says the same each time.
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 4_294_967_297;
  };
}

const DISTRIBUTIONS: Record<string, (random: () => number) => number> = {
  lognormal: (random) =>
    Math.exp(2 + 0.8 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())),
  bimodal: (random) => (random() < 0.9 ? 4 + random() : 180 + 60 * random()),
};

const SAMPLES = 1_000_000;

for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
  test(`quantiles of three merged instances are within 2 % of the exact ones (${name})`, () => {
    const random = createRandom(7);
    const instances = [1, 2, 3].map(
      (n) =>
        new Traffic({
          service: "web",
          instance: `i${n}`,
          version: null,
          classify: undefined,
          clock: new FakeClock(1e12),
        }),
    );
    const exact = new Float64Array(SAMPLES);
    for (let i = 0; i < SAMPLES; i++) {
      const durationMs = draw(random);
      exact[i] = durationMs;
      instances[i % 3]?.record(request({ durationMs }));
    }
    exact.sort();
    const merged = instances.flatMap((one) =>
      one.snapshot().series.filter((series) => series.windowS === 600),
    );
    assert.equal(
      merged.reduce((sum, series) => sum + series.count, 0),
      SAMPLES,
    );
    for (const share of [0.5, 0.95, 0.99]) {
      const true_ = exact[Math.ceil(share * exact.length) - 1] as number;
      const error = Math.abs(quantile(merged, share) - true_) / true_;
      assert.ok(error <= 0.02, `p${share * 100}: ${(error * 100).toFixed(2)} %`);
    }
  });
}

const request = (more: Partial<TrafficRecord>): TrafficRecord => ({ ...REQUEST, durationMs: 1, ...more });
