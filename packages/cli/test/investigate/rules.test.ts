import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict, type Verdict } from "../../src/index.ts";
import type { Series } from "../../src/sources/live/traffic-document.ts";
import { deadAddress, fakeService, NOW, STARTED, series } from "../helpers/fake-service.ts";

/** Latencies of so many requests around each of these milliseconds, one bin each. */
const took = (...parts: readonly (readonly [ms: number, count: number])[]): Series["latency"] => ({
  gamma: 1.03,
  bins: parts.map(([ms, count]) => [Math.ceil(Math.log(ms) / Math.log(1.03)), count]),
});

type Counts = Parameters<typeof series>[3] & {
  readonly ms?: readonly (readonly [ms: number, count: number])[];
};

/** One series of a window; how many requests it holds follows from the latencies. */
function seen(
  side: "server" | "client",
  peer: string,
  route: string,
  windowS: number,
  { ms = [], ...counts }: Counts,
): Series {
  const count = ms.reduce((sum, [, n]) => sum + n, 0);
  return series(side, peer, route, { windowS, count, latency: took(...ms), ...counts });
}

interface Told {
  readonly series: readonly Series[];
  readonly baseline?: readonly Series[];
  readonly version?: string;
  readonly startedAt?: string;
  readonly changes?: readonly object[];
  readonly instance?: string;
}

const documentOf = (service: string, told: Told): object => ({
  ...{ service, instance: "a", version: null, startedAt: STARTED, now: NOW },
  ...told,
});

/** Asks `web`, whose calls go to the `voting` that `callee` describes; `callee` is told under the address it is given. */
async function ask(
  t: TestContext,
  web: (voting: string) => Told,
  voting: Told,
  options: { windowS?: 10 | 60 | 600 } = {},
): Promise<Verdict> {
  const below = await fakeService(t, "voting");
  below.document = documentOf("voting", voting);
  const above = await fakeService(t, "web");
  above.document = documentOf("web", web(below.host));
  return investigate([above.url], { ...options, view: await deadAddress() });
}

const named = ({ culprits }: Verdict): string[] =>
  culprits.map(({ service, fault }) => `${service} ${fault}`);

/** The same series over the window in question, over ten minutes, and before. */
const always = (side: "server" | "client", peer: string, route: string, ms: number): [Series[], Series[]] => [
  [60, 600].map((windowS) => seen(side, peer, route, windowS, { ms: [[ms, windowS * 2]] })),
  [3_600, 86_400].map((windowS) => seen(side, peer, route, windowS, { ms: [[ms, windowS]] })),
];

test("investigate() names the way to a service whose callers wait 500 ms that it does not see", async (t) => {
  const [served, servedBefore] = always("server", "web", "POST /votes", 7);
  const [, calledBefore] = always("client", "", "POST", 8);
  const verdict = await ask(
    t,
    (voting) => ({
      series: [
        ...[60, 600].map((windowS) => seen("server", "bot", "GET /", windowS, { ms: [[530, windowS * 2]] })),
        ...[60, 600].map((windowS) => seen("client", voting, "POST", windowS, { ms: [[508, windowS * 2]] })),
      ],
      baseline: [
        ...always("server", "bot", "GET /", 30)[1],
        ...calledBefore.map((one) => ({ ...one, peer: voting })),
      ],
    }),
    { series: served, baseline: servedBefore },
  );
  assert.deepEqual(named(verdict), ["voting slow-way"]);
  assert.match(verdict.culprits[0]!.error, /^\+\d+ ms that voting does not see$/);
  // At which of both ends it is nobody knows.
  assert.match(
    renderVerdict(verdict),
    /^The way from web to voting is strangling requests: it has become slow\.\n/,
  );
});

test("investigate() names what has been slow for hours, by what a day remembers, also over ten minutes", async (t) => {
  for (const windowS of [60, 600] as const) {
    const slow = (side: "server" | "client", peer: string, route: string) =>
      [60, 600].map((one) => seen(side, peer, route, one, { ms: [[400, one * 2]] }));
    const hour = (one: Series): Series => ({ ...one, latency: took([400, one.count]) });
    const remembered = (side: "server" | "client", peer: string, route: string) =>
      always(side, peer, route, 20)[1].map((one) => (one.windowS === 3_600 ? hour(one) : one));
    const verdict = await ask(
      t,
      (voting) => ({
        series: [...slow("server", "bot", "GET /"), ...slow("client", voting, "POST")],
        baseline: [...remembered("server", "bot", "GET /"), ...remembered("client", voting, "POST")],
      }),
      { series: slow("server", "web", "POST /votes"), baseline: remembered("server", "web", "POST /votes") },
      { windowS },
    );
    assert.deepEqual(named(verdict), ["voting slow"]);
    assert.match(verdict.culprits[0]!.error, /^takes (39|40)\d ms where it took (19|20) ms$/);
  }
});

