import assert from "node:assert/strict";
import { createServer } from "node:http";
import { startTracing, tracer, withSpan } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import "@whodunit/tracing/register";
import "@whodunit/tracing/testing";

const bodies = [];
const receiver = createServer((request, response) => {
  request.on("data", (chunk) => bodies.push(chunk)).on("end", () => response.end("{}"));
});
receiver.listen(0, "127.0.0.1", async () => {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${receiver.address().port}`;
  const tracing = startTracing({ service: "alone" });
  assert.equal(await withSpan("work", async () => 42), 42);
  tracer.startSpan("old").setTag("x", 1).finish();
  assert.equal(typeof withTracing, "function");
  await tracing.flush();
  assert.match(Buffer.concat(bodies).toString("latin1"), /work/);
  await tracing.close();

  for (const [variable, value] of [
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
    ["OTEL_TRACES_EXPORTER", "console"],
    ["OTEL_TRACES_EXPORTER", "zipkin"],
  ]) {
    process.env[variable] = value;
    const other = startTracing({ service: "alone" });
    if (value === "http/json") withSpan("by json", () => {});
    const { dropped } = await other.close();
    assert.equal(dropped.failed, 0, value);
    delete process.env[variable];
  }
  assert.match(Buffer.concat(bodies).toString("latin1"), /by json/);
  process.exit(0);
});
