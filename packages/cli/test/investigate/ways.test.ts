import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { chanceOfAtMost } from "../../src/investigate/chance.ts";
import { centresOf, type Edge } from "../../src/investigate/star.ts";
import { examined, named, told } from "../helpers/examined.ts";
import { NOW } from "../helpers/fake-service.ts";

const TIMEOUTS = { failures: 30, classes: { "2xx": 70, TimeoutError: 30 } };

test("examine() names the caller that holds up its calls to one callee, where those that it answered were as late", () => {
  const quick = { ms: [[10, 1_000]] } as const;
  const ask = (answeredMs: number) =>
    named(
      examined({
        web: {
          now: [
            told("server", "bot", "GET /", { ms: [[1_900, 100]], failures: 30 }),
            told("client", "a", "GET", {
              ms: [
                [answeredMs, 70],
                [2_000, 30],
              ],
              ...TIMEOUTS,
            }),
          ],
          past: [told("server", "bot", "GET /", { ms: [[40, 1_000]] }), told("client", "a", "GET", quick)],
        },
        a: {
          now: [told("server", "web", "GET /", { ms: [[10, 70]] })],
          past: [told("server", "web", "GET /", quick)],
        },
      }),
    );
  assert.deepEqual(ask(1_500), ["web held-up"]);
  assert.deepEqual(ask(11), ["a timeouts"], "nothing but some calls is lost");
});

test("examine() names the caller that holds up its calls, where most of its callees seem not to answer in time", () => {
  const quick = { ms: [[10, 1_000]] } as const;
  const held = {
    ms: [
      [900, 70],
      [2_000, 30],
    ],
    ...TIMEOUTS,
  } as const;
  const leaf = {
    now: [told("server", "web", "GET /", { ms: [[10, 70]] })],
    past: [told("server", "web", "GET /", quick)],
  };
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", { ms: [[1_900, 100]], failures: 60 }),
        ...["a", "b", "db"].map((callee) => told("client", callee, "GET", held)),
      ],
      past: [
        told("server", "bot", "GET /", { ms: [[40, 1_000]] }),
        ...["a", "b", "db"].map((callee) => told("client", callee, "GET", quick)),
      ],
    },
    ...{ a: leaf, b: leaf },
  });
  assert.deepEqual(named(findings), ["web held-up"]);
  assert.match(findings.culprits[0]!.error, /^its calls wait: /);
});

test("examine() names the callee that has calls in hand until their caller gives up, not another whose calls wait meanwhile", () => {
  const quick = { ms: [[10, 1_000]] } as const;
  const held = {
    ms: [
      [900, 70],
      [2_000, 30],
    ],
    ...TIMEOUTS,
  } as const;
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", { ms: [[1_900, 100]], failures: 60 }),
        told("client", "slow", "GET", { failures: 100, classes: { TimeoutError: 100 }, ms: [[2_000, 100]] }),
        told("client", "api.example:443", "GET", held),
      ],
      past: [
        told("server", "bot", "GET /", { ms: [[40, 1_000]] }),
        ...["slow", "api.example:443"].map((callee) => told("client", callee, "GET", quick)),
      ],
    },
    slow: {
      now: [told("server", "web", "GET /", { aborted: 100 })],
      past: [told("server", "web", "GET /", quick)],
    },
  });
  assert.deepEqual(named(findings), ["slow timeouts"]);
});

test("examine() names the one callee that does not answer in time, not its caller whose other callees are well", () => {
  const quick = { ms: [[10, 1_000]] } as const;
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", { ms: [[700, 100]], failures: 30 }),
        told("client", "db", "query", {
          ms: [
            [10, 70],
            [2_000, 30],
          ],
          ...TIMEOUTS,
        }),
        told("client", "cache", "get", { ms: [[10, 100]] }),
        told("client", "api.example:443", "GET", { ms: [[10, 100]] }),
      ],
      past: [
        told("server", "bot", "GET /", { ms: [[40, 1_000]] }),
        ...["db", "cache", "api.example:443"].map((peer) => told("client", peer, "GET", quick)),
      ],
    },
  });
  assert.deepEqual(named(findings), ["db timeouts"]);
});

test("examine() names the service that takes longer itself and to see each answer, not the callee that it asks", () => {
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", { ms: [[190, 100]] }),
        told("client", "leaf", "GET", { ms: [[75, 100]] }),
      ],
      past: [
        told("server", "bot", "GET /", { ms: [[60, 1_000]] }),
        told("client", "leaf", "GET", { ms: [[11, 1_000]] }),
      ],
    },
    leaf: {
      now: [told("server", "web", "GET /", { ms: [[10, 100]] })],
      past: [told("server", "web", "GET /", { ms: [[10, 1_000]] })],
    },
  });
  assert.deepEqual(named(findings), ["web slow"]);
});