test("investigate() names a slow tail, prints the share that is late, and leaves one that was always there", async (t) => {
  const tail = (side: "server" | "client", peer: string, route: string) =>
    [60, 600].map((windowS) =>
      seen(side, peer, route, windowS, {
        ms: [
          [20, windowS * 5 * 0.96],
          [900, windowS * 5 * 0.04],
        ],
      }),
    );
  const before = (late: number) => (side: "server" | "client", peer: string, route: string) => [
    seen(side, peer, route, 86_400, {
      ms: [
        [20, 10_000 * (1 - late)],
        [900, 10_000 * late],
      ],
    }),
  ];
  for (const [late, expected] of [
    [0.001, ["voting slow"]],
    [0.04, []],
  ] as const) {
    const baseline = before(late);
    const verdict = await ask(
      t,
      (voting) => ({
        series: [...tail("server", "bot", "GET /"), ...tail("client", voting, "POST")],
        baseline: [...baseline("server", "bot", "GET /"), ...baseline("client", voting, "POST")],
      }),
      { series: tail("server", "web", "POST /votes"), baseline: baseline("server", "web", "POST /votes") },
    );
    assert.deepEqual(named(verdict), expected);
    if (expected.length > 0) {
      assert.equal(
        verdict.culprits[0]!.error,
        "4 % of requests take longer than 120 ms where 0.1 % did",
        "the quantile that spoke is the one that is printed",
      );
    }
  }
});

test("investigate() names the callee that refuses what its caller needs, not the caller that fails for it", async (t) => {
  for (const status of ["401", "429", "403"]) {
    const refused = { "2xx": 61, "4xx": 59 };
    const verdict = await ask(
      t,
      (voting) => ({
        series: [
          seen("server", "bot", "GET /", 60, { ms: [[20, 120]], failures: 59, error: "BadGateway" }),
          seen("client", voting, "POST", 60, { ms: [[9, 120]], classes: refused }),
        ],
      }),
      { series: [seen("server", "web", `POST /auth/${status}`, 60, { ms: [[8, 120]], classes: refused })] },
    );
    assert.deepEqual(named(verdict), ["voting refusals"]);
    assert.equal(verdict.culprits[0]!.failures, 59);
  }
});

test("investigate() blames a caller for its own errors where its callee has always answered 404 to some", async (t) => {
  const often = { "2xx": 80, "4xx": 40 };
  const verdict = await ask(
    t,
    (voting) => ({
      series: [
        seen("server", "bot", "GET /", 60, { ms: [[20, 120]], failures: 40 }),
        seen("client", voting, "GET", 60, { ms: [[9, 120]], classes: often }),
      ],
      baseline: [
        seen("client", voting, "GET", 86_400, { ms: [[9, 9_000]], classes: { "2xx": 6_000, "4xx": 3_000 } }),
      ],
    }),
    { series: [seen("server", "web", "GET /votes", 60, { ms: [[8, 120]], classes: often })] },
  );
  assert.deepEqual(named(verdict), ["web errors"]);
});

test("investigate() looks at ten minutes where the last one held too few requests, and says which it is of", async (t) => {
  const few = (windowS: number, count: number, failures: number) => [
    seen("server", "web", "POST /votes", windowS, { ms: [[8, count]], failures }),
  ];
  const calls = (voting: string, windowS: number, count: number, failures: number) => [
    seen("server", "bot", "GET /", windowS, { ms: [[9, count]], failures }),
    seen("client", voting, "POST", windowS, { ms: [[8, count]], failures }),
  ];
  const verdict = await ask(
    t,
    (voting) => ({ series: [...calls(voting, 60, 2, 1), ...calls(voting, 600, 20, 10)] }),
    { series: [...few(60, 2, 1), ...few(600, 20, 10)] },
  );
  assert.deepEqual([...named(verdict), verdict.windowS], ["voting errors", 600]);
  assert.match(renderVerdict(verdict), /\n {2}failures {3}10 of 20 requests \(50\.00%\) in 10 min\n/);

  const thinner = await ask(
    t,
    (voting) => ({ series: [...calls(voting, 60, 1, 0), ...calls(voting, 600, 3, 2)] }),
    { series: [...few(60, 1, 0), ...few(600, 3, 2)] },
  );
  assert.deepEqual([thinner.verdict, named(thinner)], ["nothing", []]);
  assert.match(renderVerdict(thinner), /\nToo few to accuse: voting {2}POST \/votes {2}2 of 3 requests/);
});

