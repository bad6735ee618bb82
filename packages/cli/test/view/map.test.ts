import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { type Receiver, type Span, startReceiver } from "../../src/index.ts";
import { blameOf } from "../../src/view/map/blame.ts";
import { createMapLayout } from "../../src/view/map/layout.ts";
import { edgeKey } from "../../src/view/map/places.ts";
import { buildServiceMap, type ServiceMap } from "../../src/view/map/service-map.ts";
import { createMapTraffic } from "../../src/view/map/traffic.ts";
import type { MapAnswer } from "../../src/view/page/browser/answers.ts";
import { sendCalls } from "../helpers/calls.ts";
import { exportRequest, post, span } from "../helpers/otlp.ts";

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0 });
  t.after(() => started.close());
  return started;
}

const askMap = async ({ url }: Receiver, query = ""): Promise<MapAnswer> =>
  (await fetch(`${url}/api/map${query}`)).json() as Promise<MapAnswer>;

const edgesOf = ({ edges }: MapAnswer): unknown[] =>
  edges.map(({ from, to, requests, failures, state }) => [from, to, requests, failures, state]);

for (const calleesFirst of [false, true]) {
  test(`GET /api/map joins both sides of a call, ${calleesFirst ? "callees" : "callers"} heard first`, async (t) => {
    const view = await receiver(t);
    await sendCalls(
      view,
      9,
      [
        { from: "bot", to: "web" },
        { from: "web", to: "voting", route: "POST /votes/:id" },
      ],
      {
        calleesFirst,
      },
    );
    await sendCalls(
      view,
      3,
      [
        { from: "bot", to: "web", failed: true, ms: 100 },
        { from: "web", to: "voting", route: "POST /votes/:id", failed: true, ms: 90 },
      ],
      { calleesFirst },
    );
    const map = await askMap(view);
    assert.deepEqual(edgesOf(map), [
      ["bot", "web", 12, 3, "failing"],
      ["web", "voting", 12, 3, "failing"],
    ]);
    assert.deepEqual(
      map.routes.map(({ service, route, requests, failures }) => [service, route, requests, failures]),
      [
        ["voting", "POST /votes/:id", 12, 3],
        ["web", "GET /", 12, 3],
      ],
    );
    const voting = map.nodes.find(({ name }) => name === "voting")!;
    assert.equal(voting.success, 0.75);
    assert.ok(Math.abs(voting.p95Ms! - 90) < 5, String(voting.p95Ms));
    assert.deepEqual(map.blame, [
      { name: "voting", caller: null, route: "POST /votes/:id", requests: 12, failures: 3 },
    ]);
    assert.deepEqual(
      map.nodes.filter(({ blamed }) => blamed).map(({ name }) => name),
      ["voting"],
    );
  });
}

test("GET /api/map adds a call nobody got to the others of that address, or to the address alone", async (t) => {
  const view = await receiver(t);
  const refused = (port: number, id: number) =>
    span(id, 0, 1, {
      kind: 3,
      status: { code: 2 },
      attributes: [
        { key: "server.address", value: { stringValue: "10.0.0.5" } },
        { key: "server.port", value: { intValue: port } },
      ],
    });
  await sendCalls(view, 5, [{ from: "web", to: "voting", address: ["10.0.0.5", 3001] }]);
  await post(
    view.url,
    exportRequest(
      "web",
      [1, 2, 3].map((id) => refused(3001, id)),
    ),
  );
  await post(
    view.url,
    exportRequest(
      "web",
      [4, 5, 6].map((id) => refused(3002, id)),
    ),
  );
  const map = await askMap(view);
  assert.deepEqual(edgesOf(map), [
    ["web", "voting", 8, 3, "failing"],
    ["web", "10.0.0.5:3002", 3, 3, "failing"],
  ]);
  assert.deepEqual(
    map.blame.map(({ name, caller }) => [name, caller]),
    [
      ["10.0.0.5:3002", null],
      ["voting", "web"],
    ],
  );
});

test("GET /api/map tells services behind one address apart", async (t) => {
  const view = await receiver(t);
  const address = ["gateway", 80] as const;
  await sendCalls(view, 6, [{ from: "web", to: "emoji", address }]);
  await sendCalls(view, 4, [{ from: "web", to: "voting", address, failed: true }]);
  assert.deepEqual(edgesOf(await askMap(view)), [
    ["web", "voting", 4, 4, "failing"],
    ["web", "emoji", 6, 0, "ok"],
  ]);
});

