import assert from "node:assert/strict";
import { test } from "node:test";
import { metAgain } from "../../src/investigate/circle.ts";
import { examine } from "../../src/investigate/examine.ts";
import type { Graph, GraphNode } from "../../src/investigate/graph.ts";
import { total } from "../../src/investigate/suspect.ts";
import { NOW, STARTED, series } from "../helpers/fake-service.ts";
import { surveyOf } from "../simulator/survey-of.ts";

type Told = ReturnType<typeof series>;

const GAMMA = 1.03;
const binOf = (ms: number): number => Math.ceil(Math.log(ms) / Math.log(GAMMA));

/** How hundred requests fared that came by so many times: at each time so many failed, and took so long; 10 ms before. */
interface Fares {
  readonly failures?: number;
  readonly classes?: Told["classes"];
  /** By how many milliseconds each was longer under way than before, in order. */
  readonly laterMs?: readonly number[];
}

/** One series of the last minute, and of the nine before, when all was well. */
function told(side: "server" | "client", peer: string, route: string, times: number, fares: Fares): Told[] {
  const { failures = 0, classes, laterMs = [] } = fares;
  const now = Array.from(
    { length: times },
    (_, i) => [binOf(10 + (laterMs[i] ?? 0)), 100] as [number, number],
  );
  const of = (windowS: number, well: number): Told =>
    series(side, peer, route, {
      ...{ windowS, count: times * (100 + well), failures: times * failures },
      ...(classes === undefined ? {} : { classes }),
      latency: { gamma: GAMMA, bins: [...now, [binOf(10), times * well]] },
    });
  return times === 0 ? [] : [of(60, 0), of(600, 900)];
}

/** What is said of services that tell this, each at the address `10.0.0.<place>:80`, peers by name. */
function examined(services: Readonly<Record<string, readonly Told[]>>) {
  const places = new Map(Object.keys(services).map((name, i) => [name, `10.0.0.${i + 1}:80`]));
  const answers = Object.entries(services).map(([service, all]) => ({
    at: places.get(service)!,
    document: {
      ...{ service, instance: service, version: null, startedAt: STARTED, now: NOW },
      series: all.map((one) =>
        one.side === "client" ? { ...one, peer: places.get(one.peer) ?? one.peer } : one,
      ),
    },
  }));
  const { culprits } = examine(surveyOf(answers), 60);
  return culprits.map(({ service, fault, path }) => `${service} ${fault} ${path.join(">")}`);
}

const ROUNDS = [1, 2, 3, 6];

test("examine() names who fails in a circle of two or three, however often requests come by", () => {
  const fails = { failures: 80 };
  for (const rounds of ROUNDS) {
    // bot > a > b > a > b …, the last b fails.
    const two = examined({
      a: [
        ...told("server", "bot", "GET /", 1, fails),
        ...told("server", "b", "GET /a", rounds - 1, fails),
        ...told("client", "b", "GET", rounds, fails),
      ],
      b: [...told("server", "a", "GET /b", rounds, fails), ...told("client", "a", "GET", rounds - 1, fails)],
    });
    assert.deepEqual(two, ["b errors bot>a>b"], `${rounds} rounds of two`);
    // bot > a > b > c > a > b > c > … > a, the last a fails.
    const three = examined({
      a: [
        ...told("server", "bot", "GET /", 1, fails),
        ...told("server", "c", "GET /a", rounds, fails),
        ...told("client", "b", "GET", rounds, fails),
      ],
      b: [...told("server", "a", "GET /b", rounds, fails), ...told("client", "c", "GET", rounds, fails)],
      c: [...told("server", "b", "GET /c", rounds, fails), ...told("client", "a", "GET", rounds, fails)],
    });
    assert.equal(three.length, 1, `${rounds} rounds of three`);
    assert.match(three[0]!, /^a errors /, `${rounds} rounds of three`);
  }
});

test("examine() names who is slow in a circle, however often requests come by, and nobody else", () => {
  for (const rounds of ROUNDS) {
    // Each time at b takes 200 ms more: the outermost waits for all that are within.
    const laterMs = Array.from({ length: rounds }, (_, i) => 200 * (i + 1));
    const said = examined({
      a: [
        ...told("server", "bot", "GET /", 1, { laterMs: laterMs.slice(-1) }),
        ...told("server", "b", "GET /a", rounds - 1, { laterMs }),
        ...told("client", "b", "GET", rounds, { laterMs }),
      ],
      b: [
        ...told("server", "a", "GET /b", rounds, { laterMs }),
        ...told("client", "a", "GET", rounds - 1, { laterMs }),
      ],
    });
    assert.deepEqual(said, ["b slow bot>a>b"], `${rounds} rounds`);
  }
});

