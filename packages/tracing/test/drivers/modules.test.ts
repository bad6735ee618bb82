import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  PASSWORD,
  startMariadb,
  startPostgres,
  startRabbitmq,
  startRedis,
} from "../../../../test/helpers/real-services.ts";
import { leftOut } from "../../../../test/helpers/scale.ts";

// Beside the sources: what a program requires is looked up from where it lies.
const HERE = fileURLToPath(new URL(".", import.meta.url));
const [INDEX, TESTING] = ["index", "testing"].map((name) =>
  fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url)),
);
const DRIVERS = ["pg", "postgres", "mysql2/promise", "ioredis", "redis", "amqplib"];

/** One and the same program: it asks each server once in a span of its own, and tells what was told of it. */
const PROGRAM = `
const ports = JSON.parse(process.env.PORTS);
const password = ${JSON.stringify(PASSWORD)};
const login = (port) => ({ host: "127.0.0.1", port, user: "app", password });
async function main({ traceClient, withSpan, startTracing }, { recordTracing }, [pg, postgres, mysql2, ioredis, redis, amqplib]) {
  const given = process.env.INSTRUMENTED === "true";
  const recorder = given ? startTracing({ service: "web", exporters: [memory], instrumentations }) : recordTracing({ service: "web" });
  const told = () => (given ? (recorder.flush(), memory.spans()) : recorder.spans);
  const pool = traceClient(new (pg.default ?? pg).Pool({ ...login(ports.postgres), database: "postgres" }));
  const sql = traceClient((postgres.default ?? postgres)({ ...login(ports.postgres), database: "postgres" }));
  const mysqlPool = mysql2.createPool({ ...login(ports.mariadb), database: "app" });
  const io = new ioredis.Redis({ host: "127.0.0.1", port: ports.redis, password });
  const client = redis.createClient({ password, socket: { host: "127.0.0.1", port: ports.redis } });
  await client.connect();
  await io.ping();
  await mysqlPool.query("SELECT 1");
  await pool.query("SELECT 1");
  const connection = traceClient(await (amqplib.default ?? amqplib).connect("amqp://app:" + password + "@127.0.0.1:" + ports.rabbitmq));
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("orders");
  const work = {
    pg: () => pool.query("SELECT 1"),
    postgres: () => sql\`SELECT 1\`,
    mysql2: () => mysqlPool.query("SELECT 1"),
    ioredis: () => io.get("a"),
    redis: () => client.get("a"),
    amqplib: () => new Promise((resolve, reject) => channel.sendToQueue("orders", Buffer.from("1"), {}, (error) => (error ? reject(error) : resolve()))),
  };
  const clients = () => recorder.traffic.counts(600).filter(({ side }) => side === "client");
  const sum = () => clients().reduce((all, { count }) => all + count, 0);
  const result = {};
  for (const [name, run] of Object.entries(work)) {
    const before = sum();
    let own;
    await withSpan("request", async (span) => {
      own = span.otel.spanContext();
      await run();
    });
    result[name] = { own, counted: sum() - before };
  }
  if (given) await recorder.flush();
  const spans = given ? memory.spans() : recorder.spans;
  for (const each of Object.values(result)) {
    each.spans = spans.filter(({ parentSpanId }) => parentSpanId === each.own.spanId).map(({ name, scope }) => (given ? scope : name));
    delete each.own;
  }
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
`;

const MEMORY = `
const { MySQL2Instrumentation } = require("@opentelemetry/instrumentation-mysql2");
const { IORedisInstrumentation } = require("@opentelemetry/instrumentation-ioredis");
const { PgInstrumentation } = require("@opentelemetry/instrumentation-pg");
const instrumentations = [new MySQL2Instrumentation(), new IORedisInstrumentation(), new PgInstrumentation()];
const kept = [];
const memory = {
  export(spans, done) {
    kept.push(...spans);
    done({ code: 0 });
  },
  forceFlush: async () => {},
  shutdown: async () => {},
  spans: () => kept.map((span) => ({ name: span.name, scope: span.instrumentationScope.name, parentSpanId: span.parentSpanContext?.spanId })),
};
`;

