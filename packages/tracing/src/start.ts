import { context, propagation, trace } from "@opentelemetry/api";
import { onShutdown, reportFault } from "@whodunit/core";
import { createRedactor } from "@whodunit/redaction";
import { subscribeAll } from "./client-channels.ts";
import { HTTP_SUBSCRIBERS } from "./client-http.ts";
import { UNDICI_SUBSCRIBERS } from "./client-undici.ts";
import { resolveOptions, type TracingOptions } from "./options.ts";
import { BaggagePropagator } from "./propagation/baggage.ts";
import { callerName } from "./propagation/caller.ts";
import { CompositePropagator } from "./propagation/composite.ts";
import { trustedHosts } from "./propagation/trusted-hosts.ts";
import { W3CPropagator } from "./propagation/w3c.ts";
import { ownTracer, runtime, SCOPE, setRuntime } from "./runtime.ts";
import { Traffic } from "./traffic/traffic.ts";

/** A running tracing. */
export interface Tracing {
  /** The service's name. */
  readonly service: string;
  /** Requests by caller, callee and route. */
  readonly traffic: Traffic;
  /** Delivers the spans that have ended. */
  flush(): Promise<void>;
  /** Delivers what it can within 3 s and stops tracing. Never rejects; later calls get the same promise. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 3_000;

/**
 * Starts tracing for this process: OpenTelemetry's SDK with OTLP/HTTP export, propagation, client spans and
 * traffic. The SDK is loaded only now. Server spans come from the plugins.
 *
 * @throws TypeError when an option is wrong, Error when tracing has been started already
 */
export async function startTracing(options: TracingOptions = {}): Promise<Tracing> {
  const resolved = resolveOptions(options, process.env);
  const trusts = trustedHosts(resolved.propagateTo);
  const redactor = createRedactor(resolved.redact);
  if (runtime() !== undefined)
    throw new Error("startTracing: tracing is started already, want close() first");

  const traffic = new Traffic({ ...resolved, now: Date.now });
  // Claimed before the SDK loads, so that a second call during that time is refused too.
  setRuntime({ service: callerName(resolved.service), traffic, redactor, trusts, tracer: ownTracer() });
  const sdk = await loadSdk().catch((error: unknown) => {
    setRuntime(undefined);
    throw error;
  });
  const provider = sdk.start(
    resolved,
    new CompositePropagator([new W3CPropagator(), new BaggagePropagator()]),
  );
  setRuntime({
    service: callerName(resolved.service),
    traffic,
    redactor,
    trusts,
    tracer: trace.getTracer(SCOPE),
  });
  const unsubscribe = subscribeAll({ ...HTTP_SUBSCRIBERS, ...UNDICI_SUBSCRIBERS });

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeOnce();
    return closing;
  };
  const closeOnce = async (): Promise<void> => {
    unlist();
    unsubscribe();
    await within(CLOSE_TIMEOUT_MS, provider.close());
    setRuntime(undefined);
    trace.disable();
    propagation.disable();
    context.disable();
  };
  const unlist = onShutdown({ phase: "spans", name: "tracing", close, flush: () => provider.flush() });
  return { service: resolved.service, traffic, flush: () => provider.flush(), close };
}

const loadSdk = () => import("./sdk.ts");

/** Waits for `work`, but no longer than `timeoutMs`; how it failed is told once and goes no further. */
async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, timeoutMs);
  try {
    await Promise.race([work, late.promise]);
  } catch (error) {
    reportFault("WHODUNIT_EXPORT", error);
  } finally {
    clearTimeout(timer);
  }
}
