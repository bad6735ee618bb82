import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { findProgram } from "../../../../test/helpers/real-server.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import type { TrafficRecord } from "../../src/traffic/record.ts";
import { createTraffic } from "../helpers/traffic.ts";

/** Each series by its name and labels. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, series, value] = /^(\w+\{.*\}) ([^ ]+)(?: # .*)?$/.exec(line) ?? [];
    if (series === undefined) continue;
    assert.ok(!samples.has(series), `twice: ${series}`);
    samples.set(series, Number(value));
  }
  return samples;
}

const isCount = (series: string): boolean => series.startsWith("whodunit_requests_total");
const isBucketed = (series: string): boolean => series.startsWith("whodunit_request_duration_seconds_count");

/** By how much all counters together grew, as whoever reads them from a store sees it. */
function growth(
  before: Map<string, number>,
  after: Map<string, number>,
  of: (series: string) => boolean,
): number {
  let sum = 0;
  for (const [series, value] of after) {
    if (!of(series)) continue;
    const was = before.get(series) ?? 0;
    assert.ok(value >= was, `${series} fell from ${was} to ${value}`);
    sum += value - was;
  }
  return sum;
}

test("a scrape holds at most 300 series, whoever calls whom how often, and each request is told once", () => {
  const record = fc.record({
    side: fc.constantFrom<"server" | "client">("server", "server", "client"),
    peer: fc.nat(60).map((i) => `peer-${i}`),
    route: fc.nat(60).map((i) => `GET /${i}`),
    status: fc.constantFrom(200, 200, 200, 201, 301, 404, 500, undefined),
    errorType: fc.constantFrom(undefined, undefined, undefined, "ECONNRESET", "TimeoutError", "EPIPE"),
    aborted: fc.constantFrom(false, false, false, true),
  });
  const step = fc.record({ records: fc.array(record, { maxLength: 400 }), minutes: fc.nat(12) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      const { clock, traffic, record: count } = createTraffic();
      let before = new Map<string, number>();
      for (const { records, minutes } of steps) {
        for (const one of records) count(one);
        const after = samplesOf(traffic.scrape("openmetrics"));
        assert.ok(after.size <= 300, `${after.size} series`);
        assert.equal(growth(before, after, isCount), records.length);
        assert.equal(growth(before, after, isBucketed), records.filter(({ aborted }) => !aborted).length);
        before = after;
        void clock.advance(minutes * 60_000);
      }
    }),
    { numRuns: runs(100) },
  );
});

test("a scrape tells each request once while series give way to others and names change hands", () => {
  const { clock, traffic, record } = createTraffic();
  let before = new Map<string, number>();
  for (let round = 0; round < 40; round++) {
    let counted = 0;
    const count = (one: Partial<TrafficRecord>, times: number): void => {
      for (let i = 0; i < times; i++) record(one);
      counted += times;
    };
    // More routes and callers than the table holds, none of them for long; now and then few, so that all have names.
    for (let i = 0; i < (round % 5 === 4 ? 3 : 700); i++) {
      count({ route: `GET /${round}/${i}`, peer: `caller-${i % 90}`, status: i % 50 === 0 ? 500 : 200 }, 1);
    }
    for (let i = 0; i < 12; i++)
      count({ side: "client", peer: `callee-${i}:80`, route: "GET" }, 1 + ((round + i) % 12) * 3);
    const after = samplesOf(traffic.scrape("openmetrics"));
    assert.equal(growth(before, after, isCount), counted, `requests of round ${round}`);
    assert.equal(growth(before, after, isBucketed), counted, `durations of round ${round}`);
    before = after;
    void clock.advance((round % 4) * 240_000);
  }
});

test("strangers who take a new name each time cost a store sixteen names, and crowd out no route and no callee", () => {
  const { clock, traffic, record } = createTraffic();
  const names = new Set<string>();
  for (let minute = 0; minute < 60; minute++) {
    record({ route: "GET /votes", peer: "web" });
    record({ side: "client", peer: "orders:80", route: "GET" });
    for (let i = 0; i < 70; i++) {
      record({ route: "GET /votes", peer: `stranger-${minute}-${i}` });
      if (i % 10 === 0) record({ route: "GET /votes", peer: "web" });
    }
    for (const [, name] of traffic.scrape("openmetrics").matchAll(/peer="(stranger-[^"]+)"/g))
      names.add(name!);
    void clock.advance(60_000);
  }
  assert.ok(names.size <= 15 * 7, `${names.size} names of strangers in an hour`);
  const text = traffic.scrape("openmetrics");
  assert.match(text, /peer="web",route="GET \/votes",class="2xx",outcome="success"\} \d{3}\n/);
  assert.match(text, /peer="orders:80",route="GET",class="2xx",outcome="success"\} 60\n/);
  assert.match(text, /peer="_other",route="GET \/votes",class="2xx",outcome="success"\} \d{4}\n/);
  assert.match(text, /duration_seconds_count\{[^}]+route="GET \/votes"\} 4680\n/);
});

test("what fails is told by name however little it is asked, and what becomes busy takes the place of what is idle", () => {
  const { clock, traffic, record } = createTraffic();
  for (let route = 0; route < 200; route++) {
    for (let i = 0; i < 20; i++) record({ route: `GET /${route}` });
  }
  record({ route: "GET /199", status: 500 });
  const first = traffic.scrape("openmetrics");
  assert.match(first, /route="GET \/199",class="5xx",outcome="failure"\} 1\n/);
  assert.match(first, /peer="_other",route="_other"/);
  assert.doesNotMatch(first, /route="GET \/150"/);
  void clock.advance(60_000);
  for (let i = 0; i < 100; i++) record({ route: "GET /150" });
  traffic.scrape("openmetrics");
  for (let i = 0; i < 7; i++) record({ route: "GET /150", durationMs: 700 });
  const text = traffic.scrape("openmetrics");
  assert.match(text, /route="GET \/150",class="2xx",outcome="success"\} 7\n/);
  assert.match(text, /duration_seconds_count\{[^}]+route="GET \/150"\} 7\n/);
});

test("promtool finds nothing wrong with a scrape of all there is", (t) => {
  const promtool = findProgram(t, "promtool", "prometheus");
  if (promtool === undefined) return;
  const { traffic, record } = createTraffic();
  for (let i = 0; i < 500; i++) {
    record({ route: `GET /${i % 40}`, peer: `p${i % 9}`, status: i % 7 ? 200 : 500, aborted: i % 11 === 0 });
    record({ side: "client", peer: `"h\\${i % 5}`, route: "a\nb" });
  }
  const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], {
    input: traffic.scrape("prometheus"),
    encoding: "utf8",
  });
  // It wants help texts, which nobody reads and every scrape would carry.
  const said = `${stdout}${stderr}`.split("\n").filter((line) => line !== "" && !/no help text/.test(line));
  assert.deepEqual({ said, isError: status === 1 }, { said: [], isError: false });
});
