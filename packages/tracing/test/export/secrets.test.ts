import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type TestContext, test } from "node:test";
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import Fastify from "fastify";
import { until } from "../../../../test/helpers/until.ts";
import { suppress } from "../../src/context/suppress.ts";
import { tracingPlugin } from "../../src/fastify.ts";
import { startTracing, withSpan } from "../../src/index.ts";
import { setRoute, withTracing } from "../../src/node.ts";
import { W3CPropagator } from "../../src/propagation/w3c.ts";
import type { EndedSpan } from "../../src/provider/ended-span.ts";
import { DEFAULT_LIMITS } from "../../src/provider/limits.ts";
import { LeanTracerProvider } from "../../src/provider/provider.ts";
import { errorKind } from "../../src/running/record-error.ts";
import { SystemClock } from "../../src/running/system-clock.ts";
import { CASES, FAILING, OTEL_CASES, secretsIn } from "../helpers/leak-corpus.ts";
import { ask, BEARER, listen, startTestTracing } from "../helpers/tracing.ts";

const quietly = <Result>(work: () => Result): Result => context.with(suppress(ROOT_CONTEXT), work);

/** A service that answers every path, and fails where it is asked to. */
async function startService(t: TestContext): Promise<number> {
  const app = Fastify();
  await app.register(tracingPlugin);
  app.get("/fails/:n", async (request) => {
    throw FAILING[Number((request.params as { n: string }).n)];
  });
  app.get("/*", async () => ({}));
  await app.ready();
  const named = withTracing((request, response) => {
    setRoute(request, response, decodeURIComponent(request.url ?? ""));
    response.end("{}");
  });
  return listen(
    t,
    createServer((request, response) => {
      if (request.url?.startsWith("/named/")) named(request, response);
      else app.routing(request, response);
    }),
  );
}

/** The lines of `/debug/tap` as they come. */
async function followTap(t: TestContext, port: number): Promise<string[]> {
  const request = quietly(() =>
    httpRequest({ port, host: "127.0.0.1", path: "/debug/tap?maxRps=10000", headers: BEARER, agent: false }),
  );
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  t.after(() => request.destroy());
  const lines: string[] = [];
  let rest = "";
  response.setEncoding("utf8").on("data", (chunk) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  response.on("error", () => {
    // The test goes away from the stream.
  });
  return lines;
}

test(`no secret gets out by OTLP, traffic or tap: ${CASES.length + OTEL_CASES.length} cases, each in all three`, async (t) => {
  const { receiver, tracing } = await startTestTracing(t);
  const port = await startService(t);
  const lines = await followTap(t, port);
  const counted = (): number =>
    tracing.traffic
      .snapshot()
      .series.filter(({ windowS }) => windowS === 600)
      .reduce((sum, { count }) => sum + count, 0);

  let seen = 0;
  for (const { name, leak } of [...CASES, ...OTEL_CASES]) {
    const bodies = receiver.bodies.length;
    await leak(port);
    await until(() => counted() > seen && lines.length === counted());
    await tracing.flush();
    const spans = receiver.bodies.slice(bodies);
    assert.ok(spans.length > 0, `${name}: no span came`);
    const traffic = await quietly(() => ask(port, { path: "/debug/traffic" }));
    const metrics = await quietly(() =>
      ask(port, { path: "/debug/traffic", headers: { accept: "application/openmetrics-text" } }),
    );
    const outside = {
      metrics: metrics.body,
      otlp: Buffer.concat(spans).toString("latin1"),
      traffic: traffic.body,
      tap: lines.slice(seen).join("\n"),
    };
    for (const [output, text] of Object.entries(outside)) {
      assert.deepEqual(secretsIn(text), [], `${name}: ${output}`);
    }
    seen = lines.length;
  }
  assert.ok(
    receiver.spans.some((span) => span.attributes.note === "mail to [Redacted]"),
    "the rest is kept",
  );
});

test(`what goes through our API reaches no other provider with a secret: ${CASES.length} cases`, async (t) => {
  const ended: EndedSpan[] = [];
  trace.setGlobalTracerProvider(
    new LeanTracerProvider({
      sink: { take: (span) => ended.push(span), countUnsampled: () => {} },
      sampling: { root: () => true, parentBased: true, keepErrors: false },
      limits: DEFAULT_LIMITS,
      clock: new SystemClock(),
    }),
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CPropagator());
  const tracing = startTracing({ service: "web" });
  t.after(async () => {
    await tracing.close();
    for (const api of [trace, context, propagation]) api.disable();
  });
  const port = await startService(t);
  for (const { name, leak } of CASES) {
    ended.length = 0;
    await leak(port);
    await until(() => ended.length > 0);
    // The trace state is the caller's own, and goes on as it came.
    const shown = ended.map(({ name: spanName, attributes, events, links, statusMessage }) => ({
      ...{ spanName, attributes, events, statusMessage },
      links: links.map((link) => link.attributes),
    }));
    assert.deepEqual(secretsIn(JSON.stringify(shown)), [], name);
  }
  withSpan("fine", (span) => span.setTag("items", 3).setTag("note", "mail to nobody"));
  assert.deepEqual(ended.at(-1)?.attributes, ["items", 3, "note", "mail to nobody"]);
});

test("a secret at the cut of a value does not go out by half", async (t) => {
  process.env.OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT = "40";
  t.after(() => delete process.env.OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT);
  const { spans } = await startTestTracing(t);
  const halves = [
    ["4111 1111 1111 1111", 16],
    ["AKIAIOSFODNN7EXAMPLE", 18],
    ["ada.lovelace@example.org", 17],
  ] as const;
  for (const [secret, before] of halves) {
    const text = `${"x ".repeat(20).slice(before)}${secret}`;
    const code = `${"x ".repeat(64).slice(before)}${secret}`;
    withSpan("cut", { tags: { text, list: [text] } }, ({ otel }) => {
      otel.setAttribute("map", { text } as never).setAttribute("bytes", Buffer.from(text) as never);
      otel.addEvent("cut", { text });
    });
    assert.doesNotMatch(errorKind({ code }), /4111|AKIA|ada\./);
  }
  const found = (await spans()).map(({ attributes, events }) => ({ ...attributes, events }));
  assert.equal(found.length, halves.length);
  for (const one of found) {
    assert.ok(String((one as { text?: string }).text).length <= 40);
    assert.doesNotMatch(
      JSON.stringify(one, (_, value) => (typeof value === "bigint" ? 0 : value)),
      /4111|AKIA|ada\./,
    );
  }
});