test("GET /api/map names databases, queues and peers as their spans do, and blames a failing one", async (t) => {
  const view = await receiver(t);
  const call = (id: number, kind: number, attributes: Record<string, string>, failed: boolean) =>
    span(id, 0, 1, {
      kind,
      ...(failed ? { status: { code: 2 } } : {}),
      attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    });
  const database = { "db.system.name": "postgresql", "db.namespace": "orders", "server.address": "pg" };
  const queue = { "messaging.system": "kafka", "messaging.destination.name": "mail" };
  await post(
    view.url,
    exportRequest("shop", [
      ...[1, 2, 3, 4].map((id) => call(id, 3, database, true)),
      call(5, 4, queue, false),
      call(6, 3, { "peer.service": "payments", "server.address": "10.1.1.1" }, false),
      call(7, 3, {}, false),
    ]),
  );
  const map = await askMap(view);
  assert.deepEqual(
    map.nodes.map(({ name, kind, blamed }) => [name, kind, blamed]),
    [
      ["postgresql orders", "peer", true],
      ["kafka mail", "peer", false],
      ["payments", "peer", false],
      ["unknown", "peer", false],
      ["shop", "service", false],
    ],
  );
});

test("GET /api/map counts an answer 4xx as no failure, on either side", async (t) => {
  const view = await receiver(t);
  const status = (code: string) => [{ key: "http.response.status_code", value: { intValue: code } }];
  await post(
    view.url,
    exportRequest("web", [
      ...[1, 2, 3].map((id) => span(id, 0, 1, { kind: 3, status: { code: 2 }, attributes: status("404") })),
      ...[4, 5, 6].map((id) => span(id, 0, 1, { kind: 2, status: { code: 2 }, attributes: status("500") })),
    ]),
  );
  const map = await askMap(view);
  assert.deepEqual(edgesOf(map), [["web", "unknown", 3, 0, "ok"]]);
  assert.equal(map.routes[0]?.failures, 3);
});

test("GET /api/map counts a span once that is sent twice, and refuses another window", async (t) => {
  const view = await receiver(t);
  const request = exportRequest("web", [span(1, 0, 1)]);
  await post(view.url, request);
  await post(view.url, request);
  assert.equal((await askMap(view, "?windowS=600")).routes[0]?.requests, 1);
  assert.equal((await fetch(`${view.url}/api/map?windowS=10`)).status, 400);
});

const spanOf = (id: number, more: Partial<Span> = {}): Span => ({
  traceId: "5c522f9b5c522f9b5c522f9b5c522f9b",
  spanId: id.toString(16).padStart(16, "0"),
  parentSpanId: null,
  service: "web",
  name: "GET /",
  kind: "server",
  startMs: 0,
  durationMs: 10,
  error: false,
  message: "",
  attributes: {},
  events: [],
  ...more,
});

test("createMapTraffic() counts over one minute and ten, and then forgets", () => {
  let nowMs = 1_763_628_460_000;
  const traffic = createMapTraffic(() => nowMs);
  for (let i = 0; i < 600; i++) {
    traffic.observe(spanOf(i));
    nowMs += 100;
  }
  const read = (windowS: 60 | 600) => buildServiceMap(traffic.read(windowS)).routes[0];
  assert.ok(Math.abs(read(60)!.perSecond - 10) < 0.5, String(read(60)?.perSecond));
  assert.equal(read(600)?.requests, 600);
  nowMs += 120_000;
  assert.equal(read(60)?.state, "idle");
  assert.equal(read(60)?.success, null);
  assert.equal(read(600)?.requests, 600);
  nowMs += 600_000;
  assert.equal(read(600), undefined);
});

test("createMapTraffic() holds a thousand routes and callees and says how much it did not count", () => {
  let nowMs = 1_763_628_460_000;
  const traffic = createMapTraffic(() => nowMs);
  const huge = "x".repeat(1_000_000);
  for (let i = 0; i < 1_500; i++) traffic.observe(spanOf(i, { name: `GET /${i}/${huge}` }));
  const { series, notCounted } = traffic.read(60);
  assert.equal(series.length, 1_000);
  assert.equal(notCounted, 500);
  assert.ok(series.every(({ name }) => name.length <= 200));
  nowMs += 700_000;
  traffic.observe(spanOf(1));
  assert.deepEqual(
    traffic.read(60).series.map(({ name }) => name),
    ["GET /"],
  );
});

