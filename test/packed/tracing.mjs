import assert from "node:assert/strict";
import { createServer } from "node:http";
import { startTracing, tracer, withSpan } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
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
  process.exit(0);
});
