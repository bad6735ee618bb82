import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createLogger, describeRequest, type Logger } from "@whodunit/logger";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { withLogger } from "@whodunit/logger/node";
import { describeRequest as describeByTracing } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { withTracing } from "@whodunit/tracing/node";
import { recordTracing, type TracingRecorder } from "@whodunit/tracing/testing";
import Fastify from "fastify";
import { until } from "./helpers/until.ts";

type Line = Readonly<Record<string, unknown>>;

function recordLines(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  return { logger: createLogger({ service: "web", level: "debug", destination }), lines };
}

function startRecorder(t: TestContext): TracingRecorder {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  return recorder;
}

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function endOf(lines: readonly Line[]): Promise<Line> {
  const isEnd = ({ msg }: Line): boolean => msg === "web-http-response";
  await until(() => lines.some(isEnd), "the request's line");
  return lines.find(isEnd)!;
}

async function afterAWhile(): Promise<void> {
  await setImmediate();
  describeRequest({ plan: "pro", note: "from ada@example.org" });
}

test("describeRequest() with only the logger stands on the request's end line, redacted, in async code too", async (t) => {
  const { logger, lines } = recordLines();
  const url = await listen(
    t,
    withLogger(
      async (_request, response) => {
        describeRequest({ tenant: "acme", status: "mine", password: "hunter2", plan: "free" });
        await afterAWhile();
        response.end();
      },
      { logger },
    ),
  );
  await fetch(url);
  const line = await endOf(lines);
  const { tenant, plan, status, _status, password, note } = line;
  assert.deepEqual(
    { tenant, plan, status, _status, password, note },
    {
      ...{ tenant: "acme", plan: "pro", status: 200, _status: "mine" },
      ...{ password: "[Redacted]", note: "from [Redacted]" },
    },
  );
});

test("describeRequest() stands on the line and the server span of its own request, in every order of plugins", async (t) => {
  for (const order of ["logger first", "tracing first"]) {
    await t.test(order, async (t) => {
      const { logger, lines } = recordLines();
      const recorder = startRecorder(t);
      const app = Fastify(fastifyOptions({ logger }));
      if (order === "tracing first") await app.register(tracingPlugin);
      await app.register(loggerPlugin, { logger });
      if (order === "logger first") await app.register(tracingPlugin);
      app.get("/carts/:id", async (request) => {
        const { id } = request.params as { id: string };
        describeByTracing({ cart: `cart-${id}`, items: { count: 3 }, "http.route": "mine" });
        await setImmediate();
        describeByTracing({ late: id });
        return {};
      });
      const url = await app.listen({ host: "127.0.0.1", port: 0 });
      t.after(() => app.close());
      await Promise.all(["1", "2"].map((id) => fetch(`${url}/carts/${id}`)));
      await until(() => lines.filter(({ msg }) => msg === "web-http-response").length === 2);
      await until(() => recorder.spans.filter(({ name }) => name === "GET /carts/:id").length === 2);
      for (const id of ["1", "2"]) {
        assert.ok(lines.some(({ cart, late }) => cart === `cart-${id}` && late === id));
        recorder.span({
          name: "GET /carts/:id",
          attributes: { cart: `cart-${id}`, late: id, items: '{"count":3}', "http.route": "/carts/:id" },
        });
      }
    });
  }
});

test("describeRequest() lets /debug/traffic tell failed requests from the others", async (t) => {
  const recorder = startRecorder(t);
  const url = await listen(
    t,
    withTracing((request, response) => {
      const tenant = request.headers["x-tenant"];
      describeByTracing({ tenant, user: "ada", region: "eu" });
      response.writeHead(tenant === "acme" ? 500 : 200).end();
    }),
  );
  for (let i = 0; i < 30; i++) {
    await (await fetch(url, { headers: { "x-tenant": i % 3 === 0 ? "acme" : `t${i}` } })).text();
  }
  await until(() => recorder.traffic.snapshot().attributes[0]?.good === 20);
  assert.deepEqual(recorder.traffic.snapshot().attributes[0]?.values, [
    { name: "tenant", value: "acme", failing: 10, good: 0 },
  ]);
});

test("describeRequest() does nothing outside a request and after its end, and never throws", async (t) => {
  const { logger, lines } = recordLines();
  const late = Promise.withResolvers<void>();
  const hostile = new Proxy({}, { ownKeys: () => assert.fail("not seen") });
  const halfGood = {
    get bad(): never {
      throw new Error("not read");
    },
    good: 1,
  };
  const describeAnything = describeRequest as (fields: unknown) => void;
  const all = [undefined, null, 1, "text", [1], hostile, halfGood, JSON.parse('{"__proto__":{"a":1}}')];
  for (const fields of all) describeAnything(fields);
  const url = await listen(
    t,
    withLogger(
      (_request, response) => {
        for (const fields of all) describeAnything(fields);
        response.once("close", () => {
          describeRequest({ late: true });
          late.resolve();
        });
        response.end();
      },
      { logger },
    ),
  );
  await (await fetch(url)).text();
  await late.promise;
  const line = await endOf(lines);
  assert.deepEqual([line.good, line.late, line.a], [1, undefined, undefined]);
});

test("describeRequest() keeps 48 fields of a request, with the latest value of each", async (t) => {
  const { logger, lines } = recordLines();
  const url = await listen(
    t,
    withLogger(
      (_request, response) => {
        for (const round of [1, 2]) {
          for (let i = 0; i < 60; i++) describeRequest({ [`field${i}`]: round, ["n".repeat(500)]: 1 });
        }
        response.end();
      },
      { logger },
    ),
  );
  await (await fetch(url)).text();
  const line = await endOf(lines);
  const names = Object.keys(line).filter((name) => /^(?:field|n{9})/.test(name));
  assert.deepEqual([names.length, line.field0, line.field46, line.field47], [48, 2, 2, undefined]);
  assert.ok(names.every((name) => name.length <= 128));
});
