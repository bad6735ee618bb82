import type { SpanAccounts } from "../export/accounts.ts";
import type { Traffic } from "../traffic/traffic.ts";
import type { TracingOptions } from "./options.ts";

/** A running tracing. */
export interface Tracing {
  /** The service's name. */
  readonly service: string;
  /** Requests by caller, callee and route. */
  readonly traffic: Traffic;
  /** What became of the spans that have ended. */
  spans(): SpanAccounts;
  /** Resolves when the spans that have ended by now are delivered or dropped. Never rejects. */
  flush(): Promise<void>;
  /**
   * Delivers what it can within 3 s, stops tracing and tells what became of the spans. Never rejects; later
   * calls get the same promise.
   */
  close(): Promise<SpanAccounts>;
}

/**
 * Starts tracing for this process: OpenTelemetry's NodeSDK with OTLP/HTTP export, propagation, client spans and
 * traffic. The SDK is loaded only now. Server spans come from the plugins. Where a provider is registered
 * already, it is used and no SDK is started.
 *
 * @throws TypeError when an option or an OTEL_* variable is wrong, Error when tracing is started already
 */
export async function startTracing(options: TracingOptions = {}): Promise<Tracing> {
  // Loaded now and not before: a program that only uses the helpers must not wait for what starts them.
  const { assemble } = await import("./assemble.ts");
  return assemble(options);
}
