import { loadStart } from "#load";
import type { TracingOptions } from "./options.ts";
import type { Tracing } from "./tracing.ts";

/**
 * Starts tracing for this process: context, propagation, spans with OTLP/HTTP export, client spans and traffic; they
 * count from the moment that this returns. Server spans come from the plugins. OpenTelemetry's NodeSDK is loaded where
 * metrics, logs or instrumentations are asked for. Where a provider is registered already, it is used.
 *
 * The handle is no promise; awaiting it changes nothing. A second start gives the first one's handle, and says so once,
 * naming the options that are not the first one's; after `close()` a start begins anew.
 *
 * @throws TypeError when an option or an OTEL_* variable is wrong
 */
export function startTracing(options: TracingOptions = {}): Tracing {
  // Loaded now and not before: a program that only uses the helpers must not wait for what starts them.
  return loadStart().assemble(options);
}
