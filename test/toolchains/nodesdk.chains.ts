import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fences, page } from "../helpers/documented-program.ts";
import { freePort } from "../helpers/real-server.ts";
import { PASSWORD, startRedis } from "../helpers/real-services.ts";
import { until } from "../helpers/until.ts";
import { newFolder } from "./folder.ts";

// The page's own file, with the names of both services.
const INSTRUMENTATION = fences(page("coming-from-nodesdk.md"), "js")[0]!.replace(
  '"web"',
  "process.env.OTEL_SERVICE_NAME",
);
const TRACE_ID = "af7651916cd43dd8448eb211c80319cf";
const CALLER = "b7ad6b7169203331";
const [SERVER, CLIENT] = [2, 3];

/** The lines of a service that the way over adds. */
interface Added {
  readonly imports: string;
  readonly options: string;
}

const NONE: Added = { imports: "", options: "" };
const ALL: Added = {
  imports: 'import { getNodeAutoInstrumentations } from "@opentelemetry/auto-instrumentations-node";\n',
  options: "instrumentations: [getNodeAutoInstrumentations()]",
};

const web = (added?: Added): string => `import { trace } from "@opentelemetry/api";
import Fastify from "fastify";
import { Redis } from "ioredis";
${added === undefined ? "" : `${added.imports}import { startTracing } from "@whodunit/tracing";\nimport { tracingPlugin } from "@whodunit/tracing/fastify";\nstartTracing({ ${added.options} });`}
const redis = new Redis(process.env.REDIS_URL);
const app = Fastify();
${added === undefined ? "" : "await app.register(tracingPlugin);"}
app.get("/orders/:id", async (request) => {
  await redis.incr("orders");
  return trace.getTracer("web").startActiveSpan("load-item", async (span) => {
    const answer = await fetch(process.env.UPSTREAM + "/items/" + request.params.id);
    span.end();
    return answer.json();
  });
});
await app.listen({ port: Number(process.env.PORT) });
`;

const items = (added?: Added): string => `import express from "express";
import { Redis } from "ioredis";
${added === undefined ? "" : `${added.imports}import { startTracing } from "@whodunit/tracing";\nimport { observeExpressError, tracingMiddleware } from "@whodunit/tracing/express";\nstartTracing({ ${added.options} });`}
const redis = new Redis(process.env.REDIS_URL);
const app = express();
${added === undefined ? "" : "app.use(tracingMiddleware());"}
app.get("/items/:id", async (request, response) => {
  await redis.get("orders");
  response.json({ id: request.params.id });
});
${added === undefined ? "" : "app.use(observeExpressError);"}
app.listen(Number(process.env.PORT));
`;

interface Told {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string }[];
}

/** Takes spans by OTLP in JSON, whoever exports them. */
async function startCollector(t: TestContext): Promise<{ url: string; spans: Told[] }> {
  const spans: Told[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { resourceSpans = [] } = JSON.parse(Buffer.concat(chunks).toString());
    for (const { resource, scopeSpans } of resourceSpans) {
      const named = resource.attributes.find(({ key }: { key: string }) => key === "service.name");
      for (const scope of scopeSpans)
        for (const span of scope.spans) spans.push({ ...span, service: named.value.stringValue });
    }
    response.setHeader("content-type", "application/json").end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

/** Runs both services, asks the first once, and tells the spans of that request. */
async function traced(
  t: TestContext,
  name: string,
  flags: readonly string[],
  added?: Added,
): Promise<Told[] | undefined> {
  const redis = await startRedis(t);
  if (redis === undefined) return undefined;
  const { url, spans } = await startCollector(t);
  const folder = newFolder(`nodesdk ${name}`, "module", []);
  writeFileSync(join(folder, "instrumentation.mjs"), INSTRUMENTATION);
  const env = {
    ...process.env,
    REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${redis.port}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_NODE_RESOURCE_DETECTORS: "process",
    OTEL_BSP_SCHEDULE_DELAY: "100",
  };
  const start = async (service: string, program: string, more: object): Promise<string> => {
    const port = await freePort();
    writeFileSync(join(folder, `${service}.mjs`), program);
    const child = spawn(process.execPath, [...flags, `${service}.mjs`], {
      cwd: folder,
      env: { ...env, ...more, OTEL_SERVICE_NAME: service, PORT: `${port}` },
      stdio: ["ignore", "ignore", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    await until(() => {
      assert.equal(child.exitCode, null, `${service} ended`);
      return fetch(`http://localhost:${port}/none`).then(
        () => true,
        () => false,
      );
    }, `${service} listens`);
    return `http://localhost:${port}`;
  };
  const UPSTREAM = await start("items", items(added), {});
  const entry = await start("web", web(added), { UPSTREAM });
  const answer = await fetch(`${entry}/orders/1`, {
    headers: { traceparent: `00-${TRACE_ID}-${CALLER}-01` },
  });
  assert.deepEqual(await answer.json(), { id: "1" });
  const own = (): Told[] => spans.filter(({ traceId }) => traceId === TRACE_ID);
  // Spans leave as they end: that of a service's request is its last.
  await until(
    () =>
      ["web", "items"].every((service) =>
        own().some((span) => span.kind === SERVER && span.service === service),
      ),
    "the spans of both services",
  );
  return own();
}

const has = ({ attributes }: Told, pattern: RegExp): boolean =>
  attributes.some(({ key }) => pattern.test(key));

/** Asserts that all is told once, and as a part of what it is a part of. */
function assertOnce(spans: readonly Told[], routes: boolean): void {
  const all = JSON.stringify(spans.map(({ service, kind, name }) => [service, kind, name]));
  const one = (service: string, kind: number, pattern: RegExp): Told => {
    const found = spans.filter(
      (span) => span.service === service && span.kind === kind && has(span, pattern),
    );
    assert.equal(found.length, 1, `${service}: ${pattern} in ${all}`);
    return found[0]!;
  };
  const http = /^http\.(?:request\.)?method$/;
  const [entry, call, called] = [
    one("web", SERVER, http),
    one("web", CLIENT, http),
    one("items", SERVER, http),
  ];
  const load = spans.filter(({ name }) => name === "load-item");
  assert.equal(load.length, 1, all);
  assert.deepEqual(
    [entry.parentSpanId, load[0]?.parentSpanId, call.parentSpanId, called.parentSpanId],
    [CALLER, entry.spanId, load[0]?.spanId, call.spanId],
    all,
  );
  if (!routes) return;
  assert.deepEqual([entry.name, called.name], ["GET /orders/:id", "GET /items/:id"]);
  for (const service of ["web", "items"]) one(service, CLIENT, /^db\.system(?:\.name)?$/);
}

const IMPORT = ["--import", "./instrumentation.mjs"];
const WAYS: Readonly<Record<string, readonly [flags: readonly string[], added?: Added]>> = {
  "before, NodeSDK with all instrumentations": [IMPORT],
  "after, startTracing and the plugins": [[], NONE],
  "with all instrumentations handed over": [[], ALL],
  "with all handed over, and loaded before": [["--import", "@whodunit/tracing/register"], ALL],
  "beside NodeSDK, which stays": [IMPORT, NONE],
};

for (const [name, [flags, added]] of Object.entries(WAYS)) {
  test(`docs/coming-from-nodesdk.md, ${name}: each request, call and operation of Fastify, Express 5 and ioredis is told once, below its own`, async (t) => {
    const spans = await traced(t, name, flags, added);
    if (spans !== undefined) assertOnce(spans, added !== undefined);
  });
}
