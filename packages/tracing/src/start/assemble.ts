import { trace } from "@opentelemetry/api";
import { createRedactor } from "@whodunit/redaction";
import { type SerialiserRedactor, serialiserOf } from "@whodunit/redaction/serialiser";
import { isContextInFrame } from "../context/frame-context.ts";
import { subscribeDrivers } from "../drivers/channels/subscribe.ts";
import { subscribeAll } from "../http/client-channels.ts";
import { HTTP_SUBSCRIBERS } from "../http/client-node.ts";
import { UNDICI_SUBSCRIBERS } from "../http/client-undici.ts";
import { ignoredCalls } from "../http/ignored-calls.ts";
import { OpenCalls } from "../http/open-calls.ts";
import { callerName } from "../propagation/caller.ts";
import { trustedHosts } from "../propagation/trusted-hosts.ts";
import { DebugRequests } from "../provider/debug-sampling.ts";
import { Resources } from "../resources/resources.ts";
import { type RunningTracing, runningTracing, setRunningTracing } from "../running/running.ts";
import { SCOPE } from "../running/scope.ts";
import { type Clock, SystemClock } from "../running/system-clock.ts";
import { httpMetrics } from "../traffic/http-metrics.ts";
import { Tap } from "../traffic/tap.ts";
import { Traffic } from "../traffic/traffic.ts";
import { ownApiVersion, readOtherVersion } from "./api-copies.ts";
import { type Backend, isProviderRegistered, registeredBackend } from "./backend.ts";
import { endingOf } from "./close.ts";
import { Diagnostics } from "./diagnostics.ts";
import { IN_TIME, lateModules } from "./late-modules.ts";
import {
  OWN_PROVIDER_OPTIONS,
  type ResolvedOptions,
  resolveOptions,
  type TracingOptions,
} from "./options.ts";
import { lookForDatadog } from "./other-tracers.ts";
import { startOwnBackend } from "./own-backend.ts";
import { alreadyStarted, setStarted } from "./started.ts";
import { isSwitchedOff, switchedOff } from "./switched-off.ts";
import type { Tracing } from "./tracing.ts";
import { checkVariables } from "./variables.ts";

/** Checks the options, registers what traces and puts it to work. */
export function assemble(options: TracingOptions): Tracing {
  const running = runningTracing();
  const otherApi = running === undefined ? readOtherVersion() : undefined;
  const foreignProvider = running?.foreignProvider ?? isProviderRegistered();
  const resolved = resolveOptions(options, foreignProvider ? ownVariables(process.env) : process.env);
  const redactor = serialiserOf(createRedactor(resolved.redact));
  const diagnostics = new Diagnostics(resolved.service, (text) => redactor.redactText(text), process.env);
  if (isSwitchedOff(process.env)) return switchedOff(resolved);
  const started = running === undefined ? undefined : alreadyStarted(options, diagnostics);
  if (started !== undefined) return started;
  const unknown = foreignProvider ? [] : checkVariables(process.env);
  if (unknown.length > 0) diagnostics.tell("debug", "variables_unknown", { variables: unknown });
  const own = prepare(resolved, redactor, foreignProvider);
  let backend: Backend;
  if (foreignProvider) {
    tellOfProvider(options, otherApi, diagnostics);
    backend = registeredBackend();
  } else {
    const stopLooking = lookForDatadog(diagnostics);
    diagnostics.capture();
    try {
      const started = startOwnBackend(resolved, redactor, process.env);
      backend = {
        ...started,
        unregister() {
          stopLooking();
          started.unregister();
        },
      };
    } catch (error) {
      stopLooking();
      diagnostics.release();
      throw error;
    }
    const late = lateModules(resolved.instrumentations ?? []);
    if (late.length > 0) diagnostics.tell("error", "modules_late", { modules: late, text: IN_TIME });
  }
  const tracing = run(resolved, own, backend, diagnostics);
  setStarted(tracing, options);
  return tracing;
}

function tellOfProvider(
  options: TracingOptions,
  otherApi: string | undefined,
  diagnostics: Diagnostics,
): void {
  const ignored = OWN_PROVIDER_OPTIONS.filter((name) => options[name] !== undefined);
  const versions = otherApi === undefined ? {} : { api: otherApi, ownApi: ownApiVersion() };
  const said = "using the provider that is registered";
  if (ignored.length === 0) {
    diagnostics.tell("debug", "provider_registered", { text: said, ...versions });
    return;
  }
  const text = `${said}: the ignored options have no effect, give their like to the SDK that registered it`;
  diagnostics.tell("error", "provider_registered", { text, ignored, ...versions });
}

// Where another SDK stands, what is said of sampling, propagation and export is said to it.
function ownVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, WHODUNIT_DEBUG_SECRET } = env;
  return { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, WHODUNIT_DEBUG_SECRET };
}

/** What requests need of tracing. @throws Error when tracing is started already */
export function prepare(
  resolved: ResolvedOptions,
  redactor: SerialiserRedactor,
  foreignProvider: boolean,
  clock?: Clock,
): RunningTracing {
  if (runningTracing() !== undefined)
    throw new Error("startTracing: tracing is started already, want close() first");
  const service = callerName(resolved.service);
  const clean = (text: string): string => redactor.redactText(text);
  const resources = new Resources(clock ?? new SystemClock(), clean);
  const own = { clean, resources: () => resources.read() };
  const traffic = new Traffic({ ...resolved, ...own, ...(clock === undefined ? {} : { clock }) });
  return {
    service,
    traffic,
    resources,
    metrics: undefined,
    tap: new Tap(service, clean, (listener) => traffic.listen(listener)),
    redactor,
    foreignProvider,
    describesFirst: foreignProvider || resolved.sampler !== undefined,
    contextInFrame: false,
    debug: resolved.debugTokens === undefined ? undefined : new DebugRequests(resolved.debugTokens),
    trusts: trustedHosts(resolved.propagateTo),
    ignores: ignoredCalls(resolved.ignoreCalls),
    openCalls: new OpenCalls(),
    // The API's proxy finds the provider that is registered later.
    tracer: trace.getTracer(SCOPE),
  };
}

/** Puts a started backend to work. */
export function run(
  resolved: ResolvedOptions,
  own: RunningTracing,
  backend: Backend,
  diagnostics: Diagnostics,
): Tracing {
  setRunningTracing({
    ...own,
    contextInFrame: isContextInFrame(),
    tracer: trace.getTracer(SCOPE),
    metrics: httpMetrics(),
  });
  own.resources.start();
  if (!own.foreignProvider) own.traffic.spans = () => backend.accounts();
  const unsubscribeHttp = subscribeAll({ ...HTTP_SUBSCRIBERS, ...UNDICI_SUBSCRIBERS });
  const unsubscribeDrivers = subscribeDrivers();
  const unsubscribe = (): void => {
    unsubscribeHttp();
    unsubscribeDrivers();
  };
  const ending = endingOf(own, backend, diagnostics, unsubscribe);
  return {
    service: resolved.service,
    traffic: own.traffic,
    ready: Promise.resolve(),
    spans: () => backend.accounts(),
    ...ending,
  };
}
