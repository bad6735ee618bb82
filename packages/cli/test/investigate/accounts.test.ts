import assert from "node:assert/strict";
import { test } from "node:test";
import { examined, named, told } from "../helpers/examined.ts";

type Fares = Parameters<typeof told>[3];

const took = (ms: number, count: number): Fares => ({ ms: [[ms, count]] });

/** Requests that are all given up after two seconds, as their caller counts them. */
const givenUp = (count: number): Fares => ({
  ...{ ...took(2_000, count), failures: count, classes: { TimeoutError: count } },
});

test("examine() names a slow way although its caller waits for several calls on it at the same time", () => {
  const findings = examined({
    web: {
      now: [told("server", "bot", "GET /", took(550, 100)), told("client", "voting", "GET", took(510, 400))],
      past: [
        told("server", "bot", "GET /", took(150, 1_000)),
        told("client", "voting", "GET", took(11, 4_000)),
      ],
    },
    voting: {
      now: [told("server", "web", "GET /", took(10, 400))],
      past: [told("server", "web", "GET /", took(10, 4_000))],
    },
  });
  assert.deepEqual(named(findings), ["voting slow-way"]);
});

test("examine() names a service that is slow itself and calls many, though the most requests on another route are only a little slower", () => {
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /short", took(120, 50)),
        told("server", "bot", "GET /long", took(230, 100)),
        told("client", "voting", "GET", took(60, 200)),
      ],
      past: [
        told("server", "bot", "GET /short", took(15, 500)),
        told("server", "bot", "GET /long", took(130, 1_000)),
        told("client", "voting", "GET", took(25, 2_000)),
      ],
    },
  });
  assert.deepEqual(named(findings), ["web slow"]);
});

test("examine() takes the slowest of nameless requests for those of a caller that made fewer: others may have made the quick ones", () => {
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", took(1_110, 100)),
        told("client", "voting", "GET", took(1_100, 100)),
      ],
      past: [
        told("server", "bot", "GET /", took(110, 1_000)),
        told("client", "voting", "GET", took(100, 1_000)),
      ],
    },
    voting: {
      now: [
        told("server", "unknown", "GET /", {
          ms: [
            [90, 300],
            [1_090, 100],
          ],
        }),
        told("client", "db", "query", {
          ms: [
            [5, 300],
            [1_005, 100],
          ],
        }),
      ],
      past: [
        told("server", "unknown", "GET /", took(90, 4_000)),
        told("client", "db", "query", took(5, 4_000)),
      ],
    },
  });
  assert.deepEqual(named(findings), ["db slow"]);
});

test("examine() names the callee that has one route's requests in hand until they are given up, however quick its other routes are", () => {
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", took(2_100, 100)),
        told("client", "voting", "GET", {
          ...{ failures: 100, classes: { "2xx": 40, TimeoutError: 100 } },
          ms: [
            [10, 40],
            [2_000, 100],
          ],
        }),
        told("client", "other", "GET", took(40, 100)),
      ],
      past: [
        told("server", "bot", "GET /", took(30, 1_000)),
        told("client", "voting", "GET", took(10, 2_000)),
        told("client", "other", "GET", took(20, 1_000)),
      ],
    },
    voting: {
      now: [
        told("server", "web", "GET /quick", took(10, 40)),
        told("server", "web", "GET /hangs", { aborted: 100 }),
      ],
      past: [told("server", "web", "GET /quick", took(10, 1_000))],
    },
    other: {
      now: [told("server", "web", "GET /", took(20, 100))],
      past: [told("server", "web", "GET /", took(20, 1_000))],
    },
  });
  assert.deepEqual(named(findings), ["voting timeouts"]);
});

