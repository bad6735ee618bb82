import type { TextMapPropagator } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace";
import type { ResolvedOptions } from "./options.ts";
import { createResource } from "./resource.ts";

/** What stands behind OpenTelemetry's API while tracing runs. */
export interface Provider {
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Starts NodeSDK. This file is loaded by `startTracing` only: the SDK is heavy, helpers must not wait for it. */
export function start(options: ResolvedOptions, textMapPropagator: TextMapPropagator): Provider {
  const delayMs = Number(process.env.OTEL_BSP_SCHEDULE_DELAY ?? 5_000);
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    scheduledDelayMillis: delayMs,
  });
  const sdk = new NodeSDK({
    resource: createResource(options),
    // The detectors of NodeSDK send the command line, which holds secrets, and the user's name.
    autoDetectResources: false,
    textMapPropagator,
    spanProcessors: [processor],
    ...(process.env.OTEL_METRICS_EXPORTER ? {} : { metricReaders: [] }),
    ...(process.env.OTEL_LOGS_EXPORTER ? {} : { logRecordProcessors: [] }),
  });
  sdk.start();
  return { flush: () => processor.forceFlush(), close: () => sdk.shutdown() };
}
