import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Baseline, type Past, type PastMinute } from "../../src/traffic/baseline.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import type { TrafficSnapshot } from "../../src/traffic/snapshot.ts";
import { Traffic } from "../../src/traffic/traffic.ts";

const MINUTE_MS = 60_000;

const minuteOf = (successes: number, bin: number, failures = 0): PastMinute => ({
  ...{ successes, failures, aborted: 0 },
  classes: [
    ["2xx", successes],
    ["5xx", failures],
  ],
  bins: [[bin, successes + failures]],
});

const of = (pasts: readonly Past[], windowS: number): Past => pasts.find((past) => past.windowS === windowS)!;

/** The middle of all latencies, as the upper bound of its bin in milliseconds. */
function medianMs({ latency: { gamma, bins } }: Past): number {
  const each = [...bins].flatMap(([bin, count]) => Array<number>(count).fill(bin));
  return gamma ** each[each.length >> 1]!;
}

function trafficAt(clock: { nowMs: number }): Traffic {
  return new Traffic({
    ...{ service: "web", instance: "i1", version: null, classify: undefined },
    clock: { monotonicMs: () => clock.nowMs, wallMs: (ms) => ms },
  });
}

const request = (durationMs: number, status: number | undefined, errorType?: string): TrafficRecord => ({
  ...{
    side: "client" as const,
    peer: "db:80",
    route: "GET",
    aborted: false,
    trace: undefined,
    thrown: undefined,
  },
  ...{ durationMs, status, errorType },
});

test("Baseline weighs each minute by its age, for an hour and for a day, in whatever order minutes come", () => {
  const minutes = fc.array(fc.tuple(fc.integer({ min: 0, max: 13 }), fc.nat(50)), { minLength: 1 });
  fc.assert(
    fc.property(minutes, fc.nat(200), (all, laterMinutes) => {
      const baseline = new Baseline();
      for (const [minute, count] of all) baseline.add(minute, minuteOf(count, 100));
      for (const lastsMinutes of [60, 1_440]) {
        const sum = all.reduce(
          (weight, [minute, count]) =>
            weight + count * Math.exp(-(13 + laterMinutes - minute) / lastsMinutes),
          0,
        );
        const read = baseline.read(13 + laterMinutes).find(({ windowS }) => windowS === lastsMinutes * 60);
        assert.ok(Math.abs((read?.count ?? 0) - sum) <= 0.51 + sum * 0.05, `${read?.count} for ${sum}`);
      }
    }),
  );
});

test("Baseline takes the first quarter of an hour for the day before: what is slow since an hour is not usual", () => {
  const baseline = new Baseline();
  for (let minute = 0; minute < 90; minute++) baseline.add(minute, minuteOf(60, minute < 30 ? 100 : 200));
  const pasts = baseline.read(90);
  assert.ok(medianMs(of(pasts, 86_400)) < 22, "bin 100 is 19 ms");
  assert.ok(medianMs(of(pasts, 3_600)) > 300, "bin 200 is 369 ms, and an hour knows of little else");
});

test("Baseline keeps rare latencies as they fade: each is as rare as before, and none is lost for being alone in its bin", () => {
  const baseline = new Baseline();
  const bins = Array.from({ length: 12 }, (_, i) => [100 + 12 * i, i === 0 ? 100 : 1] as const);
  baseline.add(0, { ...minuteOf(111, 100), bins });
  const { count, latency } = of(baseline.read(60), 3_600);
  const rare = [...latency.bins].filter(([bin]) => bin > 17);
  assert.equal(rare.length, 11);
  for (const [, weight] of rare)
    assert.ok(Math.abs(weight / count - 1 / 111) < 0.001, `${weight} of ${count}`);
});

test("Baseline tells from how many requests it knows: those of a day that four filled are no more than about those", () => {
  const baseline = new Baseline();
  for (let minute = 0; minute < 10; minute++) baseline.add(minute, minuteOf(30, 100));
  for (const { count, known } of baseline.read(9)) {
    assert.ok(known >= 290 && known <= 300, `${known}`);
    assert.ok(known >= count, "as if each weighed the same");
  }
  const seldom = new Baseline();
  for (let minute = 0; minute < 120; minute++) seldom.add(minute, minuteOf(minute % 4 === 0 ? 1 : 0, 100));
  const { count, known } = of(seldom.read(120), 86_400);
  assert.ok(count > 300 && known >= 4 && known < 6, `${known} of ${count}`);
  const both = new Baseline();
  both.absorb(baseline);
  both.absorb(baseline);
  assert.ok(Math.abs(of(both.read(9), 86_400).known - 600) <= 10, "of two as many as of both");
});

test("Baseline keeps the shares of failures and of classes, and no more than sixteen classes", () => {
  const baseline = new Baseline();
  for (let minute = 0; minute < 2_000; minute++) baseline.add(minute, minuteOf(97, 100, 3));
  for (const { count, failures, classes } of baseline.read(2_000)) {
    assert.ok(Math.abs(failures / count - 0.03) < 0.002, `${failures} of ${count}`);
    assert.ok(Math.abs(classes.get("5xx")! - failures) <= 1);
  }
  const classes = Array.from({ length: 40 }, (_, i) => [`class-${i}`, 10] as const);
  baseline.add(2_000, { ...minuteOf(400, 100), classes });
  assert.equal(of(baseline.read(2_000), 3_600).classes.size, 16);
});

test("Baseline that takes in another remembers what both did", () => {
  const [one, two] = [new Baseline(), new Baseline()];
  one.add(5, minuteOf(100, 100));
  two.add(8, minuteOf(50, -40, 50));
  one.absorb(two);
  const { count, failures, latency } = of(one.read(8), 86_400);
  assert.deepEqual([count, failures, [...latency.bins].length], [200, 50, 2]);
});

test("Traffic tells as baseline what left the ten minutes, and nothing of what is still in them", () => {
  const clock = { nowMs: 1_000 * MINUTE_MS };
  const traffic = trafficAt(clock);
  for (let i = 0; i < 100; i++) traffic.record(request(20, 200));
  assert.deepEqual(traffic.snapshot().baseline, []);
  clock.nowMs += 9 * MINUTE_MS;
  for (let i = 0; i < 100; i++) traffic.record(request(900, undefined, "ECONNRESET"));
  assert.deepEqual(traffic.snapshot().baseline, []);
  clock.nowMs += MINUTE_MS;
  const { baseline } = traffic.snapshot();
  assert.deepEqual(
    baseline.map(({ side, peer, route, windowS, count, failures, classes }) => {
      return { side, peer, route, windowS, count, failures, classes };
    }),
    [3_600, 86_400].map((windowS) => {
      const same = { side: "client", peer: "db:80", route: "GET", windowS };
      return { ...same, count: 100, failures: 0, classes: { "2xx": 100 } };
    }),
  );
  assert.deepEqual(traffic.snapshot().baseline, baseline, "told twice, remembered once");
});

test("Traffic answers the same baseline in slices as at once", async () => {
  const clock = { nowMs: 0 };
  const traffic = trafficAt(clock);
  for (let minute = 0; minute < 40; minute++) {
    clock.nowMs = minute * MINUTE_MS;
    for (let i = 0; i < 30; i++) traffic.record({ ...request(i, 200), route: `GET ${i % 3}` });
  }
  let text = "";
  for await (const piece of traffic.snapshotJson()) text += piece;
  const read = JSON.parse(text) as TrafficSnapshot;
  assert.deepEqual(read, JSON.parse(JSON.stringify(traffic.snapshot())));
  assert.equal(read.baseline.length, 6);
});
