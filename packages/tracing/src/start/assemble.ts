import { diag, trace } from "@opentelemetry/api";
import { onShutdown, reportFault } from "@whodunit/core";
import { createRedactor, type Redactor } from "@whodunit/redaction";
import type { SpanAccounts } from "../export/accounts.ts";
import { subscribeAll } from "../http/client-channels.ts";
import { HTTP_SUBSCRIBERS } from "../http/client-node.ts";
import { UNDICI_SUBSCRIBERS } from "../http/client-undici.ts";
import { callerName } from "../propagation/caller.ts";
import { trustedHosts } from "../propagation/trusted-hosts.ts";
import { DebugRequests } from "../provider/debug-sampling.ts";
import { type Runtime, runtime, SCOPE, setRuntime } from "../running/running.ts";
import { httpMetrics } from "../traffic/http-metrics.ts";
import { Tap } from "../traffic/tap.ts";
import { Traffic } from "../traffic/traffic.ts";
import { type Backend, isProviderRegistered, registeredBackend } from "./backend.ts";
import { Diagnostics } from "./diagnostics.ts";
import { type ResolvedOptions, resolveOptions, type TracingOptions } from "./options.ts";
import { onProcessEnd } from "./process-end.ts";
import type { Tracing } from "./start.ts";
import { isSwitchedOff, switchedOff } from "./switched-off.ts";
import { checkVariables } from "./variables.ts";

const CLOSE_TIMEOUT_MS = 3_000;
// Inside the time that the process's shutdown list allows a step.
const EXPORT_TIMEOUT_MS = 2_700;

/** Checks the options, starts the SDK and puts tracing to work. */
export async function assemble(options: TracingOptions): Promise<Tracing> {
  const beside = isProviderRegistered();
  const resolved = resolveOptions(options, beside ? ownVariables(process.env) : process.env);
  const redactor = createRedactor(resolved.redact);
  const diagnostics = new Diagnostics(resolved.service, (text) => redactor.redactText(text), process.env);
  if (isSwitchedOff(process.env)) return switchedOff(resolved);
  const unknown = beside ? [] : checkVariables(process.env);
  if (unknown.length > 0) diagnostics.tell("debug", "variables_unknown", { variables: unknown });
  const starting = { ...prepare(resolved, redactor), beside };
  // Claimed before the SDK loads, so that a second call during that time is refused too.
  setRuntime(starting);
  try {
    if (beside) {
      diagnostics.tell("debug", "provider_registered", { text: "using the provider that is registered" });
      return run(resolved, starting, registeredBackend(), diagnostics);
    }
    const { startSdk } = await import("./sdk.ts");
    diagnostics.capture();
    const backend = startSdk(resolved, redactor, process.env);
    return run(resolved, starting, backend, diagnostics);
  } catch (error) {
    setRuntime(undefined);
    if (!beside) diag.disable();
    throw error;
  }
}

// Where another SDK stands, what is said of sampling, propagation and export is said to it.
function ownVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, WHODUNIT_DEBUG_SECRET } = env;
  return { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, WHODUNIT_DEBUG_SECRET };
}

/** What requests need of tracing. @throws Error when tracing is started already */
export function prepare(resolved: ResolvedOptions, redactor: Redactor, now?: () => number): Runtime {
  if (runtime() !== undefined)
    throw new Error("startTracing: tracing is started already, want close() first");
  const service = callerName(resolved.service);
  const clean = (text: string): string => redactor.redactText(text);
  const traffic = new Traffic({ ...resolved, clean, ...(now === undefined ? {} : { now }) });
  return {
    service,
    traffic,
    metrics: undefined,
    tap: new Tap(service, clean, (listener) => traffic.listen(listener)),
    redactor,
    beside: false,
    debug: resolved.debugSecret === undefined ? undefined : new DebugRequests(resolved.debugSecret),
    trusts: trustedHosts(resolved.propagateTo),
    // The API's proxy finds the provider that is registered later.
    tracer: trace.getTracer(SCOPE),
  };
}

/** Puts a started backend to work. */
export function run(
  resolved: ResolvedOptions,
  own: Runtime,
  backend: Backend,
  diagnostics: Diagnostics,
): Tracing {
  setRuntime({ ...own, tracer: trace.getTracer(SCOPE), metrics: httpMetrics() });
  const unsubscribe = subscribeAll({ ...HTTP_SUBSCRIBERS, ...UNDICI_SUBSCRIBERS });
  const flush = (): Promise<void> =>
    backend.flush().catch((error: unknown) => reportFault("WHODUNIT_FLUSH", error));

  let closing: Promise<SpanAccounts> | undefined;
  const close = (hurry?: AbortSignal): Promise<SpanAccounts> => {
    closing ??= closeOnce(hurry);
    return closing;
  };
  const closeOnce = async (hurry: AbortSignal | undefined): Promise<SpanAccounts> => {
    unlist();
    unsubscribe();
    await backend
      .close(EXPORT_TIMEOUT_MS, hurry)
      .catch((error: unknown) => reportFault("WHODUNIT_CLOSE", error));
    forget();
    own.tap.close();
    setRuntime(undefined);
    const accounts = backend.accounts();
    const lost = Object.values(accounts.dropped).reduce((sum, count) => sum + count, 0);
    if (lost > 0)
      diagnostics.tell("error", "spans_dropped", { exported: accounts.exported, ...accounts.dropped });
    return accounts;
  };
  const unlist = onShutdown({
    phase: "spans",
    name: "tracing",
    close: async (hurry) => {
      await close(hurry);
    },
    flush,
    timeoutMs: CLOSE_TIMEOUT_MS,
  });
  const forget = onProcessEnd(backend, diagnostics);
  return {
    service: resolved.service,
    traffic: own.traffic,
    spans: () => backend.accounts(),
    flush,
    close: () => close(),
  };
}
