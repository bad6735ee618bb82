import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { renderVerdict } from "../../src/index.ts";
import { buildBefore } from "../../src/investigate/before.ts";
import { findCulprits } from "../../src/investigate/culprits.ts";
import { findAlwaysSlow } from "../../src/investigate/find-slow.ts";
import { buildGraph } from "../../src/investigate/graph.ts";
import { isFailing } from "../../src/investigate/suspect.ts";
import { readTraffic } from "../../src/sources/live/traffic-document.ts";

const name = fc.constantFrom(
  "web",
  "voting",
  "emoji",
  "unknown",
  "10.0.0.7:80",
  "db",
  "__proto__",
  "\u001b[2J",
  "",
);
const count = fc.oneof(fc.nat(500), fc.constant(-1), fc.constant(Number.NaN), fc.constant("7"));
const time = fc.constantFrom("2026-11-20T08:47:41.960Z", "yesterday", null, 5);
const series = fc.record(
  {
    side: fc.constantFrom("server", "client", "both"),
    peer: name,
    route: fc.constantFrom("GET /", "POST", "__proto__", "\n"),
    windowS: fc.constantFrom(10, 60, 600, "60"),
    count,
    failures: count,
    aborted: count,
    classes: fc.oneof(
      fc.dictionary(fc.constantFrom("2xx", "5xx", "ETIMEDOUT", "ECONNREFUSED", "__proto__"), count),
      fc.constant(null),
    ),
    failingSince: time,
    latency: fc.oneof(
      fc.record({
        gamma: fc.constantFrom(1.02, 2, 0, -1),
        bins: fc.array(fc.tuple(fc.integer({ min: -9, max: 900 }), fc.nat(300))),
      }),
      fc.constant(undefined),
    ),
    exemplar: fc.oneof(
      fc.record({
        traceId: anyText(),
        at: time,
        status: fc.oneof(fc.nat(599), anyText()),
        failed: fc.boolean(),
        error: anyText(),
      }),
      fc.constant(null),
    ),
  },
  { requiredKeys: [] },
);
const documents = fc.array(
  fc.record({ service: name, instance: anyText(), series: fc.array(series, { maxLength: 12 }) }),
  { maxLength: 6 },
);

test("findCulprits() makes sense of any documents: it never throws, and accuses nobody twice of the same", () => {
  fc.assert(
    fc.property(documents, (all) => {
      const read = all
        .map((one) => readTraffic(JSON.parse(JSON.stringify(one))))
        .filter((one) => one !== null);
      const services = [...Map.groupBy(read, ({ service }) => service)].map(([service, instances]) => ({
        name: service,
        instances: instances.map((document, i) => ({
          address: `http://10.0.0.${i}`,
          key: `10.0.0.${i}:80`,
          document,
        })),
      }));
      const survey = { services, unreached: [], notAsked: [], names: new Map([["10.0.0.7:80", "voting"]]) };
      const graph = buildGraph(survey, 60);
      const culprits = findCulprits(graph, buildBefore(survey, 60));
      const accused = culprits.map(({ service, fault }) => JSON.stringify([service, fault]));
      assert.equal(new Set(accused).size, accused.length);
      for (const { count: all, failures, path, service, fault } of culprits) {
        assert.ok(failures >= 0 && failures <= all, `${failures} of ${all}`);
        assert.equal(path.at(-1), service);
        assert.ok(failures > 0 || fault === "slow" || fault === "impatient", fault);
      }
      const text = renderVerdict({
        verdict: culprits.length > 0 ? "culprit" : "nothing",
        windowS: 60,
        culprits,
        blastRadius: [],
        asBefore: [],
        alwaysSlow: findAlwaysSlow(graph),
        tooFew: [],
        unreached: [],
        missing: [],
        requests: 1,
        services: [...graph.keys()],
        addresses: {},
        health: [],
        trace: null,
        lines: [],
        at: null,
        profile: null,
      });
      assert.doesNotMatch(text, /[^\P{Cc}\n]|NaN|Infinity|undefined/u);
    }),
    { numRuns: runs(500) },
  );
});

test("isFailing() tells a fault from noise", () => {
  const failing = [
    [3, 3],
    [20, 3],
    [300, 6],
    [1_000, 15],
    [100_000, 1_000],
  ] as const;
  const noise = [
    [2, 2],
    [300, 2],
    [300, 5],
    [1_000, 9],
    [100_000, 500],
    [0, 0],
  ] as const;
  for (const [all, failures] of failing)
    assert.equal(isFailing({ count: all, failures }), true, `${failures} of ${all}`);
  for (const [all, failures] of noise)
    assert.equal(isFailing({ count: all, failures }), false, `${failures} of ${all}`);
});
