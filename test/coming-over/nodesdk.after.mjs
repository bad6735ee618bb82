import { once } from "node:events";
import http from "node:http";
import { trace } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { startTracing } from "@whodunit/tracing";
import { setRoute, withTracing } from "@whodunit/tracing/node";

const exporter = new InMemorySpanExporter();
const processor = new SimpleSpanProcessor({ exporter });
const { traffic } = startTracing({ service: "web", processors: [processor] });

/** What the service that is called was sent, by then. */
let sent;
const orders = http.createServer((req, res) => {
  sent = req.headers.traceparent;
  res.end("2 orders");
});
const web = http.createServer(
  withTracing((req, res) => {
    setRoute(req, res, "/users/:id");
    trace.getTracer("web").startActiveSpan("load-orders", (span) => {
      http.get(`http://localhost:${orders.address().port}/orders`, (answer) => {
        answer.resume().once("end", () => {
          span.end();
          res.end("done");
        });
      });
    });
  }),
);
for (const server of [orders, web]) await once(server.listen(0), "listening");
const url = `http://localhost:${web.address().port}/users/7`;
await (
  await fetch(url, { headers: { traceparent: "00-af7651916cd43dd8448eb211c80319cf-b7ad6b7169203331-01" } })
).text();
await processor.forceFlush();
const spans = exporter.getFinishedSpans().map(({ name, kind }) => ({ name, kind }));
const routes = traffic
  .snapshot()
  .series.filter(({ windowS }) => windowS === 600)
  .map(({ side, route, count }) => ({ side, route, count }));
console.log(JSON.stringify({ sent, spans, routes }));
process.exit();
