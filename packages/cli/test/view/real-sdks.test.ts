import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Receiver, startReceiver } from "../../src/index.ts";
import type { LinesAnswer, MetricsAnswer, TracesAnswer } from "../../src/view/page/browser/answers.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const FIXTURES = new URL("../fixtures/otlp/", import.meta.url);

/** What every one of the SDKs here is told to send: a failed span with a line in it, and three metrics. */
const SEND = `
import { logs, metrics, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
const sdk = new NodeSDK({ serviceName: "shop", instrumentations: [] });
sdk.start();
trace.getTracer("t").startActiveSpan("GET /cart", { kind: 1, attributes: { "http.route": "/cart", sizes: [1, 2] } }, (span) => {
  logs.getLogger("l").emit({ severityNumber: 17, severityText: "ERROR", body: "cart is gone", attributes: { AccountID: "5c522f9b" } });
  span.recordException(new TypeError("no cart"));
  span.setStatus({ code: 2, message: "no cart" });
  span.end();
});
const meter = metrics.getMeter("m");
meter.createCounter("orders", { unit: "{order}" }).add(3, { kind: "tea" });
meter.createHistogram("duration", { unit: "ms" }).record(12.5);
meter.createUpDownCounter("queue").add(2);
await sdk.shutdown();`;

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0 });
  t.after(() => started.close());
  return started;
}

async function ask<T>({ url }: Receiver, path: string): Promise<T> {
  return (await (await fetch(url + path)).json()) as T;
}

/** That all of it arrived, whenever it was sent. */
async function assertWhole(view: Receiver, signals: readonly string[], atMs: number): Promise<void> {
  const { traces } = await ask<TracesAnswer>(view, "/api/traces?search=http.route:/cart");
  const traceId = traces[0]?.traceId ?? "";
  if (signals.includes("traces")) {
    assert.deepEqual(
      traces.map(({ root, spans, errors }) => [root.service, root.name, spans, errors]),
      [["shop", "GET /cart", 1, 1]],
    );
    const [span] = (await view.trace(traceId)) ?? [];
    assert.deepEqual([span?.kind, span?.message, span?.attributes.sizes], ["server", "no cart", [1, 2]]);
    assert.equal(span?.events[0]?.attributes["exception.type"], "TypeError");
  }
  if (signals.includes("logs")) {
    const { lines } = await ask<LinesAnswer>(
      view,
      `/api/lines?search=${encodeURIComponent("AccountID:5c522f9b gone")}`,
    );
    assert.deepEqual(
      lines.map(({ service, level, text: said }) => [service, level, said]),
      [["shop", "error", "cart is gone"]],
    );
    if (signals.includes("traces")) assert.equal(lines[0]?.traceId, traceId, "the line is of the trace");
  }
  if (signals.includes("metrics")) {
    const stretch = `from=${atMs - 600_000}&to=${atMs + 600_000}&stepMinutes=60`;
    const { metrics } = await ask<MetricsAnswer>(view, `/api/metrics?${stretch}`);
    const own = metrics.filter(({ name }) => ["orders", "duration", "queue"].includes(name));
    // What was counted before the receiver began is not of its first minute: of a fixture the level is left.
    const isOld = Math.abs(Date.now() - atMs) > 60_000;
    const wanted = [
      ["shop", "duration", "ms", "histogram", {}, 12.5],
      ["shop", "orders", "{order}", "sum", { kind: "tea" }, 3 / 60],
      ["shop", "queue", "", "gauge", {}, 2],
    ];
    assert.deepEqual(
      own.map(({ service, name, unit, kind, series, values }) => [
        service,
        name,
        unit,
        kind,
        series,
        values.find((one) => one !== null),
      ]),
      isOld ? wanted.slice(2) : wanted,
    );
  }
}

for (const protocol of ["http/json", "http/protobuf"]) {
  test(`spans, lines and metrics of OpenTelemetry JS 3 arrive by ${protocol}`, async (t) => {
    const view = await receiver(t);
    const child = spawn(process.execPath, ["--input-type=module", "-e", SEND], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_METRICS_EXPORTER: "otlp",
        OTEL_LOGS_EXPORTER: "otlp",
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_ENDPOINT: view.url,
        OTEL_NODE_RESOURCE_DETECTORS: "none",
      },
    });
    t.after(() => child.kill("SIGKILL"));
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    assert.equal(code, 0, stderr);
    await assertWhole(view, ["traces", "logs", "metrics"], Date.now());
  });
}

interface Fixture {
  readonly sdk: string;
  readonly signal: string;
  readonly type: string;
  /** JSON as it was sent, protobuf in base64. */
  readonly body: unknown;
}

for (const name of readdirSync(FIXTURES)) {
  const { sdk, signal, type, body } = JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8")) as Fixture;
  test(`what ${sdk} sent to /v1/${signal} as ${type} is read as it was meant`, async (t) => {
    const view = await receiver(t);
    const { status } = await fetch(`${view.url}/v1/${signal}`, {
      method: "POST",
      headers: { "content-type": type },
      body: typeof body === "string" ? Buffer.from(body, "base64") : JSON.stringify(body),
    });
    assert.equal(status, 200);
    await assertWhole(view, [signal], Date.parse("2026-11-29T23:44:00Z"));
  });
}
