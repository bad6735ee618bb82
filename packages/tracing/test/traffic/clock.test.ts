import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrafficSeries } from "../../src/traffic/series.ts";
import type { TrafficSnapshot } from "../../src/traffic/snapshot.ts";
import { createTraffic, REQUEST, START } from "../helpers/traffic.ts";

const HOUR_MS = 3_600_000;
const TRACED = { ...REQUEST, trace: { traceId: "a".repeat(32), spanId: "b".repeat(16) } };
const FAILED = { ...TRACED, status: 500 };

const inWindow = ({ series }: TrafficSnapshot, windowS: number): TrafficSeries | undefined =>
  series.find((one) => one.windowS === windowS);

for (const [which, shiftMs] of [
  ["back an hour", -HOUR_MS],
  ["on an hour", HOUR_MS],
  ["back to 1970", -START],
] as const) {
  test(`T11: with the clock set ${which} failures leave their window in time, and since when is before now`, () => {
    const { clock, traffic } = createTraffic();
    traffic.record(FAILED);
    void clock.advance(5_000);
    clock.moveWall(shiftMs);
    traffic.record(TRACED);
    const snapshot = traffic.snapshot();
    assert.equal(snapshot.now, new Date(clock.wall()).toISOString());
    assert.equal(inWindow(snapshot, 10)?.count, 2);
    const ago = (text: string | null | undefined): number => clock.wall() - Date.parse(String(text));
    assert.equal(ago(inWindow(snapshot, 10)?.failingSince), 5_000);
    assert.equal(ago(inWindow(snapshot, 10)?.exemplar?.at), 5_000);
    assert.equal(ago(snapshot.startedAt), 5_000);
    void clock.advance(5_500);
    assert.equal(inWindow(traffic.snapshot(), 10)?.failures, 0);
    void clock.advance(600_000);
    assert.deepEqual(traffic.snapshot().series, []);
  });
}

test("T11: an exemplar of OpenMetrics has its time by the clock as it is set", () => {
  const { clock, traffic } = createTraffic();
  traffic.record(FAILED);
  clock.moveWall(-HOUR_MS);
  void clock.advance(1_000);
  const text = traffic.scrape("openmetrics");
  assert.match(
    text,
    new RegExp(`# \\{trace_id="a+",span_id="b+"\\} 0\\.012 ${(clock.wall() - 1_000) / 1_000}\n`),
  );
});

test("T11: a clock that is only steered gives the start one name, by which readers tell instances apart", () => {
  const { clock, traffic } = createTraffic();
  const { startedAt } = traffic.snapshot();
  for (let i = 0; i < 100; i++) {
    void clock.advance(60_000);
    clock.moveWall(i % 2 === 0 ? 400 : -400);
    assert.equal(traffic.snapshot().startedAt, startedAt);
  }
});

test("T11: idle series give way by their own time when the clock is set back", () => {
  const { clock, traffic } = createTraffic();
  for (let i = 0; i < 998; i++) traffic.record({ ...REQUEST, route: `old-${i}` });
  clock.moveWall(-HOUR_MS);
  void clock.advance(61_000);
  traffic.record({ ...REQUEST, route: "new" });
  assert.ok(traffic.snapshot().series.some(({ route }) => route === "new"));
});
