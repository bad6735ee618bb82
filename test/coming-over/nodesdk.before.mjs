import { once } from "node:events";
import { createRequire } from "node:module";
import { trace } from "@opentelemetry/api";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";

const exporter = new InMemorySpanExporter();
const processor = new SimpleSpanProcessor({ exporter });
new NodeSDK({
  serviceName: "web",
  spanProcessors: [processor],
  instrumentations: [new HttpInstrumentation()],
}).start();
// An instrumentation patches what is loaded after it.
const http = createRequire(import.meta.url)("node:http");

/** What the service that is called was sent, by then. */
let sent;
const orders = http.createServer((req, res) => {
  sent = req.headers.traceparent;
  res.end("2 orders");
});
const web = http.createServer((_req, res) => {
  trace.getTracer("web").startActiveSpan("load-orders", (span) => {
    http.get(`http://localhost:${orders.address().port}/orders`, (answer) => {
      answer.resume().once("end", () => {
        span.end();
        res.end("done");
      });
    });
  });
});
for (const server of [orders, web]) await once(server.listen(0), "listening");
const url = `http://localhost:${web.address().port}/users/7`;
await (
  await fetch(url, { headers: { traceparent: "00-af7651916cd43dd8448eb211c80319cf-b7ad6b7169203331-01" } })
).text();
await processor.forceFlush();
const spans = exporter.getFinishedSpans().map(({ name, kind }) => ({ name, kind }));
console.log(JSON.stringify({ sent, spans }));
process.exit();