test("examine() names what became slow some minutes ago where nobody remembers better, and leaves what was always so", () => {
  const voting = (quick: number) => ({
    now: [told("server", "bot", "GET /", { ms: [[600, 100]] })],
    ring: [
      told("server", "bot", "GET /", {
        ms: [...(quick === 0 ? [] : [[20, quick] as const]), [600, 1_000 - quick]],
      }),
    ],
  });
  assert.deepEqual(named(examined({ voting: voting(300) })), ["voting slow"]);
  assert.deepEqual(named(examined({ voting: voting(0) })), []);
  // One in twenty answers from a cache, and none of the last hundred did: that may be chance.
  assert.deepEqual(named(examined({ voting: voting(50) })), []);
});

test("examine() looks at ten minutes for what is too rare for one, as long as it goes on", () => {
  const errors = (now: number) => ({
    now: [told("server", "bot", "GET /", { ms: [[20, 100]], failures: now })],
    ring: [told("server", "bot", "GET /", { ms: [[20, 1_000]], failures: 25 })],
  });
  const findings = examined({ web: errors(2) });
  assert.deepEqual(named(findings), ["web errors"]);
  assert.equal(findings.windowS, 600);
  assert.deepEqual(named(examined({ web: errors(0) })), []);
});

test("examine() leaves who has a few late requests in a minute that cost little, and names who has as few that cost much", () => {
  const db = (lateMs: number): string[] =>
    named(
      examined({
        web: {
          now: [
            told("server", "bot", "GET /", {
              ms: [
                [40, 144],
                [40 + lateMs, 6],
              ],
            }),
            told("client", "db", "query", {
              ms: [
                [4, 88],
                [20, 56],
                [lateMs, 6],
              ],
            }),
          ],
          past: [
            told("server", "bot", "GET /", { ms: [[40, 1_000]] }),
            told("client", "db", "query", {
              ms: [
                [4, 600],
                [20, 400],
              ],
            }),
          ],
        },
      }),
    );
  assert.deepEqual(db(140), []);
  assert.deepEqual(db(900), ["db slow"]);
});

test("examine() leaves late requests that cost little alone where processes have not been there for half an hour before", () => {
  const latencies = (late: number): NonNullable<Parameters<typeof told>[3]["ms"]> => [
    [4, 90],
    [60, 60 - late],
    [190, late],
  ];
  const toldBy = (startedAt: string): string[] =>
    named(
      examined(
        {
          web: {
            now: [
              told("server", "bot", "GET /", { ms: latencies(12) }),
              told("client", "db", "query", { ms: latencies(12) }),
            ],
            past: [
              told("server", "bot", "GET /", { ms: latencies(0) }),
              told("client", "db", "query", { ms: latencies(0) }),
            ],
          },
        },
        startedAt,
      ),
    );
  const minutesBefore = (minutes: number): string =>
    new Date(Date.parse(NOW) - 60_000 * minutes).toISOString();
  assert.deepEqual(toldBy(minutesBefore(120)), ["db slow"]);
  assert.deepEqual(toldBy(minutesBefore(18)), []);
});

test("examine() names the slow callee alone where its caller asks one of ten each time and remembers few calls of each", () => {
  const callees = ["leaf", ...Array.from({ length: 9 }, (_, i) => `api${i}.example:443`)];
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", {
          ms: [
            [60, 90],
            [460, 10],
          ],
        }),
        ...callees.map((callee) =>
          told("client", callee, "GET", { ms: [[callee === "leaf" ? 450 : 50, 10]] }),
        ),
      ],
      day: [
        told("server", "bot", "GET /", { ms: [[60, 400]] }),
        ...callees.map((callee) => told("client", callee, "GET", { ms: [[50, 40]] })),
      ],
    },
    leaf: {
      now: [told("server", "web", "GET /", { ms: [[445, 10]] })],
      day: [told("server", "web", "GET /", { ms: [[45, 40]] })],
    },
  });
  assert.deepEqual(named(findings), ["leaf slow"]);
});

test("examine() names the callee that is late now and then, not its caller that was late twice more by chance", () => {
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", {
          ms: [
            [110, 83],
            [950, 9],
          ],
        }),
        told("client", "leaf", "GET", {
          ms: [
            [8, 120],
            [705, 6],
          ],
        }),
      ],
      past: [
        told("server", "bot", "GET /", { ms: [[115, 1_000]] }),
        told("client", "leaf", "GET", { ms: [[8, 1_300]] }),
      ],
    },
    leaf: {
      now: [
        told("server", "web", "GET /", {
          ms: [
            [7, 120],
            [700, 6],
          ],
        }),
      ],
      past: [told("server", "web", "GET /", { ms: [[7, 1_300]] })],
    },
  });
  assert.deepEqual(named(findings), ["leaf slow"]);
});

