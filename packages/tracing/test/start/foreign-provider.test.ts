import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { suppress } from "../../src/context/suppress.ts";
import { startTracing, withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { W3CPropagator } from "../../src/propagation/w3c.ts";
import { DEFAULT_LIMITS } from "../../src/provider/limits.ts";
import { LeanTracerProvider } from "../../src/provider/provider.ts";
import { SystemClock } from "../../src/running/system-clock.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask, listen } from "../helpers/tracing.ts";

const CHILD = fileURLToPath(new URL("../helpers/foreign-provider-child.cjs", import.meta.url));

test("beside instrumentation-http there is one server span and one client span, with our route", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const child = spawn(process.execPath, ["--conditions=@whodunit/source", CHILD], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  const servers = receiver.spans.filter((span) => span.kind === 2);
  const clients = receiver.spans.filter((span) => span.kind === 3);
  assert.equal(
    servers.length,
    1,
    JSON.stringify(receiver.spans.map((span) => [span.scope, span.kind, span.name])),
  );
  assert.equal(clients.length, 1);
  assert.equal(servers[0]?.scope, "@opentelemetry/instrumentation-http");
  assert.equal(servers[0]?.name, "GET /users/:id");
  assert.equal(servers[0]?.parentSpanId, clients[0]?.spanId);
  const series = JSON.parse(text) as { side: string; peer: string; route: string; count: number }[];
  const told = series.map(({ side, peer, route, count }) => [
    ...[side, side === "server" ? peer : "the address"],
    ...[route, count],
  ]);
  assert.deepEqual(told.sort(), [
    ["client", "the address", "GET", 1],
    ["server", "web", "GET /users/:id", 1],
  ]);
});

test("a provider that is registered is used: no SDK, its spans, our traffic", async (t) => {
  const names: string[] = [];
  const sink = { take: (span: { name: string }) => names.push(span.name), countUnsampled: () => {} };
  const sampling = { root: () => true, parentBased: true, keepErrors: false };
  const theirs = new LeanTracerProvider({
    sink: sink as never,
    sampling,
    limits: DEFAULT_LIMITS,
    clock: new SystemClock(),
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CPropagator());
  trace.setGlobalTracerProvider(theirs);
  const tracing = startTracing({ service: "web" });
  t.after(async () => {
    await tracing.close();
    for (const api of [trace, context, propagation]) api.disable();
  });
  const port = await listen(
    t,
    createServer(
      withTracing((request, response) => {
        setRoute(request, response, "/a");
        withSpan("inner", () => response.end());
      }),
    ),
  );
  await context.with(suppress(ROOT_CONTEXT), () => ask(port));
  assert.deepEqual(names, ["inner", "GET /a"]);
  assert.equal(tracing.traffic.snapshot().series[0]?.route, "GET /a");
  assert.equal(tracing.spans().ended, 0, "their spans are not ours to count");
  await tracing.close();
  withSpan("after", () => {});
  assert.ok(names.includes("after"), "close() leaves their provider where it was");
});
