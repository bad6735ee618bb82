import { context, diag, logs, metrics, propagation, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { reportFault } from "@whodunit/core";
import type { Redactor } from "@whodunit/redaction";
import type { Backend } from "./backend.ts";
import { BatchWriter } from "./export/batch.ts";
import { SpanEncoder } from "./export/encode-span.ts";
import { Exporter } from "./export/exporter.ts";
import { exportSettings } from "./export/settings.ts";
import type { ResolvedOptions } from "./options.ts";
import { CompositePropagator } from "./propagation/composite.ts";
import { SystemClock } from "./provider/clock.ts";
import { spanLimits } from "./provider/limits.ts";
import { LeanTracerProvider } from "./provider/provider.ts";
import { createResource } from "./resource.ts";

/**
 * Starts NodeSDK, which sets up context, propagation, instrumentations, metrics and logs, and puts our provider
 * and exporter in the place of its own. This file is loaded by `startTracing` only: the SDK is heavy, and
 * helpers must not wait for it.
 */
export function startSdk(options: ResolvedOptions, redactor: Redactor, env: NodeJS.ProcessEnv): Backend {
  const settings = exportSettings(env);
  const limits = spanLimits(env);
  const resource = createResource(options);
  const exporter = new Exporter(settings, new BatchWriter(new SpanEncoder(redactor), resource));
  const sdk = new NodeSDK({
    resource,
    // The detectors of NodeSDK send the command line, which holds secrets, and the user's name.
    autoDetectResources: false,
    textMapPropagator: new CompositePropagator(options.propagators),
    spanProcessors: [],
    instrumentations: options.instrumentations,
    ...(env.OTEL_METRICS_EXPORTER ? {} : { metricReaders: [] }),
    ...(env.OTEL_LOGS_EXPORTER ? {} : { logRecordProcessors: [] }),
  });
  sdk.start();
  const { sampling } = options;
  const clock = new SystemClock();
  trace.setGlobalTracerProvider(new LeanTracerProvider({ sink: exporter, sampling, limits, clock }));
  return {
    flush: (timeoutMs) => exporter.flush(timeoutMs),
    async close(timeoutMs, hurry) {
      const others = sdk.shutdown().catch((error: unknown) => reportFault("WHODUNIT_SDK_SHUTDOWN", error));
      await exporter.close(timeoutMs, hurry);
      await within(timeoutMs, others);
      for (const api of [trace, propagation, context, metrics, logs, diag]) api.disable();
    },
    accounts: () => exporter.accounts(),
  };
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, timeoutMs);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
