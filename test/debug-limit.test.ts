import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { createDebugToken, SUPPRESS_TRACING } from "@whodunit/core";
import { withLogger } from "@whodunit/logger/node";
import { captureLogs } from "@whodunit/logger/testing";
import { startTracing } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import { startReceiver } from "whodunit";

const SECRET = "a secret of enough length";
const SUPPRESSED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

function ask(port: number, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    context.with(SUPPRESSED, () =>
      request({ port, agent: false, headers }, (response) => response.resume().on("end", resolve))
        .on("error", reject)
        .end(),
    );
  });
}

for (const [order, carrier] of [
  ["the logger's plugin outside", "header"],
  ["the logger's plugin outside", "baggage"],
  ["tracing's plugin outside", "header"],
  ["tracing's plugin outside", "baggage"],
] as const) {
  test(`L6: with ${order} and a token in the ${carrier}, log and spans debug the same ten of 300 requests in a second`, async (t) => {
    process.env.WHODUNIT_DEBUG_SECRET = SECRET;
    t.after(() => delete process.env.WHODUNIT_DEBUG_SECRET);
    const capture = captureLogs({ service: "limit", level: "error", recorder: false });
    const { logger } = capture;
    const receiver = await startReceiver({ port: 0 });
    t.after(() => receiver.close());
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    const tracing = startTracing({ service: "limit", sampleRatio: 0 });
    t.after(() => tracing.close());
    // One second for all of it, which none of the other tests has.
    const nowMs = performance.now() + 1e6 * ++second;
    const mocked = t.mock.method(performance, "now", () => nowMs);
    const handler: RequestListener = (_request, response) => {
      logger.debug("step");
      response.end();
    };
    const listener =
      order === "tracing's plugin outside"
        ? withTracing(withLogger(handler, { logger }))
        : withLogger(withTracing(handler), { logger });
    const server = createServer(listener).listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const token = createDebugToken(SECRET);
    const headers: Record<string, string> =
      carrier === "header" ? { "whodunit-debug": token } : { baggage: `whodunit.debug=${token}` };
    const traceId = "a".repeat(32);
    const unsampled = { traceparent: `00-${traceId}-${"b".repeat(16)}-00` };
    for (let count = 0; count < 300; count++) await ask(port, { ...headers, ...unsampled });
    mocked.mock.restore();
    await tracing.flush();
    const spans = (await receiver.trace(traceId)) ?? [];
    assert.equal(spans.length, 10);
    const steps = capture.lines.filter(({ msg }) => msg === "limit-step");
    assert.equal(steps.length, 10);
    assert.deepEqual(
      steps.map((line) => line.span_id).toSorted(),
      spans.map((span) => span.spanId).toSorted(),
    );
  });
}
let second = 0;