test("examine() names who hangs in a circle, though each of them waits for the next in vain", () => {
  const lost = { failures: 90, classes: { "2xx": 10, TimeoutError: 90 }, laterMs: Array(6).fill(2_000) };
  const gone = { failures: 90, laterMs: lost.laterMs };
  for (const rounds of ROUNDS) {
    const said = examined({
      a: [
        ...told("server", "bot", "GET /", 1, gone),
        ...told("server", "b", "GET /a", rounds - 1, gone).map(unseen),
        ...told("client", "b", "GET", rounds, lost),
      ],
      b: [
        ...told("server", "a", "GET /b", rounds, gone).map(unseen),
        ...told("client", "a", "GET", rounds - 1, lost),
      ],
    });
    assert.deepEqual(said, ["b timeouts bot>a>b"], `${rounds} rounds`);
  }
});

/** What was given up by its caller is no failure of who had it in hand. */
function unseen(one: Told): Told {
  const { count, failures } = one;
  return { ...one, count: count - failures, failures: 0, aborted: failures };
}

test("examine() names who refuses in a circle, the first or the last of it, and comes to an end", () => {
  const refused = (share: number) => ({ classes: { "2xx": 100 - share, "4xx": share } });
  for (const rounds of [1, 2]) {
    const times = (n: number): Fares => ({ classes: { "2xx": 50 * n, "4xx": 50 * n } });
    // bot > a > b > a (> b): whoever is last answers 401, which all hand on but the first.
    const byA = examined({
      a: [
        ...told("server", "bot", "GET /", 1, { failures: 50 }),
        ...told("server", "b", "GET /a", rounds, times(rounds)),
        ...told("client", "b", "GET", rounds, times(rounds)),
      ],
      b: [
        ...told("server", "a", "GET /b", rounds, times(rounds)),
        ...told("client", "a", "GET", rounds, times(rounds)),
      ],
    });
    assert.match(byA.join(), /^a refusals [^,]*$/, `a after ${rounds} rounds`);
  }
  const byB = examined({
    a: [
      ...told("server", "bot", "GET /", 1, { failures: 50 }),
      ...told("server", "b", "GET /a", 1, refused(50)),
      ...told("client", "b", "GET", 2, { classes: { "2xx": 100, "4xx": 100 } }),
    ],
    b: [
      ...told("server", "a", "GET /b", 2, { classes: { "2xx": 100, "4xx": 100 } }),
      ...told("client", "a", "GET", 1, refused(50)),
    ],
  });
  assert.match(byB.join(), /^b refusals [^,]*$/);
});

test("metAgain() is what passes all the way round, by as many ways as there are, and not what others bring", () => {
  const again = (calls: readonly (readonly [from: string, to: string, failures: number])[]): number => {
    const names = ["a", "b", "c", "d", "e", "f", "bot"];
    const node = (name: string): GraphNode => ({
      ...{ name, inbound: [], instances: [], waits: [] },
      outbound: calls
        .filter(([from]) => from === name)
        .map(([, callee, failures]) => ({ callee, route: "GET", counts: { ...NONE, count: 100, failures } })),
    });
    const graph: Graph = new Map(names.map((name) => [name, node(name)]));
    return metAgain(graph, graph.get("a")!, ({ outbound }) => total(outbound).failures);
  };
  const NONE = series("client", "a", "GET", { count: 0 });
  assert.equal(
    again([
      ["bot", "a", 90],
      ["a", "b", 40],
    ]),
    0,
    "no circle",
  );
  assert.equal(again([["a", "a", 30]]), 30);
  assert.equal(
    again([
      ["a", "b", 40],
      ["b", "a", 50],
    ]),
    40,
  );
  assert.equal(
    again([
      ["a", "b", 80],
      ["b", "c", 2],
      ["c", "a", 90],
    ]),
    2,
    "most of what c asks for is for others",
  );
  const two = [
    ["a", "b", 40],
    ["a", "c", 50],
    ["b", "d", 60],
    ["c", "d", 30],
    ["d", "a", 65],
  ] as const;
  assert.equal(again(two), 65);
  // The shortest way round is in the way of two that are longer.
  const across = [
    ["a", "b", 10],
    ["a", "c", 10],
    ["b", "d", 10],
    ["c", "d", 10],
    ["b", "e", 10],
    ["d", "a", 10],
    ["e", "f", 10],
    ["f", "a", 10],
  ] as const;
  assert.equal(again(across), 20);
});