test("investigate() ranks what is new before what always failed, and says of that that it is as before", async (t) => {
  const verdict = await ask(
    t,
    (voting) => ({
      series: [
        seen("server", "bot", "GET /new", 60, { ms: [[20, 100]], failures: 12 }),
        seen("server", "bot", "GET /", 60, { ms: [[20, 1_000]] }),
        seen("client", voting, "POST", 60, { ms: [[9, 1_000]], failures: 30 }),
      ],
      baseline: [
        seen("server", "bot", "GET /new", 86_400, { ms: [[20, 9_000]] }),
        seen("server", "bot", "GET /", 86_400, { ms: [[20, 90_000]] }),
        seen("client", voting, "POST", 86_400, { ms: [[9, 90_000]], failures: 2_700 }),
      ],
    }),
    {
      series: [seen("server", "web", "POST /votes", 60, { ms: [[8, 1_000]], failures: 30 })],
      baseline: [seen("server", "web", "POST /votes", 86_400, { ms: [[8, 90_000]], failures: 2_700 })],
    },
  );
  assert.deepEqual(named(verdict), ["web errors"]);
  assert.deepEqual(
    verdict.asBefore.map(({ service }) => service),
    ["voting"],
  );
  assert.match(renderVerdict(verdict), /\nAs before:\n {2}voting {2}POST \/votes {2}30 of 1000 requests/);
});

test("investigate() names who always failed half of its requests, and says that it did so before", async (t) => {
  const half = (windowS: number) =>
    seen("server", "bot", "GET /", windowS, { ms: [[20, 100]], failures: 50 });
  const web = await fakeService(t, "web");
  web.document = documentOf("web", { series: [half(60)], baseline: [half(86_400)] });
  const verdict = await investigate([web.url], { view: await deadAddress() });
  assert.deepEqual([named(verdict), verdict.culprits[0]?.asBefore], [["web errors"], true]);
  assert.match(
    renderVerdict(verdict),
    /^web is murdering requests\. It did so before, as far back as is rem/,
  );
});

test("investigate() blames a failing callee for the failures of a caller whose breaker is open", async (t) => {
  const verdict = await ask(
    t,
    (voting) => ({
      series: [
        seen("server", "bot", "GET /", 60, { ms: [[2, 120]], failures: 110 }),
        seen("client", voting, "POST", 60, { ms: [[8, 15]], failures: 12 }),
      ],
      baseline: [
        seen("server", "bot", "GET /", 86_400, { ms: [[20, 9_000]] }),
        seen("client", voting, "POST", 86_400, { ms: [[8, 9_000]] }),
      ],
    }),
    { series: [seen("server", "web", "POST /votes", 60, { ms: [[8, 15]], failures: 12 })] },
  );
  assert.deepEqual(named(verdict), ["voting errors"]);
});

test("investigate() leaves slowness alone that no caller feels", async (t) => {
  const [entry, entryBefore] = always("server", "bot", "GET /", 30);
  const late = (side: "server" | "client", peer: string, route: string): Series[] =>
    [60, 600].map((windowS) => seen(side, peer, route, windowS, { ms: [[600, windowS]] }));
  const verdict = await ask(
    t,
    (voting) => ({
      series: [...entry, ...late("client", voting, "POST")],
      baseline: [...entryBefore, ...always("client", voting, "POST", 8)[1]],
    }),
    { series: late("server", "web", "POST /votes"), baseline: always("server", "web", "POST /votes", 7)[1] },
  );
  assert.deepEqual([verdict.verdict, named(verdict)], ["nothing", []]);
});

test("investigate() says of each claim which series, trace or change it stands on, and how sure it is", async (t) => {
  const failures = { failures: 40, traceId: "5c522f9b5c522f9b5c522f9b5c522f9b" };
  const verdict = await ask(
    t,
    (voting) => ({
      series: [
        seen("server", "bot", "GET /", 60, { ms: [[20, 200]], ...failures }),
        seen("client", voting, "POST", 60, { ms: [[9, 200]], ...failures }),
      ],
    }),
    {
      series: [seen("server", "web", "POST /votes", 60, { ms: [[8, 200]], ...failures })],
      baseline: [seen("server", "web", "POST /votes", 86_400, { ms: [[8, 9_000]], failures: 90 })],
    },
  );
  const [culprit] = verdict.culprits;
  assert.equal(culprit!.confidence, "high");
  assert.deepEqual(
    culprit!.evidence.map(({ claim, source }) => [claim.replace(/; the median.*/, ""), source]),
    [
      [
        "40 of 200 requests fail, 2 are usual",
        { kind: "series", service: "voting", side: "server", peer: "web", route: "POST /votes", windowS: 60 },
      ],
      [
        "40 of 200 requests fail, 0 are usual",
        { kind: "series", service: "web", side: "client", peer: "voting", route: "POST", windowS: 60 },
      ],
      ["a request that failed", { kind: "trace", traceId: failures.traceId }],
    ],
  );
  assert.deepEqual(verdict.blastRadius, [{ name: "web GET /", count: 200, failures: 40 }]);
  assert.match(renderVerdict(verdict), /\n {2}seen as {4}web GET \/, 40 of 200 requests \(20\.00%\)\n/);
});