test("centresOf() names who stands in the middle of most bad ways, and covers each bad way once", () => {
  const edge = (caller: string, callee: string, harm: number): Edge => ({ caller, callee, harm });
  const centres = (...edges: Edge[]): string[] => centresOf(edges).map(({ service }) => service);
  assert.deepEqual(centres(edge("a", "b", 1), edge("a", "c", 0)), ["b"], "one way: its callee");
  assert.deepEqual(centres(edge("a", "c", 1), edge("b", "c", 1), edge("a", "d", 0)), ["c"], "all ways in");
  assert.deepEqual(centres(edge("a", "b", 1), edge("a", "c", 1), edge("d", "b", 0)), ["a"], "all ways out");
  assert.deepEqual(centres(edge("a", "b", 1), edge("b", "c", 1), edge("b", "db", 0)), ["b"], "both sides");
  const names = fc.constantFrom("a", "b", "c", "d", "e");
  const edges = fc.array(fc.record({ caller: names, callee: names, harm: fc.nat(3) }), { maxLength: 12 });
  fc.assert(
    fc.property(edges, (all) => {
      const explained = centresOf(all).flatMap((centre) => centre.edges);
      assert.equal(new Set(explained).size, explained.length);
      assert.deepEqual(new Set(explained), new Set(all.filter(({ harm }) => harm > 0)));
    }),
    { numRuns: runs(1_000) },
  );
});

test("chanceOfAtMost() is the binomial distribution", () => {
  const near = (actual: number, expected: number): void =>
    assert.ok(Math.abs(actual - expected) <= expected * 1e-9, `${actual}, not ${expected}`);
  near(chanceOfAtMost(0, 3, 0.5), 1 / 8);
  near(chanceOfAtMost(1, 3, 0.5), 1 / 2);
  near(chanceOfAtMost(2, 10, 0.1), 0.9298091736);
  assert.equal(chanceOfAtMost(3, 3, 0.5), 1);
  assert.equal(chanceOfAtMost(0, 5, 0), 1);
  assert.equal(chanceOfAtMost(2, 5, 1), 0);
});

test("examine() names who is slow behind a service that tells nothing, not that service", () => {
  const leaf = {
    now: [told("server", "unknown", "GET /", { ms: [[420, 100]] })],
    past: [told("server", "unknown", "GET /", { ms: [[20, 1_000]] })],
  };
  const web = {
    now: [
      told("server", "bot", "GET /", { ms: [[460, 100]] }),
      told("client", "gateway.example:443", "GET", { ms: [[440, 100]] }),
    ],
    past: [
      told("server", "bot", "GET /", { ms: [[60, 1_000]] }),
      told("client", "gateway.example:443", "GET", { ms: [[40, 1_000]] }),
    ],
  };
  assert.deepEqual(named(examined({ web, leaf })), ["leaf slow"]);
});

test("examine() names who fails behind a service that tells nothing, not that service", () => {
  const failing = { failures: 30, classes: { "2xx": 70, "5xx": 30 }, ms: [[20, 100]] } as const;
  const leaf = { now: [told("server", "unknown", "GET /", failing)] };
  const web = {
    now: [told("server", "bot", "GET /", failing), told("client", "gateway.example:443", "GET", failing)],
  };
  assert.deepEqual(named(examined({ web, leaf })), ["leaf errors"]);
});

test("examine() names a callee that tells nothing as well as a service that is slower than to be behind it", () => {
  const web = {
    now: [
      told("server", "bot", "GET /", { ms: [[460, 100]] }),
      told("client", "api.example:443", "GET", { ms: [[440, 100]] }),
    ],
    past: [
      told("server", "bot", "GET /", { ms: [[60, 1_000]] }),
      told("client", "api.example:443", "GET", { ms: [[40, 1_000]] }),
    ],
  };
  const shop = {
    now: [told("server", "unknown", "GET /", { ms: [[1_500, 100]] })],
    past: [told("server", "unknown", "GET /", { ms: [[30, 1_000]] })],
  };
  assert.deepEqual(named(examined({ web, shop })).toSorted(), ["api.example:443 slow", "shop slow"]);
});

test("examine() names a service that fails by itself and the callee that it asks, which tells nothing and fails too", () => {
  const failing = { failures: 30, classes: { "2xx": 70, "5xx": 30 }, ms: [[20, 100]] } as const;
  const web = {
    now: [
      told("server", "unknown", "GET /", { ...failing, failures: 80 }),
      told("client", "api.example:443", "GET", failing),
    ],
  };
  assert.deepEqual(named(examined({ web })).toSorted(), ["api.example:443 errors", "web errors"]);
});
