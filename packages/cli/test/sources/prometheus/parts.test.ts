import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../../test/helpers/any-text.ts";
import { query, startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { runs } from "../../../../../test/helpers/scale.ts";
import { quantile } from "../../../src/sources/live/latency.ts";
import { latencyOf } from "../../../src/sources/prometheus/bucket-latency.ts";
import { growthOf } from "../../../src/sources/prometheus/growth.ts";
import { KnownLabels } from "../../../src/sources/prometheus/known-labels.ts";
import { namesOf } from "../../../src/sources/prometheus/peers.ts";
import { anyOf, parseMatchers, selector } from "../../../src/sources/prometheus/promql.ts";

const BOUNDS_MS = [
  5,
  10,
  25,
  50,
  75,
  100,
  250,
  500,
  750,
  1_000,
  2_500,
  5_000,
  7_500,
  10_000,
  Number.POSITIVE_INFINITY,
];

const escaped = (text: string): string => text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");

test("a selector matches the service of a name, whatever the name holds, and no other: on real Prometheus", async (t) => {
  const text = anyText({ minLength: 1, maxLength: 12 });
  const hostile = [
    'a"} or vector(1) or {a="',
    "a|b",
    "a\ufffdb",
    "a.*",
    "\\",
    '\\"',
    "a\nb",
    "a{b}",
    "(",
    "[",
    "é|ü",
    "$",
    "^a$",
    "a\\.b",
  ];
  const sample = fc.sample(text, { numRuns: runs(200), seed: 1 });
  const all = [...new Set([...hostile, ...sample, "a", "b", "ab"].map((one) => one.toWellFormed()))].filter(
    // What no text file can hold cannot have been scraped.
    (one) => !one.includes("\0"),
  );
  const atS = Math.floor(Date.now() / 1_000) - 60;
  const lines = all.map((name, i) => `up_of{service_name="${escaped(name)}",i="${i}"} ${i} ${atS}\n`);
  const prometheus = await startPrometheus(t, { history: [lines.join("")] });
  if (prometheus === undefined) return;
  const found = async (names: readonly string[]): Promise<number[]> => {
    const text = selector([anyOf("__name__", ["up_of"]), anyOf("service_name", names)]);
    return (await query(prometheus.url, text)).map(({ value }) => value).sort((a, b) => a - b);
  };
  for (const [i, name] of all.entries()) {
    assert.deepEqual(await found([name]), [i], JSON.stringify(name));
    const other = (i * 7 + 3) % all.length;
    const both = [...new Set([i, other])].sort((a, b) => a - b);
    assert.deepEqual(await found([name, all[other]!]), both, JSON.stringify([name, all[other]]));
  }
});

test("parseMatchers() reads what selector() writes, and refuses what could end a selector", () => {
  const matcher = fc.record(
    {
      label: fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/),
      operator: fc.constantFrom("=" as const, "!=" as const, "=~" as const, "!~" as const),
      value: anyText().map((text) => text.toWellFormed()),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(matcher, { minLength: 1, maxLength: 4 }), (matchers) => {
      assert.deepEqual(parseMatchers(selector(matchers).slice(1, -1)), matchers);
    }),
    { numRuns: runs(2_000) },
  );
  assert.deepEqual(parseMatchers(`a='it\\'s "b"', c!~"x"`), [
    { label: "a", operator: "=", value: `it's "b"` },
    { label: "c", operator: "!~", value: "x" },
  ]);
  for (const text of ["", "a", 'a="b"}', 'a="b" or c="d"', "__name__", 'a="b', "a=b", '1a="b"']) {
    assert.throws(() => parseMatchers(text), /want namespace="shop"/, text);
  }
});

