import { context, diag, logs, metrics, propagation, type TracerProvider, trace } from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { commonJsApi, NodeSDK } from "#sdk-node";
import { FrameContextManager } from "../context/frame-context.ts";
import { BatchWriter } from "../export/batch.ts";
import { Exporter } from "../export/exporter.ts";
import { NoExporter } from "../export/no-exporter.ts";
import { exportSettings } from "../export/settings.ts";
import { CompositePropagator } from "../propagation/composite.ts";
import { spanLimits } from "../provider/limits.ts";
import { LeanTracerProvider } from "../provider/provider.ts";
import { SystemClock } from "../running/system-clock.ts";
import { checkSetting, listSetting } from "../settings.ts";
import type { Backend } from "./backend.ts";
import type { ResolvedOptions } from "./options.ts";
import { createResource } from "./resource.ts";

// What NodeSDK knows.
const METRICS_EXPORTERS = ["otlp", "prometheus", "console", "none"] as const;
const LOGS_EXPORTERS = ["otlp", "console", "none"] as const;

/**
 * Starts NodeSDK, which sets up context, propagation, instrumentations, metrics and logs, and puts our provider
 * and exporter in the place of its own. This file is loaded by `startTracing` only: the SDK is heavy, and
 * helpers must not wait for it.
 *
 * @throws TypeError when a variable cannot be honoured
 */
export function startSdk(
  options: ResolvedOptions,
  redactor: SerialiserRedactor,
  env: NodeJS.ProcessEnv,
): Backend {
  const settings = exportSettings(env);
  const limits = spanLimits(env);
  const resource = createResource(options);
  const none = checkSetting("OTEL_TRACES_EXPORTER", env.OTEL_TRACES_EXPORTER, ["otlp", "none"]) === "none";
  const exporter = none
    ? new NoExporter()
    : new Exporter(settings, new BatchWriter(redactor, limits.valueLength, resource));
  const metricsTo = listSetting("OTEL_METRICS_EXPORTER", env.OTEL_METRICS_EXPORTER, METRICS_EXPORTERS);
  const logsTo = listSetting("OTEL_LOGS_EXPORTER", env.OTEL_LOGS_EXPORTER, LOGS_EXPORTERS);
  const readByNodeSdk = {
    // Where it is set NodeSDK sends its diagnostics to the console; they go where ours go.
    OTEL_LOG_LEVEL: undefined,
    OTEL_METRICS_EXPORTER: metricsTo?.join(","),
    OTEL_LOGS_EXPORTER: logsTo?.join(","),
  };
  const sdk = withVariables(env, readByNodeSdk, () => {
    const started = new NodeSDK({
      resource,
      // The detectors of NodeSDK send the command line, which holds secrets, and the user's name.
      autoDetectResources: false,
      contextManager: new FrameContextManager(),
      textMapPropagator: new CompositePropagator(options.propagators),
      spanProcessors: [],
      instrumentations: options.instrumentations,
      ...(metricsTo === undefined ? { metricReaders: [] } : {}),
      ...(logsTo === undefined ? { logRecordProcessors: [] } : {}),
    });
    started.start();
    return started;
  });
  const { sampling } = options;
  const clock = new SystemClock();
  registerForBothApis(new LeanTracerProvider({ sink: exporter, sampling, limits, clock }));
  if (logsTo !== undefined) registerLogsHere();
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

// The API is there twice, as ES modules and as CommonJS, and a tracer that was got before the start finds only the
// provider that was registered with the copy it came from. It keeps finding it when that registration is taken back,
// which the copies share.
function registerForBothApis(provider: TracerProvider): void {
  commonJsApi.trace.setGlobalTracerProvider(provider);
  commonJsApi.trace.disable();
  trace.setGlobalTracerProvider(provider);
}

// The same for the logger provider, which NodeSDK has registered with its copy.
function registerLogsHere(): void {
  const provider = commonJsApi.logs.getLoggerProvider();
  commonJsApi.logs.disable();
  logs.setGlobalLoggerProvider(provider);
}

/** Runs `work` with the variables as they were read and checked here, not as they were written. */
function withVariables<Result>(
  env: NodeJS.ProcessEnv,
  checked: Readonly<Record<string, string | undefined>>,
  work: () => Result,
): Result {
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete env[name];
    else env[name] = value;
  };
  const before = Object.keys(checked).map((name) => [name, env[name]] as const);
  for (const [name, value] of Object.entries(checked)) set(name, value);
  try {
    return work();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, timeoutMs);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
