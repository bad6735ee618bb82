import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ROOT } from "../scripts/packages.ts";
import {
  assertExample,
  assertStops,
  type Line,
  type Started,
  startExample,
  typeQuestions,
} from "./helpers/example.ts";
import { freePort } from "./helpers/real-server.ts";
import { PASSWORD, startRabbitmq, startRedis } from "./helpers/real-services.ts";
import { leftOut } from "./helpers/scale.ts";
import { until } from "./helpers/until.ts";
import { type Walk, walk } from "./helpers/walk.ts";

interface Example {
  readonly folder: string;
  readonly env?: Record<string, string>;
  /** How its page says to start it, where that is not by npm alone. */
  readonly told?: string;
}

/** The services among the examples that `npm ci` installs; that of Next is one of the tool chains. */
const EXAMPLES: readonly Example[] = [
  { folder: "fastify" },
  { folder: "express" },
  { folder: "express-4" },
  { folder: "koa" },
  { folder: "hono" },
  { folder: "nest" },
  { folder: "nest", env: { ADAPTER: "fastify" }, told: "ADAPTER=fastify npm start -w examples/nest" },
];

/** Starts it by the one command of its page, which then asks it where it is. */
async function start(t: TestContext, page: Walk, { folder, env = {}, told }: Example): Promise<Started> {
  const command = `npm start -w examples/${folder}`;
  const commands = page.take(/\bnpm start\b/);
  assert.ok(commands.includes(told ?? command), commands.join("\n"));
  const args = [...command.split(" ").slice(1), "--silent"];
  const started = await startExample(t, { args, cwd: ROOT, env });
  page.place("localhost:8080", new URL(started.url).host);
  return started;
}

const isLeftOut = leftOut(EXAMPLES, 2);

for (const example of EXAMPLES) {
  const { folder, env = {} } = example;
  const name = [folder, ...Object.values(env)].join(" on ");
  test(`examples/${name} starts with one command; its routes, errors, health and drain are right (A12)`, {
    skip: isLeftOut(example),
  }, async (t) => {
    await walk(t, `examples/${folder}/README.md`, {}, async (page) => {
      const started = await start(t, page, example);
      await assertExample(started, folder);
      await typeQuestions(page, folder);
      await assertStops(started);
    });
  });
}

const REQUEST_ID = "17c854";
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const HEADERS = { "x-request-id": REQUEST_ID, traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };

/** The line of a name that the request has, once it is there. */
async function lineOf(lines: readonly Line[], name: string): Promise<Line> {
  const find = () => lines.find((line) => line.msg === name && line.RequestID === REQUEST_ID);
  await until(() => find() !== undefined, `${name} is written in the context of the request`);
  return find()!;
}

test("examples/queue-worker starts with one command; one trace and one context go through RabbitMQ and BullMQ, and a failed job has both", {
  timeout: 240_000,
}, async (t) => {
  const rabbitmq = await startRabbitmq(t);
  const redis = await startRedis(t);
  if (rabbitmq === undefined || redis === undefined) return;
  await walk(t, "examples/queue-worker/README.md", {}, async (page) => {
    const { url, lines, stop } = await start(t, page, {
      folder: "queue-worker",
      told: "AMQP_URL=amqp://localhost REDIS_URL=redis://localhost npm start -w examples/queue-worker",
      env: {
        AMQP_URL: `amqp://app:${PASSWORD}@127.0.0.1:${rabbitmq.port}`,
        REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${redis.port}`,
      },
    });
    assert.equal((await fetch(`${url}/orders/7`, { method: "POST", headers: HEADERS })).status, 202);
    for (const name of ["web-http-response", "worker-order-packed", "worker-mail-sent"])
      assert.equal((await lineOf(lines, name)).trace_id, TRACE_ID, name);
    assert.equal((await fetch(`${url}/orders/0`, { method: "POST", headers: HEADERS })).status, 202);
    const failed = await lineOf(lines, "worker-mail-failed");
    assert.deepEqual([failed.err?.message, failed.trace_id], ["no such order", TRACE_ID]);
    const failures = (): number => lines.filter(({ msg }) => msg === "worker-mail-failed").length;
    await page.type(/orders\/7$/);
    await page.type(/orders\/0$/);
    await until(() => failures() === 2, "the worker fails at the order of the page, too");
    await until(async () => (await fetch(`${url}/health/ready`)).ok, "the broker and Redis are well");
    await stop();
  });
});

test("examples/grpc starts with one command; one trace and one context go through a call, and a failed one has both", async (t) => {
  const port = `${await freePort()}`;
  await walk(t, "examples/grpc/README.md", {}, async (page) => {
    const { url, lines, stop } = await start(t, page, { folder: "grpc", env: { GRPC_PORT: port } });
    await until(() => lines.some(({ msg }) => msg === "greeter-ready"), "the greeter listens");
    assert.equal(await (await fetch(`${url}/hello/ada`, { headers: HEADERS })).text(), "Hello ada\n");
    for (const name of ["greeter-hello", "web-http-response"])
      assert.equal((await lineOf(lines, name)).trace_id, TRACE_ID, name);
    const before = lines.length;
    assert.equal((await fetch(`${url}/hello/nobody`, { headers: HEADERS })).status, 500);
    assert.equal((await lineOf(lines, "greeter-call-failed")).err?.type, "RangeError");
    const answered = () => lines.slice(before).find(({ msg }) => msg === "web-http-response");
    await until(() => answered() !== undefined, "the failed request has its line");
    assert.match(String(answered()?.err?.message), /no doughnuts/);
    assert.equal((await page.type(/hello\/ada$/)).stdout, "Hello ada\n");
    await page.type(/hello\/nobody$/);
    await stop();
  });
});