test("latencyOf() keeps every request, the mean, and each quantile within its bucket", () => {
  const times = fc.array(fc.double({ min: 0.5, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(times, (all) => {
      const cumulative = BOUNDS_MS.map((bound) => [bound, all.filter((ms) => ms <= bound).length] as const);
      const sumMs = all.reduce((sum, ms) => sum + ms, 0);
      const latency = latencyOf({ cumulative, sumMs });
      const count = latency.bins.reduce((sum, [, n]) => sum + n, 0);
      assert.ok(Math.abs(count - all.length) < 1e-6 * all.length, `${count} of ${all.length}`);
      const sorted = all.toSorted((a, b) => a - b);
      for (const share of [0.5, 0.95, 0.99]) {
        const told = quantile(latency, share)!;
        const rank = share * (all.length - 1);
        const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
        const below = BOUNDS_MS.findLast((bound) => bound < low) ?? 0.25;
        const above = BOUNDS_MS.find((bound) => bound >= high)!;
        assert.ok(
          told >= below * 0.97 && told <= (above === Number.POSITIVE_INFINITY ? 130_000 : above) * 1.03,
          `${told} of ${low}`,
        );
      }
    }),
    { numRuns: runs(2_000) },
  );
  const cumulative = BOUNDS_MS.map((bound) => [bound, bound >= 250 ? 100 : 0] as const);
  const mean = (latency: ReturnType<typeof latencyOf>): number =>
    latency.bins.reduce((sum, [index, n]) => sum + (n * 2 * 1.03 ** index) / 2.03, 0) / 100;
  for (const ms of [110, 160, 240]) {
    const told = mean(latencyOf({ cumulative, sumMs: 100 * ms }));
    assert.ok(Math.abs(told / ms - 1) < 0.03, `${told} of ${ms}`);
  }
});

test("growthOf() counts what is new: a counter that fell, a class that came, a process that started, and no other", () => {
  const known = new KnownLabels();
  const sample = (labels: Record<string, string>, value: number) => ({
    labels: known.labelsOf(JSON.stringify(labels))!,
    value,
  });
  const instanceOf = ({ i = "" }: Readonly<Record<string, string>>): string => i;
  const before = [sample({ i: "a", c: "2xx" }, 10), sample({ i: "a", c: "4xx" }, 50)];
  const after = [
    sample({ i: "a", c: "2xx" }, 15),
    sample({ i: "a", c: "4xx" }, 3),
    sample({ i: "a", c: "5xx" }, 7),
    sample({ i: "young", c: "2xx" }, 9),
    sample({ i: "old", c: "2xx" }, 1_000),
  ];
  const starts = new Map([
    ["a", 0],
    ["young", 160],
    ["old", 20],
  ]);
  const grown = growthOf(before, after, { fromS: 100, starts, instanceOf });
  assert.deepEqual(
    grown.map(({ labels: { i, c }, value }) => [i, c, value]),
    [
      ["a", "2xx", 5],
      ["a", "4xx", 3],
      ["a", "5xx", 7],
      ["young", "2xx", 9],
    ],
  );
});

test("namesOf() knows services at the addresses that were scraped and by the names of hosts, and no stranger", () => {
  const known = [
    { service: "voting", labels: { instance: "10.0.0.7:8080", namespace: "shop" } },
    { service: "web", labels: { instance: "10.0.0.8:8080", namespace: "shop", service: "frontend" } },
    { service: "mail", labels: { instance: "10.0.0.9:8080", namespace: "shop" } },
    { service: "mail", labels: { instance: "10.0.1.9:8080", namespace: "office" } },
  ];
  const call = (peer: string) => ({
    ...{
      side: "client" as const,
      peer,
      route: "GET",
      windowS: 60,
      count: 1,
      failures: 0,
      aborted: 0,
      waiting: 0,
    },
    ...{ classes: {}, failingSince: null, latency: { gamma: 2, bins: [] }, exemplar: null },
  });
  const cases: [string, string | undefined][] = [
    ["10.0.0.7:8080", "voting"],
    ["voting:80", "voting"],
    ["VOTING.shop.svc.cluster.local:80", "voting"],
    ["frontend.shop.svc:80", "web"],
    ["mail:25", "mail"],
    ["voting.example.com:443", undefined],
    ["10.0.0.7:9999", undefined],
    ["postgres:5432", undefined],
    ["db", undefined],
  ];
  const names = namesOf(
    known,
    cases.map(([peer]) => call(peer)),
  );
  for (const [peer, service] of cases) {
    const [host, port] = peer.split(":");
    assert.equal(names.get(`${host!.toLowerCase()}:${port}`), service, peer);
  }
});
