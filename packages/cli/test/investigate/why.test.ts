import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict, type Verdict } from "../../src/index.ts";
import { deadAddress, fakeService, NOW, STARTED, series } from "../helpers/fake-service.ts";

/** What a process tells of one window; what is not given is well. */
const resources = (windowS: number, seconds: number, given: Readonly<Record<string, object>> = {}) => ({
  windowS,
  seconds,
  eventLoop: { utilization: 0.1, delayMs: { mean: 1, max: 3 }, ...given.eventLoop },
  gc: { share: 0.01, longestMs: 2, ...given.gc },
  cpu: { used: 0.1, limit: null, throttled: null, queued: 0.01, ...given.cpu },
  memory: { heapBytes: 5e7, heapLimitBytes: 4e9, rssBytes: 1e8, rssLimitBytes: null, ...given.memory },
  waits: given.waits ?? [],
});

const STANDING = { eventLoop: { utilization: 0.97, delayMs: { mean: 60, max: 130 } } };

const bins = (ms: number, count: number) => ({
  latency: { gamma: 1.03, bins: [[Math.round(Math.log(ms) / Math.log(1.03)), count]] as [number, number][] },
});

/** Asks voting, which took 5 ms and takes 200, and tells this of its resources. */
async function ask(t: TestContext, told: unknown): Promise<Verdict> {
  const fake = await fakeService(t, "voting");
  const now = series("server", "web", "GET /", { ...bins(200, 100) });
  const all = series("server", "web", "GET /", {
    count: 1_000,
    windowS: 600,
    latency: {
      gamma: 1.03,
      bins: [
        [54, 900],
        [179, 100],
      ],
    },
  });
  fake.document = {
    ...{ service: "voting", instance: "v", version: null, startedAt: STARTED, now: NOW },
    ...{ series: [now, all], resources: told },
  };
  return investigate([fake.url], { view: await deadAddress() });
}

const told = ({ culprits }: Verdict): string[] => culprits.flatMap(({ why }) => why.map((one) => one.told));

const CASES: Readonly<Record<string, readonly [given: Readonly<Record<string, object>>, want: RegExp]>> = {
  "the event loop": [
    STANDING,
    /^the event loop stands still: busy 97 % of the time, a timer came up to 130 ms late$/,
  ],
  "an event loop that is always busy and was never seen to be late": [
    { eventLoop: { utilization: 0.97, delayMs: { mean: 2, max: 9 } } },
    /^the event loop has no time left: busy 97 % of the time$/,
  ],
  "garbage collection": [
    { ...STANDING, gc: { share: 0.34, longestMs: 180 } },
    /^garbage collection takes 34 % of the time, up to 180 ms at once$/,
  ],
  "a full heap": [
    {
      ...STANDING,
      gc: { share: 0.4, longestMs: 180 },
      memory: { heapBytes: 1.9 * 2 ** 30, heapLimitBytes: 2 ** 31 },
    },
    /^the heap is full: 1946 of 2048 MB, and garbage collection takes 40 % of the time$/,
  ],
  "memory at its limit": [
    { memory: { rssBytes: 498 * 2 ** 20, rssLimitBytes: 512 * 2 ** 20 } },
    /^memory is at its limit: 498 of 512 MB$/,
  ],
  "a CPU limit": [
    { ...STANDING, cpu: { limit: 0.5, throttled: 0.43, queued: 0.5 } },
    /^its limit of 0\.5 CPU keeps it from running 43 % of the time$/,
  ],
  "other processes": [{ cpu: { queued: 0.4 } }, /^it waits for a CPU 40 % of the time$/],
  "a pool of one": [
    { waits: [{ kind: "pool", name: "orders-db", waiting: 6.34, size: 1 }] },
    /^requests wait for a connection of the pool orders-db, of which there is 1: 6\.3 at a time$/,
  ],
};

for (const [what, [given, want]] of Object.entries(CASES)) {
  test(`investigate() says that ${what} makes a service slow`, async (t) => {
    const verdict = await ask(t, [resources(60, 60, given), resources(600, 600)]);
    assert.match(told(verdict)[0] ?? "", want, renderVerdict(verdict));
    const { claim, source } = verdict.culprits[0]!.evidence.find((one) => one.source.kind === "resources")!;
    assert.equal(claim, told(verdict)[0]);
    assert.equal(source.kind === "resources" && source.service, "voting");
  });
}

test("investigate() tells of a loop without a CPU what its requests wait for first", async (t) => {
  const waits = [{ kind: "pool", name: "orders-db", waiting: 3, size: 1 }];
  const kinds = async (queued: number) => {
    const { culprits } = await ask(t, [
      resources(60, 60, { ...STANDING, cpu: { queued }, waits }),
      resources(600, 600),
    ]);
    return culprits.flatMap(({ why }) => why.map(({ kind }) => kind));
  };
  assert.deepEqual(await kinds(0.2), ["event-loop", "pool"]);
  assert.deepEqual(await kinds(0.7), ["pool", "event-loop"]);
});

