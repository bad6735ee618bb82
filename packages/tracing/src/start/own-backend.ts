import { context, propagation, type TextMapPropagator, type TracerProvider, trace } from "@opentelemetry/api";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { commonJsApi } from "#load";
import { FrameContextManager } from "../context/frame-context.ts";
import { BatchWriter } from "../export/batch.ts";
import { Exporter } from "../export/exporter.ts";
import { NoExporter } from "../export/no-exporter.ts";
import { exportSettings } from "../export/settings.ts";
import { CompositePropagator } from "../propagation/composite.ts";
import { spanLimits } from "../provider/limits.ts";
import { LeanTracerProvider } from "../provider/provider.ts";
import { SystemClock } from "../running/system-clock.ts";
import { checkSetting } from "../settings.ts";
import type { Backend } from "./backend.ts";
import { nodeSdkOf, type RunningNodeSdk } from "./node-sdk.ts";
import type { ResolvedOptions } from "./options.ts";
import { resourceAttributesOf } from "./resource.ts";

/**
 * Registers our context, propagation and spans with OpenTelemetry's API, and NodeSDK's metrics, logs and
 * instrumentations where they are asked for.
 *
 * @throws TypeError when a variable cannot be honoured
 */
export function startOwnBackend(
  options: ResolvedOptions,
  redactor: SerialiserRedactor,
  env: NodeJS.ProcessEnv,
): Backend {
  const settings = exportSettings(env);
  const limits = spanLimits(env);
  const resource = resourceAttributesOf(options);
  const none = checkSetting("OTEL_TRACES_EXPORTER", env.OTEL_TRACES_EXPORTER, ["otlp", "none"]) === "none";
  const startNodeSdk = nodeSdkOf(options, env);
  const exporter = none
    ? new NoExporter()
    : new Exporter(settings, new BatchWriter(redactor, limits.valueLength, resource));
  const { sampling } = options;
  const provider = new LeanTracerProvider({ sink: exporter, sampling, limits, clock: new SystemClock() });
  const unregister = register(provider, new CompositePropagator(options.propagators));
  let sdk: RunningNodeSdk | undefined;
  try {
    // In the call: a counter that is made before there is a meter counts nothing for good.
    sdk = startNodeSdk?.(resource);
  } catch (error) {
    unregister();
    throw error;
  }
  return {
    flush: (timeoutMs) => exporter.flush(timeoutMs),
    unregister() {
      unregister();
      sdk?.unregister();
    },
    async close(timeoutMs, hurry) {
      const others = sdk?.close(timeoutMs);
      await exporter.close(timeoutMs, hurry);
      await others;
    },
    accounts: () => exporter.accounts(),
  };
}

/** Registers what is ours with OpenTelemetry's API. Returns what takes back as much of it as was taken. */
function register(provider: TracerProvider, propagator: TextMapPropagator): () => void {
  const registered = [
    context.setGlobalContextManager(new FrameContextManager()) && context,
    propagation.setGlobalPropagator(propagator) && propagation,
    registerForBothApis(provider) && trace,
  ];
  return () => {
    for (const api of registered) if (api !== false) api.disable();
  };
}

// A tracer that was got before the start finds only the provider that was registered with the copy of the API it came
// from. It keeps finding it when that registration is taken back, which the copies share.
function registerForBothApis(provider: TracerProvider): boolean {
  const other = commonJsApi(true);
  other?.trace.setGlobalTracerProvider(provider);
  other?.trace.disable();
  return trace.setGlobalTracerProvider(provider);
}
