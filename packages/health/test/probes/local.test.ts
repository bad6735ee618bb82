import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { block } from "../../../../test/helpers/block.ts";
import { until } from "../../../../test/helpers/until.ts";
import {
  breakerProbe,
  type CheckResult,
  diskProbe,
  dnsProbe,
  eventLoopProbe,
  gaugeProbe,
  httpProbe,
  kafkaProbe,
  memoryProbe,
  mongodbProbe,
  mysqlProbe,
  natsProbe,
  type Probe,
  postgresProbe,
  rabbitmqProbe,
  redisProbe,
  serviceProbe,
  tcpProbe,
  tlsProbe,
  trafficProbe,
} from "../../src/index.ts";

const signal = new AbortController().signal;
const run = async (probe: Probe): Promise<CheckResult> => (await probe.check(signal)) as CheckResult;

test("gaugeProbe() holds a number against two thresholds, in either direction", async () => {
  const status = async (value: number, degradedAt: number, errorAt: number): Promise<string> =>
    (await run(gaugeProbe({ name: "queue", read: () => value, degradedAt, errorAt }))).status;
  const rising = await Promise.all([9, 10, 19, 20].map((value) => status(value, 10, 20)));
  assert.deepEqual(rising, ["OK", "DEGRADED", "DEGRADED", "ERROR"]);
  const falling = await Promise.all([21, 20, 11, 10].map((value) => status(value, 20, 10)));
  assert.deepEqual(falling, ["OK", "DEGRADED", "DEGRADED", "ERROR"]);
  assert.equal(await status(1e9, 10, Number.POSITIVE_INFINITY), "DEGRADED");
  assert.equal(await status(-1e9, 10, Number.NEGATIVE_INFINITY), "DEGRADED");
  assert.equal(await status(Number.NaN, 10, 20), "ERROR");
});

test("gaugeProbe() says what it read and which threshold it met", async () => {
  const probe = gaugeProbe({
    name: "queue",
    read: async () => 12,
    degradedAt: 10,
    errorAt: 20,
    unit: "jobs",
  });
  assert.deepEqual(await run(probe), {
    status: "DEGRADED",
    value: 12,
    unit: "jobs",
    reason: "12 jobs is at or above 10",
  });
});

test("diskProbe() measures the free space of a path", async () => {
  const { status, value, unit } = await run(diskProbe({ path: "/", degradedPercent: 0, errorPercent: 0 }));
  assert.ok(value !== undefined && value >= 0 && value <= 100);
  assert.deepEqual([status, unit], [value === 0 ? "ERROR" : "OK", "% free"]);
  assert.equal(
    (await run(diskProbe({ path: "/", degradedPercent: 100, errorPercent: 0 }))).status,
    "DEGRADED",
  );
  assert.equal(
    (await run(diskProbe({ path: "/", degradedPercent: 100, errorPercent: 100 }))).status,
    "ERROR",
  );
  await assert.rejects(run(diskProbe({ path: "/no/such/path" })), { code: "ENOENT" });
});

test("memoryProbe() measures this process against its limits", async () => {
  const { status, value } = await run(memoryProbe());
  assert.equal(status, "OK");
  assert.ok(value !== undefined && value > 0 && value < 85);
  assert.equal((await run(memoryProbe({ degradedPercent: 0, errorPercent: 100 }))).status, "DEGRADED");
});

/** Whatever timer is due is called back. The first may come at the end of a turn that has begun. */
async function turnOfTimers(): Promise<void> {
  for (let times = 0; times < 2; times++) await setImmediate();
}

test("eventLoopProbe() sees a blocked event loop, and forgets it by the next run", async (t) => {
  const probe = eventLoopProbe({ degradedMs: 100, errorMs: 60_000 });
  t.after(() => probe.close?.());
  assert.equal((await run(probe)).status, "OK");
  // It looks every 10 ms. What a first look finds behind a block is what the next is counted from.
  for (let looks = 0; looks < 2; looks++) {
    block(300);
    await turnOfTimers();
  }
  const { status, value = 0 } = await run(probe);
  assert.ok(value >= 250, `${value} ms`);
  assert.equal(status, "DEGRADED");
  await until(async () => (await run(probe)).status === "OK", "it is forgotten");
});

test("breakerProbe() shows a breaker that is not closed as DEGRADED", async () => {
  const opossum = { opened: false, halfOpen: false };
  const cockatiel = { state: 0 };
  const statuses = async (): Promise<string[]> => [
    (await run(breakerProbe({ name: "a", breaker: opossum }))).status,
    (await run(breakerProbe({ name: "a", breaker: cockatiel }))).status,
  ];
  assert.deepEqual(await statuses(), ["OK", "OK"]);
  opossum.opened = true;
  cockatiel.state = 1;
  assert.deepEqual(await statuses(), ["DEGRADED", "DEGRADED"]);
  Object.assign(opossum, { opened: false, halfOpen: true });
  cockatiel.state = 2;
  const { reason } = await run(breakerProbe({ name: "a", breaker: cockatiel }));
  assert.equal(reason, "the breaker is half open");
  assert.deepEqual(await statuses(), ["DEGRADED", "DEGRADED"]);
  assert.throws(
    () => breakerProbe({ name: "a", breaker: {} as never }),
    /want a circuit breaker of opossum or cockatiel/,
  );
});

