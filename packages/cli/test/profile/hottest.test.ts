import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { hottestIn } from "../../src/profile/hottest.ts";

const node = (id: number, functionName: string, url: string, ...children: number[]) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
});

const PROFILE = {
  nodes: [
    node(1, "(root)", "", 2, 3, 4),
    node(2, "(idle)", ""),
    node(3, "(garbage collector)", ""),
    node(4, "handle", "file:///srv/web/app.ts", 5),
    node(5, "parse", "file:///srv/web/node_modules/lib/index.js", 6),
    node(6, "", "node:internal/json"),
  ],
  samples: [4, 6, 5, 2, 3, 2],
  timeDeltas: [0, 10, 20, 30, 20, 20],
};

test("hottestIn counts what libraries and Node do for a function as that function's, and idle time as nobody's", () => {
  const hottest = hottestIn(PROFILE)!;
  assert.deepEqual(hottest.functions, [
    { name: "handle", file: "/srv/web/app.ts", line: 10, ms: 0.06, share: 0.6 },
  ]);
  assert.deepEqual(
    [hottest.profiledMs, hottest.gcShare].map((one) => Math.round(one * 100)),
    [10, 20],
  );
  assert.equal(Math.round(hottest.busyShare * 100), 80);
});

test("hottestIn knows a function without a name by the one that it works for", () => {
  const nodes = [
    node(1, "(root)", "", 2, 5),
    node(2, "rank", "file:///srv/web/app.ts", 3),
    node(3, "sort", "", 4),
    node(4, "", "file:///srv/web/app.ts"),
    node(5, "", "file:///srv/web/start.ts"),
  ];
  const { functions } = hottestIn({ nodes, samples: [4, 5, 1], timeDeltas: [0, 20, 10] })!;
  assert.deepEqual(
    functions.map(({ name, ms }) => [name, ms]),
    [
      ["(anonymous) in rank", 0.02],
      ["(anonymous)", 0.01],
    ],
  );
});

test("hottestIn takes no harm from what is no profile, or goes in circles", () => {
  for (const value of [null, 7, {}, { ...PROFILE, nodes: [] }, { ...PROFILE, samples: 1 }]) {
    assert.equal(hottestIn(value), null);
  }
  const circle = { ...PROFILE, nodes: [node(4, "a", "", 5), node(5, "b", "", 4)] };
  assert.deepEqual(hottestIn(circle)?.functions, []);
  fc.assert(
    fc.property(
      fc.anything(),
      fc.array(fc.anything()),
      fc.array(fc.anything()),
      (nodes, samples, timeDeltas) => {
        hottestIn({ nodes, samples, timeDeltas });
      },
    ),
    { numRuns: runs(1_000) },
  );
});