const WAYS = {
  "ES modules, drivers loaded before the start": [
    "mjs",
    `import * as own from ${JSON.stringify(INDEX)};
import * as testing from ${JSON.stringify(TESTING)};
${DRIVERS.map((name, i) => `import * as driver${i} from ${JSON.stringify(name)};`).join("\n")}
${PROGRAM}
await main(own, testing, [${DRIVERS.map((_, i) => `driver${i}`).join(", ")}]);`,
  ],
  "CommonJS, drivers loaded before the start": [
    "cjs",
    `const drivers = ${JSON.stringify(DRIVERS)}.map((name) => require(name));
${PROGRAM}
main(require(${JSON.stringify(INDEX)}), require(${JSON.stringify(TESTING)}), drivers);`,
  ],
} as const;

const isLeftOut = leftOut(Object.keys(WAYS), 1);

interface Result {
  readonly spans: readonly string[];
  readonly counted: number;
}

function run(
  t: TestContext,
  ports: object,
  extension: string,
  text: string,
  env = {},
): Record<string, Result> {
  const folder = mkdtempSync(join(HERE, ".tmp-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, `program.${extension}`);
  writeFileSync(file, text);
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--conditions=@whodunit/source", file], {
    encoding: "utf8",
    env: { ...process.env, PORTS: JSON.stringify(ports), ...env },
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<string, Result>;
}

test("each operation of a real server is one span and one callee, however its driver was loaded", {
  timeout: 240_000,
}, async (t) => {
  const [postgres, mariadb, redis, rabbitmq] = await Promise.all([
    startPostgres(t),
    startMariadb(t),
    startRedis(t),
    startRabbitmq(t),
  ]);
  if (postgres === undefined || mariadb === undefined || redis === undefined || rabbitmq === undefined)
    return;
  const ports = {
    postgres: postgres.port,
    mariadb: mariadb.port,
    redis: redis.port,
    rabbitmq: rabbitmq.port,
  };

  for (const [way, [extension, text]] of Object.entries(WAYS)) {
    await t.test(way, { skip: isLeftOut(way) }, (t) => {
      assert.deepEqual(run(t, ports, extension, text), {
        pg: { spans: ["SELECT"], counted: 1 },
        postgres: { spans: ["SELECT"], counted: 1 },
        mysql2: { spans: ["SELECT"], counted: 1 },
        ioredis: { spans: ["GET"], counted: 1 },
        redis: { spans: ["GET"], counted: 1 },
        amqplib: { spans: ["send orders"], counted: 1 },
      });
    });
  }

  await t.test("beside instrumentations of OpenTelemetry's, which alone tell theirs", (t) => {
    const text = `${MEMORY}
${PROGRAM}
const own = require(${JSON.stringify(INDEX)});
const { startTracing } = own;
// The instrumentations patch what is loaded after them.
main({ ...own, startTracing }, {}, ${JSON.stringify(DRIVERS)}.map((name) => ({ get: () => require(name) })));`;
    const lazily = text
      .replace("[pg, postgres, mysql2, ioredis, redis, amqplib]) {", "drivers) {")
      .replace(
        "const told =",
        "const [pg, postgres, mysql2, ioredis, redis, amqplib] = drivers.map(({ get }) => get());\n  const told =",
      );
    const result = run(t, ports, "cjs", lazily, { INSTRUMENTED: "true", OTEL_TRACES_EXPORTER: "none" });
    for (const name of ["mysql2", "ioredis", "pg"]) {
      const { spans, counted } = result[name] as Result;
      assert.ok(spans.length >= 1, name);
      for (const scope of spans) assert.equal(scope, `@opentelemetry/instrumentation-${name}`);
      assert.equal(counted, 1, name);
    }
    assert.deepEqual(result.redis, { spans: ["@whodunit/tracing"], counted: 1 });
  });
});