// A DNS server that answers every question with 127.0.0.1, or not at all.
async function startDns(t: TestContext, answers: boolean): Promise<Resolver> {
  const server = createSocket("udp4");
  t.after(() => server.close());
  server.on("message", (query, { port, address }) => {
    if (!answers) return;
    // RFC 1035: the question as it came, one answer that points back to its name.
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    server.send(Buffer.concat([header, question, answer]), port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  // Only who is never answered is waited for.
  const resolver = new Resolver({ timeout: answers ? 60_000 : 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return resolver;
}

test("dnsProbe() resolves with the resolver it is given, and fails when it does", async (t) => {
  const resolver = await startDns(t, true);
  await run(dnsProbe({ name: "dns", hostname: "db.test", resolver }));
  const silent = await startDns(t, false);
  await assert.rejects(run(dnsProbe({ name: "dns", hostname: "db.test", resolver: silent })), {
    code: "ETIMEOUT",
  });
});

test("dnsProbe() calls its query off with its signal", async () => {
  const controller = new AbortController();
  const pending = Promise.resolve(dnsProbe({ name: "dns", hostname: "db.invalid" }).check(controller.signal));
  controller.abort();
  await assert.rejects(pending);
});

test("mongodbProbe() and kafkaProbe() speak to their clients' shapes", async () => {
  const asked: unknown[] = [];
  const mongo = {
    db: (name: string) => ({
      async command(command: object) {
        asked.push([name, command]);
      },
    }),
  };
  await run(mongodbProbe({ name: "mongo", client: mongo }));
  assert.deepEqual(asked, [["admin", { ping: 1 }]]);
  await run(kafkaProbe({ name: "kafka", client: { describeCluster: async () => ({ brokers: [{}] }) } }));
  const empty = kafkaProbe({ name: "kafka", client: { describeCluster: async () => ({ brokers: [] }) } });
  await assert.rejects(run(empty), { message: "the cluster has no broker" });
});

test("Every ready-made probe throws on a wrong option, naming it", () => {
  const client = undefined as never;
  const wrong: readonly [() => Probe, RegExp][] = [
    [
      () => postgresProbe({ name: "a", client }),
      /postgresProbe: option "client" is undefined, want a Pool or Client of pg/,
    ],
    [() => mysqlProbe({ name: "a", client }), /want a pool or connection of mysql2/],
    [() => redisProbe({ name: "a", client }), /want a client of redis or ioredis/],
    [() => rabbitmqProbe({ name: "a", client }), /want a connection of amqplib/],
    [() => natsProbe({ name: "a", client }), /want a connection of nats/],
    [() => mongodbProbe({ name: "a", client }), /want a MongoClient/],
    [() => kafkaProbe({ name: "a", client }), /want a connected admin client/],
    [() => dnsProbe({ name: "a", hostname: "" }), /option "hostname" is "", want a host name/],
    [() => dnsProbe({ name: "a", hostname: "a", recordType: "B" as "A" }), /option "recordType" is "B"/],
    [
      () => diskProbe({ path: "/", degradedPercent: 5, errorPercent: 10 }),
      /"errorPercent" is 10, want at most degradedPercent, which is 5/,
    ],
    [() => diskProbe({ path: "" }), /option "path" is "", want a path/],
    [() => memoryProbe({ degradedPercent: 101 }), /"degradedPercent" is 101, want a percentage/],
    [() => eventLoopProbe({ errorMs: 50 }), /"errorMs" is 50, want a whole number of at least 100/],
    [
      () => gaugeProbe({ name: "a", read: () => 1, degradedAt: 1, errorAt: Number.NaN }),
      /"errorAt" is NaN, want a number/,
    ],
    [
      () => gaugeProbe({ name: "a", read: 5 as never, degradedAt: 1, errorAt: 2 }),
      /"read" is 5, want a function/,
    ],
    [
      () => postgresProbe({ name: "a", client: { query: async () => 1 }, pool: 1 } as never),
      /option "pool" is unknown/,
    ],
  ];
  for (const [make, message] of wrong) assert.throws(make, { name: "TypeError", message });
});

test("Every ready-made probe that is given no object says that it wants one", () => {
  const probes: Readonly<Record<string, (options: never) => Probe>> = {
    breakerProbe,
    diskProbe,
    dnsProbe,
    eventLoopProbe,
    gaugeProbe,
    httpProbe,
    kafkaProbe,
    memoryProbe,
    mongodbProbe,
    mysqlProbe,
    natsProbe,
    postgresProbe,
    rabbitmqProbe,
    redisProbe,
    serviceProbe,
    tcpProbe,
    tlsProbe,
    trafficProbe: (options) => trafficProbe({ snapshot: () => ({ series: [] }) }, options),
  };
  for (const [name, make] of Object.entries(probes)) {
    for (const options of [null, "redis://cache", 5, []]) {
      const message = new RegExp(`^${name}: options are .+, want an object$`);
      assert.throws(() => make(options as never), { name: "TypeError", message });
    }
  }
});