test("examine() takes calls that an open breaker left out for failures of the callee, from two standard deviations on", () => {
  const ask = (made: number) => {
    const failed = { failures: 30 };
    return named(
      examined({
        web: {
          now: [
            told("server", "bot", "GET /", { ...took(20, 260), failures: 60 }),
            told("client", "voting", "GET", { ...took(10, made), ...failed }),
          ],
          past: [
            told("server", "bot", "GET /", took(20, 2_600)),
            told("client", "voting", "GET", took(10, 2_000)),
          ],
        },
        voting: {
          now: [told("server", "web", "GET /", { ...took(10, made), ...failed })],
          past: [told("server", "web", "GET /", took(10, 2_000))],
        },
      }),
    );
  };
  assert.deepEqual(ask(169), ["voting errors"]);
  assert.deepEqual(ask(199), ["web errors", "voting errors"]);
});

test("examine() takes no call for one of a circle because a few requests come round by it", () => {
  // bot > web > a > b, b is slow; one of a hundred goes on from b to web.
  const story = (ofA: Fares, ofWeb: Fares) =>
    named(
      examined({
        web: {
          now: [
            told("server", "bot", "GET /", took(2_010, 100)),
            told("server", "b", "GET /", took(2_010, 1)),
            told("client", "a", "GET", ofWeb),
          ],
          past: [
            told("server", "bot", "GET /", took(200, 1_000)),
            told("client", "a", "GET", took(180, 1_000)),
          ],
        },
        a: {
          now: [
            told("server", "web", "GET /", { ...took(1_500, 60), aborted: 40 }),
            told("client", "b", "GET", ofA),
          ],
          past: [
            told("server", "web", "GET /", took(180, 1_000)),
            told("client", "b", "GET", took(50, 3_000)),
          ],
        },
        b: {
          now: [
            told("server", "a", "GET /", took(600, 300)),
            told("client", "web", "GET", { ...took(2_000, 1), failures: 1, classes: { TimeoutError: 1 } }),
          ],
          past: [told("server", "a", "GET /", took(50, 3_000))],
        },
      }),
    );
  const late = {
    ...{ failures: 40, classes: { "2xx": 60, TimeoutError: 40 } },
    ms: [
      [1_500, 60],
      [2_000, 40],
    ],
  } as const;
  const slow = { ms: [[610, 300]], failures: 2, classes: { "2xx": 298, TimeoutError: 2 } } as const;
  assert.deepEqual(story(slow, late), ["b slow"]);
});

test("examine() names who hangs at the end of a circle of which one is seen in part", () => {
  // bot > web > a > b > a > b; of three instances of a one tells its side.
  const all = givenUp(90);
  const findings = examined({
    web: {
      now: [
        told("server", "bot", "GET /", { ...took(2_010, 90), failures: 90 }),
        told("client", "a", "GET", all),
      ],
      past: [told("server", "bot", "GET /", took(50, 1_000)), told("client", "a", "GET", took(40, 1_000))],
    },
    a: {
      now: [
        told("server", "web", "GET /", { aborted: 30 }),
        told("server", "b", "GET /again", { aborted: 30 }),
        told("client", "b", "GET", givenUp(60)),
      ],
      past: [
        told("server", "web", "GET /", took(40, 300)),
        told("server", "b", "GET /again", took(20, 300)),
        told("client", "b", "GET", took(20, 600)),
      ],
    },
    b: {
      now: [
        told("server", "a", "GET /", { aborted: 90 }),
        told("server", "a", "GET /end", { aborted: 90 }),
        told("client", "a", "GET", all),
      ],
      past: [
        told("server", "a", "GET /", took(30, 1_000)),
        told("server", "a", "GET /end", took(10, 1_000)),
        told("client", "a", "GET", took(20, 1_000)),
      ],
    },
  });
  assert.deepEqual(named(findings), ["b timeouts"]);
});

test("examine() says of which route too few requests failed to accuse its service, however many others it has", () => {
  const findings = examined({
    voting: {
      now: [],
      ring: [
        told("server", "web", "GET /rare", { ...took(10, 7), failures: 2 }),
        told("server", "web", "GET /often", took(10, 400)),
      ],
    },
  });
  assert.deepEqual(named(findings), []);
  const said = findings.tooFew.map(({ service, routes, failures, count }) => [
    service,
    routes[0]?.name,
    failures,
    count,
  ]);
  assert.deepEqual(said, [["voting", "GET /rare", 2, 7]]);
});
