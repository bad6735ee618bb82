import assert from "node:assert/strict";
import { text as textOf } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Traffic } from "../../src/traffic/traffic.ts";
import { createTraffic, REQUEST } from "../helpers/traffic.ts";

function fill(traffic: Traffic, series: number): void {
  for (let i = 0; i < series; i++)
    traffic.record({ ...REQUEST, route: `GET /${i}`, status: i % 3 ? 200 : 500 });
}

/** Each look at the clock takes half a millisecond, so that a slice is a few series on any machine. */
function slowClock(t: TestContext): void {
  let nowMs = 0;
  t.mock.method(performance, "now", () => {
    nowMs += 0.5;
    return nowMs;
  });
}

/** Does `work`; how many turns the event loop made meanwhile. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let goesOn = true;
  const turn = (): void => {
    turns++;
    if (goesOn) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  goesOn = false;
  return turns;
}

test("T12: the document of 900 series is made in slices, and is the snapshot", async (t) => {
  const { traffic } = createTraffic();
  fill(traffic, 900);
  const snapshot = traffic.snapshot();
  slowClock(t);
  let text = "";
  const turns = await turnsOf(async () => {
    text = await textOf(traffic.snapshotJson());
  });
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(snapshot)));
  assert.ok(turns >= 900 / 5, `${turns} turns of the event loop`);
});

test("T12: twenty who ask at once get one slice a turn between them", async (t) => {
  const { traffic } = createTraffic();
  fill(traffic, 50);
  slowClock(t);
  const alone = await turnsOf(() => textOf(traffic.snapshotJson()));
  const together = await turnsOf(() =>
    Promise.all(Array.from({ length: 20 }, () => textOf(traffic.snapshotJson()))),
  );
  assert.ok(together >= 15 * alone, `${together} turns for twenty, ${alone} for one`);
});

test("T12: requests that are counted while the document is made leave it whole", async (t) => {
  const { clock, traffic } = createTraffic();
  fill(traffic, 600);
  slowClock(t);
  const asked = textOf(traffic.snapshotJson());
  for (let i = 0; i < 900; i++) {
    // New series, and idle ones that give way.
    void clock.advance(1_000);
    traffic.record({ ...REQUEST, route: `GET /new-${i}` });
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { series } = JSON.parse(await asked) as { series: { windowS: number }[] };
  assert.ok(series.filter(({ windowS }) => windowS === 600).length >= 500);
});

test("T12: counts() tells of one window what the snapshot tells of it", () => {
  const record = fc.record({
    side: fc.constantFrom<"server" | "client">("server", "client"),
    peer: fc.constantFrom("web", "bot"),
    route: fc.constantFrom("GET /a", "GET /b"),
    status: fc.constantFrom(200, 500),
    aborted: fc.boolean(),
    afterMs: fc.nat(70_000),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 40 }), (records) => {
      const { clock, traffic } = createTraffic();
      for (const { afterMs, ...more } of records) {
        void clock.advance(afterMs);
        traffic.record({ ...REQUEST, ...more });
      }
      for (const windowS of [10, 60, 600] as const) {
        const wanted = traffic.snapshot().series.filter((one) => one.windowS === windowS);
        assert.deepEqual(
          traffic.counts(windowS),
          wanted.map(({ side, peer, route, count, failures, aborted }) => {
            return { side, peer, route, windowS, count, failures, aborted };
          }),
        );
      }
    }),
    { numRuns: 200 },
  );
  assert.throws(() => createTraffic().traffic.counts(30 as never), /"windowS" is 30, want 10, 60 or 600/);
});
