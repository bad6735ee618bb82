import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Kind, type Ran, runProgram } from "../helpers/program.ts";

const OTHERS = fileURLToPath(new URL("../../../../test/others/", import.meta.url));
const TRACING = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
const REGISTER = new URL("../../src/start/register.ts", import.meta.url).href;

const INSTRUMENTATIONS = `
      import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
      import { MySQL2Instrumentation } from "@opentelemetry/instrumentation-mysql2";
      import { IORedisInstrumentation } from "@opentelemetry/instrumentation-ioredis";
      import { startTracing } from ${JSON.stringify(TRACING)};
      const scopes = new Set();
      const exporter = {
        export(spans, done) {
          for (const span of spans) scopes.add(span.instrumentationScope.name);
          done({ code: 0 });
        },
        shutdown: async () => {},
      };
      const start = () =>
        startTracing({
          service: "web",
          exporters: [exporter],
          instrumentations: [
            new PgInstrumentation(),
            new MySQL2Instrumentation(),
            new IORedisInstrumentation({ requireParentSpan: false }),
          ],
        });`;

/** Asks three servers that are not there: each attempt is a span of its driver's. */
const ASK = `
      async function ask(tracing, pg, mysql, { default: Redis = {} }) {
        await new pg.Client({ port: 1, host: "127.0.0.1" }).connect().catch(() => {});
        const connection = mysql.createConnection({ port: 1, host: "127.0.0.1" });
        connection.on("error", () => {});
        await new Promise((resolve) => connection.query("SELECT 1", resolve));
        const redis = new Redis({ port: 1, host: "127.0.0.1", lazyConnect: true, retryStrategy: null });
        redis.on("error", () => {});
        await redis.get("a").catch(() => {});
        await tracing.flush();
        // What a driver publishes by itself is a span of ours.
        const drivers = [...scopes].flatMap((name) => name.split("instrumentation-")[1] ?? []).sort();
        process.stdout.write(drivers.join(), () => process.exit());
      }`;

const STATIC = `
      import * as pgModule from "pg";
      import * as mysqlModule from "mysql2";
      import * as redisModule from "ioredis";
      ${INSTRUMENTATIONS}${ASK}
      void ask(start(), pgModule.default ?? pgModule, mysqlModule.default ?? mysqlModule, redisModule);`;

const LATER = `
      ${INSTRUMENTATIONS}${ASK}
      async function main() {
        const tracing = start();
        const pgModule = await import("pg");
        const mysqlModule = await import("mysql2");
        const redisModule = await import("ioredis");
        await ask(tracing, pgModule.default ?? pgModule, mysqlModule.default ?? mysqlModule, redisModule);
      }
      void main();`;

const lateOf = ({ told }: Ran): unknown =>
  told.find(({ msg }) => msg === "web-tracing-modules_late")?.modules;
const ALL = "ioredis,mysql2,pg";

for (const kind of ["ESM", "CommonJS"] satisfies Kind[]) {
  test(`instrumentations whose modules were loaded before are named at start: ${kind}`, async (t) => {
    const ran = await runProgram(t, STATIC, { kind, folder: OTHERS });
    assert.deepEqual(lateOf(ran), ["pg", "pg-pool", "mysql2", "ioredis"], ran.stderr);
  });

  test(`instrumentations see modules that are loaded after the start, and nothing is said: ${kind}`, async (t) => {
    const flags = kind === "ESM" ? ["--import", REGISTER] : [];
    const ran = await runProgram(t, LATER, { kind, folder: OTHERS, flags });
    assert.equal(lateOf(ran), undefined);
    assert.equal(ran.stdout, ALL, ran.stderr);
  });
}

test("with --import @whodunit/tracing/register instrumentations see what was imported before, but for files inside of it, which are named", async (t) => {
  const ran = await runProgram(t, STATIC, { kind: "ESM", folder: OTHERS, flags: ["--import", REGISTER] });
  // mysql2's instrumentation patches a file that mysql2 requires by itself.
  assert.deepEqual(lateOf(ran), ["pg-pool", "mysql2"]);
  assert.equal(ran.stdout, "ioredis,pg", ran.stderr);
});
