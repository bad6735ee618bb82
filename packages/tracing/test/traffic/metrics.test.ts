import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { metrics } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { setRoute, withTracing } from "../../src/node.ts";
import { recordTracing } from "../../src/testing.ts";
import { ask, listen } from "../helpers/tracing.ts";

test("requests fill OpenTelemetry's two HTTP histograms where a meter is registered", async (t) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const recorder = recordTracing({ service: "web", sampleRatio: 0 });
  t.after(async () => {
    await recorder.close();
    await provider.shutdown();
    metrics.disable();
  });
  const port = await listen(
    t,
    createServer(
      withTracing((request, response) => {
        setRoute(request, response, "/a");
        response.statusCode = request.url === "/a?fail" ? 500 : 200;
        response.end();
      }),
    ),
  );
  for (const path of ["/a", "/a", "/a?fail"]) await ask(port, { path });
  await provider.forceFlush();
  const found = exporter.getMetrics().flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics));
  const points = (name: string) => {
    const metric = found.find((one) => one.descriptor.name === name);
    assert.equal(metric?.descriptor.unit, "s");
    return metric?.dataPoints.map((point) => [point.attributes, (point.value as { count: number }).count]);
  };
  const server = { "http.request.method": "GET", "url.scheme": "http", "http.route": "/a" };
  assert.deepEqual(points("http.server.request.duration"), [
    [{ ...server, "http.response.status_code": 200 }, 2],
    [{ ...server, "http.response.status_code": 500, "error.type": "500" }, 1],
  ]);
  const client = { "http.request.method": "GET", "server.address": "127.0.0.1", "server.port": port };
  assert.deepEqual(points("http.client.request.duration"), [
    [{ ...client, "http.response.status_code": 200 }, 2],
    [{ ...client, "http.response.status_code": 500, "error.type": "500" }, 1],
  ]);
});
