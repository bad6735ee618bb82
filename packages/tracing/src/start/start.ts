import type { TracingOptions } from "./options.ts";
import type { Tracing } from "./tracing.ts";

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