test("investigate() tells of a collection that a CPU limit keeps from running the limit first", async (t) => {
  const kinds = async (throttled: number) => {
    const { culprits } = await ask(t, [
      resources(60, 60, {
        ...STANDING,
        gc: { share: 0.15, longestMs: 1_000 },
        cpu: { limit: 0.05, throttled },
      }),
      resources(600, 600),
    ]);
    return culprits.flatMap(({ why }) => why.map(({ kind }) => kind));
  };
  assert.deepEqual(await kinds(0.3), ["garbage-collection", "cpu-limit"]);
  assert.deepEqual(await kinds(0.95), ["cpu-limit", "garbage-collection"]);
});

test("investigate() gives no cause that was there before, or where nothing of it is known", async (t) => {
  const always = await ask(t, [resources(60, 60, STANDING), resources(600, 600, STANDING)]);
  assert.deepEqual(told(always), []);
  const hostile = [null, 7, {}, { windowS: 60, seconds: 60, eventLoop: 1, gc: {}, cpu: {}, memory: {} }];
  for (const resources of [undefined, "all", hostile]) assert.deepEqual(told(await ask(t, resources)), []);
});

test("investigate() takes a loop that was busy and has become busier by half of what was left for the cause", async (t) => {
  const busy = { eventLoop: { utilization: 0.83, delayMs: { mean: 4, max: 20 } } };
  const verdict = await ask(t, [resources(60, 60, STANDING), resources(600, 120, busy)]);
  assert.match(told(verdict)[0]!, /^the event loop stands still: busy 97 %/);
});

/** web calls voting, which answers in 5 ms as ever; web sees 300 ms. */
async function askWay(t: TestContext, ofWeb: (host: string) => unknown, ofVoting: unknown): Promise<Verdict> {
  const voting = await fakeService(t, "voting");
  const web = await fakeService(t, "web");
  const head = { version: null, startedAt: STARTED, now: NOW };
  const pair = (side: "server" | "client", peer: string, route: string, ms: number) => [
    series(side, peer, route, bins(ms, 100)),
    series(side, peer, route, {
      count: 1_000,
      windowS: 600,
      latency: { gamma: 1.03, bins: [...bins(6, 900).latency.bins, ...bins(ms, 100).latency.bins] },
    }),
  ];
  voting.document = {
    ...{ ...head, service: "voting", instance: "v", resources: ofVoting },
    series: pair("server", "web", "GET /", 5),
  };
  web.document = {
    ...{ ...head, service: "web", instance: "w", resources: ofWeb(voting.host) },
    series: [...pair("server", "bot", "GET /", 310), ...pair("client", voting.host, "GET", 300)],
  };
  return investigate([web.url], { view: await deadAddress() });
}

const named = ({ culprits }: Verdict): unknown[] => culprits.map(({ service, fault }) => [service, fault]);

test("investigate() names the callee as slow, not the way to it, where its process stands still", async (t) => {
  const well = [resources(60, 60), resources(600, 600)];
  const standing = [resources(60, 60, STANDING), resources(600, 600)];
  assert.deepEqual(named(await askWay(t, () => well, well)), [["voting", "slow-way"]]);
  assert.deepEqual(named(await askWay(t, () => well, standing)), [["voting", "slow"]]);
});

test("investigate() names the caller whose calls wait for its few sockets, also where the callee has no CPU, and the way where connecting may have taken so long", async (t) => {
  const well = [resources(60, 60), resources(600, 600)];
  const waits = (host: string, size: number | null) => [
    resources(60, 60, { waits: [{ kind: "sockets", name: host, waiting: 5, size }] }),
    resources(600, 600),
  ];
  const few = await askWay(t, (host) => waits(host, 1), well);
  assert.deepEqual(named(few), [["web", "held-up"]]);
  const socket = /^requests wait for a socket to \S+, of which there is 1: 5 at a time$/;
  assert.match(told(few)[0] ?? "", socket);
  const busy = await askWay(
    t,
    (host) => waits(host, 1).map((one) => (one.windowS === 60 ? { ...one, ...STANDING } : one)),
    well,
  );
  assert.match(told(busy)[0] ?? "", socket, "however busy the loop of the caller is");
  assert.deepEqual(named(await askWay(t, (host) => waits(host, null), well)), [["voting", "slow-way"]]);
  const starved = [resources(60, 60, { cpu: { queued: 0.4 } }), resources(600, 600)];
  assert.deepEqual(named(await askWay(t, (host) => waits(host, 1), starved)), [["web", "held-up"]]);
  assert.deepEqual(named(await askWay(t, () => well, starved)), [["voting", "slow"]]);
});
