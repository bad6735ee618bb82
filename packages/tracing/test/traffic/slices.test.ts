import assert from "node:assert/strict";
import { text as textOf } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import type { FakeClock } from "../../src/testing.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import type { TrafficSnapshot } from "../../src/traffic/snapshot.ts";
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

/** Something that happens to the counts. */
type Change = (traffic: Traffic, clock: FakeClock) => void;

const record = (more: Partial<TrafficRecord>): TrafficRecord => ({ ...REQUEST, ...more });

const trace = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .record({
      side: fc.constantFrom<"server" | "client">("server", "client"),
      peer: fc.constantFrom("web", "bot", "größe\u2028\ud800"),
      route: fc.constantFrom("GET /a", "GET /b", 'GET /"c"'),
      status: fc.constantFrom(200, 404, 500, undefined),
      errorType: fc.constantFrom(undefined, "ECONNREFUSED", "token-1", "token-2"),
      aborted: fc.boolean(),
      durationMs: fc.constantFrom(0.02, 12, 700, 20_000),
      trace: fc.constantFrom(undefined, trace),
      described: fc.constantFrom(undefined, ["tenant", "acme"], ["tenant", "other"]),
    })
    .map(
      (more): Change =>
        (traffic) =>
          void traffic.record(record(more)),
    ),
  fc.constant<Change>((traffic) => traffic.recordLateFailure(record({ side: "client" }), "ECONNRESET", 500)),
  fc.constantFrom(900, 9_000, 61_000, 700_000).map(
    (ms): Change =>
      (_, clock) =>
        void clock.advance(ms),
  ),
  // What a reader at once takes out of the longest window, and what has to give way.
  fc.constant<Change>((traffic) => void traffic.snapshot()),
  fc.constant<Change>((traffic) => {
    for (let i = 0; i < 70; i++) traffic.record(record({ peer: `caller-${i}` }));
  }),
);

/** The document, with something happening between any two of its slices. */
async function readWhile(traffic: Traffic, between: () => void): Promise<TrafficSnapshot> {
  let text = "";
  for await (const piece of traffic.snapshotJson()) {
    text += piece;
    between();
  }
  return JSON.parse(text) as TrafficSnapshot;
}

test("T12: the document is of the moment it was asked for, whatever is counted, given way and forgotten while it is made", async (t) => {
  slowClock(t);
  const clean = (text: string): string => text.replace(/token-\d/, "[Redacted]");
  const changes = fc.array(change, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(changes, changes, changes, async (before, meanwhile, later) => {
      const { clock, traffic } = createTraffic({ clean });
      for (const happen of before) happen(traffic, clock);
      const wanted = traffic.snapshot();
      const read = readWhile(traffic, () => meanwhile.shift()?.(traffic, clock));
      // Another, that begins later and is made at the same time.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      const wantedThen = traffic.snapshot();
      const readThen = readWhile(traffic, () => later.shift()?.(traffic, clock));
      assert.deepEqual(await read, JSON.parse(JSON.stringify(wanted)));
      assert.deepEqual(await readThen, JSON.parse(JSON.stringify(wantedThen)));
    }),
    { numRuns: runs(60) },
  );
});

test("T12: a minute that leaves the longest window while the document is made is told once", async (t) => {
  const { clock, traffic } = createTraffic();
  fill(traffic, 50);
  await clock.advance(599_000);
  slowClock(t);
  const { series, baseline } = await readWhile(traffic, () => {
    void clock.advance(60_000);
    traffic.snapshot();
    fill(traffic, 50);
  });
  assert.deepEqual([series.length, baseline.length], [50, 0]);
});

test("T12: series that give way while the document is made are told by their names alone", async (t) => {
  const { clock, traffic } = createTraffic();
  fill(traffic, 1_005);
  await clock.advance(61_000);
  slowClock(t);
  let next = 0;
  const { series } = await readWhile(
    traffic,
    () => void traffic.record(record({ route: `GET /new/${next++}` })),
  );
  const counted = series.filter(({ windowS }) => windowS === 600).reduce((sum, { count }) => sum + count, 0);
  assert.equal(counted, 1_005);
});

test("T12: what failed requests have in common is told as it was when the document was asked for", async (t) => {
  const { traffic } = createTraffic();
  const described = (failed: boolean, value: string): void =>
    void traffic.record(record({ status: failed ? 500 : 200, described: ["tenant", value] }));
  for (let i = 0; i < 60; i++) described(i % 3 === 0, i % 3 === 0 ? "acme" : `t${i % 7}`);
  fill(traffic, 20);
  const wanted = traffic.snapshot();
  slowClock(t);
  const { attributes } = await readWhile(traffic, () => {
    described(true, "acme");
    described(false, "acme");
  });
  assert.equal(wanted.attributes.length, 3);
  assert.deepEqual(attributes, wanted.attributes);
});

test("T12: of five readers that take nothing the earliest goes on with what is counted by then, and four have their moment", async (t) => {
  const { traffic } = createTraffic();
  fill(traffic, 20);
  slowClock(t);
  const readers: { pieces: AsyncGenerator<string>; wanted: TrafficSnapshot; text: string }[] = [];
  for (let i = 0; i < 5; i++) {
    const pieces = traffic.snapshotJson();
    const wanted = traffic.snapshot();
    readers.push({ pieces, wanted, text: (await pieces.next()).value as string });
    fill(traffic, 20);
  }
  const [last] = traffic.snapshot().series;
  for (const reader of readers) for await (const piece of reader.pieces) reader.text += piece;
  const [earliest, ...others] = readers.map(({ text }) => JSON.parse(text) as TrafficSnapshot);
  assert.equal(earliest!.series[0]!.count, last!.count);
  for (const [i, other] of others.entries()) assert.deepEqual(other.series, readers[i + 1]!.wanted.series);
});

test("T12: a reader that goes away counts no more among the four", async (t) => {
  const { traffic } = createTraffic();
  fill(traffic, 20);
  slowClock(t);
  const wanted = traffic.snapshot();
  let goneAway = 0;
  const { series } = await readWhile(traffic, () => {
    const other = traffic.snapshotJson();
    void other.next().then(() => other.return(undefined));
    fill(traffic, 20);
    goneAway++;
  });
  assert.ok(goneAway > 8);
  assert.deepEqual(series, wanted.series);
});

test("T12: counts() tells of one window what the snapshot tells of it", () => {
  const request = fc.record({
    side: fc.constantFrom<"server" | "client">("server", "client"),
    peer: fc.constantFrom("web", "bot"),
    route: fc.constantFrom("GET /a", "GET /b"),
    status: fc.constantFrom(200, 500),
    aborted: fc.boolean(),
    afterMs: fc.nat(70_000),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 40 }), (records) => {
      const { clock, traffic } = createTraffic();
      for (const { afterMs, ...more } of records) {
        void clock.advance(afterMs);
        traffic.record(record(more));
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