const node = (name: string, requests: number, failures: number) => ({
  what: "route" as const,
  name,
  requests,
  failures,
});
const way = (service: string, target: string, requests: number, failures: number) => ({
  what: "passed" as const,
  service,
  target,
  requests,
  failures,
});

function mapOf(parts: readonly (ReturnType<typeof node> | ReturnType<typeof way>)[]): ServiceMap {
  const latency = { gamma: 1.1, bins: [] };
  const series = parts.map((part) =>
    part.what === "route"
      ? { ...part, service: part.name, name: "GET /", target: "", latency }
      : { ...part, name: "", latency },
  );
  return buildServiceMap({ series, seconds: 60, notCounted: 0 });
}

const blamed: readonly [what: string, parts: Parameters<typeof mapOf>[0], names: string[]][] = [
  ["nobody when nothing fails", [node("a", 100, 0), way("a", "b", 100, 0), node("b", 100, 0)], []],
  ["nobody for two failures", [node("a", 100, 2)], []],
  ["nobody for less than one in a hundred", [node("a", 1_000, 9)], []],
  ["the deepest of a chain", [node("a", 100, 20), way("a", "b", 100, 20), node("b", 100, 20)], ["b"]],
  [
    "a caller too that fails more than its callee explains",
    [node("a", 100, 60), way("a", "b", 100, 20), node("b", 100, 20)],
    ["a", "b"],
  ],
  [
    "nobody in front who swallows failures",
    [node("a", 100, 0), way("a", "b", 100, 20), node("b", 100, 20)],
    ["b"],
  ],
  [
    "the way to a callee that is well",
    [node("a", 100, 20), way("a", "b", 100, 20), node("b", 80, 0)],
    ["a>b"],
  ],
  [
    "nobody first in a ring",
    [node("a", 9, 9), way("a", "b", 9, 9), node("b", 9, 9), way("b", "a", 9, 9)],
    [],
  ],
];
for (const [what, parts, names] of blamed) {
  test(`blameOf() blames ${what}`, () => {
    const blame = blameOf(mapOf(parts)).map(({ name, caller }) =>
      caller === null ? name : `${caller}>${name}`,
    );
    assert.deepEqual(blame, names);
  });
}

test("createMapLayout() gives every service and call a place of its own, whatever they are called", async () => {
  const name = fc.oneof(
    fc.constantFrom("__proto__", "constructor", "toString", "", "a", "b", "c", "0", "1"),
    anyText({ maxLength: 6 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, name), { maxLength: 30 }), async (calls) => {
      const map = mapOf(calls.map(([from, to]) => way(from, to, 5, 0)));
      for (const flow of ["right", "down"] as const) {
        const { nodes, edges, width, height } = await createMapLayout(flow)(map);
        assert.equal(nodes.size, map.nodes.length);
        const places = new Set([...nodes.values()].map(({ x, y }) => `${x} ${y}`));
        assert.equal(places.size, nodes.size);
        for (const { x, y } of nodes.values()) assert.ok(x >= 0 && x <= width && y >= 0 && y <= height);
        for (const { from, to } of map.edges) {
          if (from === to) continue; // In the table only.
          const { line, at } = edges.get(edgeKey(from, to))!;
          assert.ok(
            line.length > 1 && [...line, at].every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
          );
        }
        if (flow === "down") assert.ok(width <= 360, "as wide as a phone");
      }
    }),
    { numRuns: 60 },
  );
});

test("createMapLayout() draws what it has room for, the worst first, and keeps a layout while names stay", async () => {
  const calls = Array.from({ length: 400 }, (_, i) => way("web", `s${i}`, 10, i === 399 ? 10 : 0));
  const layOut = createMapLayout("right");
  const first = await layOut(mapOf(calls));
  assert.ok(first.nodes.size <= 120 && first.edges.size <= 120);
  assert.ok(first.edges.has(edgeKey("web", "s399")));
  assert.equal(await layOut(mapOf(calls.map((call) => ({ ...call, requests: call.requests + 1 })))), first);
});
