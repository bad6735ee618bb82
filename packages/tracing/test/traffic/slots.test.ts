import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { Slots, type Verdict, WINDOWS } from "../../src/traffic/slots.ts";

interface Counted {
  readonly atMs: number;
  readonly verdict: Verdict;
  readonly className: string;
  readonly bin: number;
}

const START_MS = 1_000_000_000;

// More classes than a series tells apart, and bins over a range that makes its block of memory grow.
const request = fc.record({
  // Most follow each other closely; some leave a window, or all of them.
  afterMs: fc.oneof(fc.nat(1_500), fc.constantFrom(0, 9_999, 10_000, 60_000, 599_999, 600_000, 2_000_000)),
  verdict: fc.constantFrom<Verdict>("success", "failure", "aborted"),
  className: fc.oneof(fc.constantFrom("2xx", "5xx", "ECONNRESET"), fc.nat(30).map(String)),
  bin: fc.integer({ min: -100, max: 500 }),
  other: fc.boolean(),
});

/** What a window holds, from a list of all that was counted; classes beyond the fifteenth have one name. */
function naive(counted: readonly Counted[], ring: number, nowMs: number): object {
  const { slotMs, slots } = WINDOWS[ring]!;
  const oldest = Math.floor(nowMs / slotMs) - slots;
  const inside = counted.filter(({ atMs }) => Math.floor(atMs / slotMs) > oldest);
  const ended = inside.filter(({ verdict }) => verdict !== "aborted");
  const bins = new Map<number, number>();
  for (const { bin } of ended) bins.set(bin, (bins.get(bin) ?? 0) + 1);
  return {
    successes: ended.filter(({ verdict }) => verdict === "success").length,
    failures: ended.filter(({ verdict }) => verdict === "failure").length,
    aborted: inside.length - ended.length,
    bins: [...bins].sort((a, b) => a[0] - b[0]),
  };
}

function shown(slots: Slots, ring: number, nowMs: number): object {
  const { classes, bins, ...counts } = slots.window(ring, nowMs);
  const sum = [...classes.values()].reduce((total, count) => total + count, 0);
  assert.equal(sum, counts.successes + counts.failures, "each request that ended is in one class");
  return { ...counts, bins: [...bins].sort((a, b) => a[0] - b[0]) };
}

test("Slots hold in every window what a list of all requests holds, also after one took in another", () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 120 }), fc.nat(700_000), (requests, laterMs) => {
      const [slots, absorbed] = [new Slots(), new Slots()];
      const counted: Counted[] = [];
      let nowMs = START_MS;
      for (const { afterMs, other, ...one } of requests) {
        nowMs += afterMs;
        (other ? absorbed : slots).add(nowMs, one.verdict, one.className, one.bin);
        counted.push({ ...one, atMs: nowMs });
      }
      slots.absorb(absorbed);
      for (const atMs of [nowMs, nowMs + laterMs]) {
        for (let ring = 0; ring < WINDOWS.length; ring++) {
          assert.deepEqual(shown(slots, ring, atMs), naive(counted, ring, atMs));
        }
      }
    }),
    { numRuns: runs(1_000) },
  );
});

test("Slots count each of the first fifteen classes by its name, and the rest as _other", () => {
  const slots = new Slots();
  for (let i = 0; i < 40; i++) for (let n = 0; n <= i; n++) slots.add(START_MS, "failure", `class-${i}`, 1);
  const { classes } = slots.window(0, START_MS);
  const expected = Array.from({ length: 15 }, (_, i) => [`class-${i}`, i + 1] as const);
  assert.deepEqual([...classes], [...expected, ["_other", 820 - 120]]);
});
