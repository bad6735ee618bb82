import { startTracing } from "@whodunit/tracing";
import { tracer as ours } from "@whodunit/tracing/opentracing";
import opentracing from "opentracing";

startTracing({ service: "web" });
opentracing.initGlobalTracer(ours);

const tracer = opentracing.globalTracer();
const parent = tracer.extract(opentracing.FORMAT_HTTP_HEADERS, {
  "uber-trace-id": "af7651916cd43dd8448eb211c80319cf:b7ad6b7169203331:0:1",
});
const span = tracer.startSpan("load-cart", { childOf: parent });
const headers = {};
tracer.inject(span, opentracing.FORMAT_HTTP_HEADERS, headers);
span.setTag("items", 3).finish();
console.log(JSON.stringify(headers));
