import { logs, metrics } from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import { commonJsApi, loadNodeSdk, loadResources } from "#load";
import { waitAtMost } from "../export/wait.ts";
import { listSetting } from "../running/settings.ts";
import type { ResolvedOptions } from "./options.ts";
import type { ResourceAttributes } from "./resource.ts";

// What NodeSDK knows.
const METRICS_EXPORTERS = ["otlp", "prometheus", "console", "none"] as const;
const LOGS_EXPORTERS = ["otlp", "console", "none"] as const;

/** NodeSDK as it runs beside our spans. */
export interface RunningNodeSdk {
  /** Takes its meters and loggers back from OpenTelemetry's API. */
  unregister(): void;
  /** Hands over what metrics and logs wait; takes no longer than `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

/**
 * What starts NodeSDK for metrics, logs and instrumentations; undefined where none of these is asked for, so that its
 * 500 files are not loaded.
 *
 * @throws TypeError when a variable cannot be honoured
 */
export function nodeSdkOf(
  { instrumentations }: ResolvedOptions,
  env: NodeJS.ProcessEnv,
): ((resource: ResourceAttributes) => RunningNodeSdk) | undefined {
  const metricsTo = listSetting("OTEL_METRICS_EXPORTER", env.OTEL_METRICS_EXPORTER, METRICS_EXPORTERS);
  const logsTo = listSetting("OTEL_LOGS_EXPORTER", env.OTEL_LOGS_EXPORTER, LOGS_EXPORTERS);
  const isAsked = (exporters: readonly string[] | undefined): boolean =>
    exporters?.some((name) => name !== "none") === true;
  if (!isAsked(metricsTo) && !isAsked(logsTo) && (instrumentations ?? []).length === 0) return undefined;
  const readByNodeSdk = {
    // Where it is set NodeSDK sends its diagnostics to the console; they go where ours go.
    OTEL_LOG_LEVEL: undefined,
    OTEL_METRICS_EXPORTER: metricsTo?.join(","),
    OTEL_LOGS_EXPORTER: logsTo?.join(","),
  };
  return (attributes) => {
    const { NodeSDK } = loadNodeSdk();
    const { resourceFromAttributes } = loadResources();
    const sdk = withVariables(env, readByNodeSdk, () => {
      const started = new NodeSDK({
        resource: resourceFromAttributes({ ...attributes }),
        // The detectors of NodeSDK send the command line, which holds secrets, and the user's name.
        autoDetectResources: false,
        // Context, propagation and spans are ours.
        contextManager: null as never,
        textMapPropagator: null,
        spanProcessors: [],
        ...(instrumentations === undefined ? {} : { instrumentations }),
        ...(metricsTo === undefined ? { metricReaders: [] } : {}),
        ...(logsTo === undefined ? { logRecordProcessors: [] } : {}),
      });
      started.start();
      return started;
    });
    if (logsTo !== undefined) registerLogsHere();
    return {
      unregister() {
        if (isAsked(metricsTo)) metrics.disable();
        if (isAsked(logsTo)) logs.disable();
      },
      async close(timeoutMs) {
        const closed = sdk.shutdown().catch((error: unknown) => reportFault("WHODUNIT_SDK_SHUTDOWN", error));
        await waitAtMost(timeoutMs, closed);
      },
    };
  };
}

// NodeSDK has registered the logger provider with the API's copy for CommonJS: loggers that were got from the other one
// before the start find only what is registered there.
function registerLogsHere(): void {
  const other = commonJsApi();
  const provider = other.logs.getLoggerProvider();
  other.logs.disable();
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
