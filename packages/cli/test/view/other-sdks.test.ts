import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Receiver, startReceiver } from "../../src/index.ts";
import type { LinesAnswer, MetricsAnswer } from "../../src/view/page/browser/answers.ts";
import { JSON_SDKS, json, times } from "../helpers/json-sdks.ts";
import { PROTO_SDKS } from "../helpers/proto-sdks.ts";
import { ATTRIBUTES, PARENT, type Sent, SPAN, START_NS, TRACE } from "../helpers/sdk-story.ts";

async function send({ url }: Receiver, signal: string, { type, body, gzip = false }: Sent): Promise<void> {
  const response = await fetch(`${url}/v1/${signal}`, {
    method: "POST",
    headers: { "content-type": type, ...(gzip ? { "content-encoding": "gzip" } : {}) },
    body: body as string,
  });
  assert.equal(response.status, 200, await response.text());
}

async function started(t: TestContext): Promise<Receiver> {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  return view;
}

for (const [name, { source, traces, logs, metrics }] of Object.entries({ ...JSON_SDKS, ...PROTO_SDKS })) {
  test(`what ${name} sends by OTLP is read as it was meant (${source})`, async (t) => {
    const view = await started(t);
    await send(view, "traces", traces);
    const [span, ...others] = (await view.trace(TRACE)) ?? [];
    assert.equal(others.length, 0);
    assert.deepEqual(
      [span?.service, span?.name, span?.kind, span?.spanId, span?.parentSpanId, span?.error, span?.message],
      ["shop", "GET /cart", "server", SPAN, PARENT, true, "no cart"],
    );
    assert.deepEqual({ ...span?.attributes, meta: structuredClone(span?.attributes.meta) }, ATTRIBUTES);
    assert.ok(Math.abs(span!.durationMs - 250) < 0.001, `${span!.durationMs}`);
    assert.ok(Math.abs(span!.startMs - Number(START_NS / 1_000_000n)) < 0.001);
    assert.deepEqual(
      span?.events.map((event) => [event.name, event.attributes["exception.type"]]),
      [["exception", "CartError"]],
    );
    if (logs !== undefined) {
      await send(view, "logs", logs);
      const found = await fetch(
        `${view.url}/api/lines?search=${encodeURIComponent('"cart is gone" ratio:0.5')}`,
      );
      const { lines } = (await found.json()) as LinesAnswer;
      assert.deepEqual(
        lines.map(({ service, level, failed, text, traceId, spanId }) => [
          ...[service, level, failed, text, traceId, spanId],
        ]),
        [["shop", "error", true, "cart is gone", TRACE, SPAN]],
      );
    }
    if (metrics !== undefined) {
      await send(view, "metrics", metrics);
      const answer = (await (await fetch(`${view.url}/api/metrics`)).json()) as MetricsAnswer;
      assert.deepEqual(
        answer.metrics.map(({ service, name: metric, unit, kind, series, values }) => [
          ...[service, metric, unit, kind, series, values.find((one) => one !== null)],
        ]),
        [
          ["shop", "duration", "ms", "histogram", {}, 12.5],
          ["shop", "queue", "", "gauge", { kind: "tea" }, -2],
        ],
      );
    }
  });
}

test("what names no service is of unknown_service, whatever is left out of its resource and scope", async (t) => {
  const view = await started(t);
  const span = { traceId: TRACE, spanId: SPAN, name: "GET /cart", ...times };
  const resources = [undefined, null, {}, { attributes: null }, { attributes: [] }];
  for (const [i, resource] of resources.entries()) {
    const spanId = SPAN.slice(0, -1) + i;
    await send(
      view,
      "traces",
      json({ resourceSpans: [{ resource, scopeSpans: [{ scope: null, spans: [{ ...span, spanId }] }] }] }),
    );
  }
  const spans = (await view.trace(TRACE)) ?? [];
  assert.deepEqual(
    spans.map(({ service, kind, error }) => [service, kind, error]),
    resources.map(() => ["unknown_service", "internal", false]),
  );
});
