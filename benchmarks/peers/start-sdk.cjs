// The set-up that teams assemble: NodeSDK with instrumentation-http and @fastify/otel or instrumentation-express.
// Loaded with --require, from the folder whose packages OTEL_PEERS names: they need OpenTelemetry's 2.x line, which
// is nobody's dependency here.
const { createRequire } = require("node:module");
const peers = createRequire(`${process.env.OTEL_PEERS}/package.json`);
const { NodeSDK } = peers("@opentelemetry/sdk-node");
const { OTLPTraceExporter } = peers("@opentelemetry/exporter-trace-otlp-http");
const { HttpInstrumentation } = peers("@opentelemetry/instrumentation-http");

const instrumentations = [new HttpInstrumentation()];
if (process.env.FRAMEWORK === "fastify") {
  const { FastifyOtelInstrumentation } = peers("@fastify/otel");
  instrumentations.push(new FastifyOtelInstrumentation({ registerOnInitialization: true }));
} else {
  const { ExpressInstrumentation } = peers("@opentelemetry/instrumentation-express");
  instrumentations.push(new ExpressInstrumentation());
}
new NodeSDK({ serviceName: "bench", traceExporter: new OTLPTraceExporter(), instrumentations }).start();
