import { type ProxyTracerProvider, trace } from "@opentelemetry/api";

// By the names of their scopes: those that have started a span here, or have a tracer of another's provider.
const known = new Set<string>();
const SCOPES_MAX = 1_000;
let readTracers = -1;

/** Tells that this instrumentation makes spans. */
export function noteInstrumentation(scope: string): void {
  if (known.size < SCOPES_MAX) known.add(scope);
}

/** Whether one of these instrumentations of OpenTelemetry's makes spans in this process. */
export function isInstrumented(scopes: readonly string[], foreignProvider: boolean): boolean {
  if (foreignProvider) readForeignTracers();
  if (known.size === 0) return false;
  for (const scope of scopes) if (known.has(scope)) return true;
  return false;
}

/** OpenTelemetry's SDK keeps the tracers that were asked for in a map by `name@version:schema`, and tells them nowhere. */
function readForeignTracers(): void {
  const provider = (trace.getTracerProvider() as Partial<ProxyTracerProvider>).getDelegate?.();
  const tracers = (provider as { readonly _tracers?: unknown } | undefined)?._tracers;
  if (!(tracers instanceof Map) || tracers.size === readTracers) return;
  readTracers = tracers.size;
  for (const key of tracers.keys()) {
    const name = String(key);
    noteInstrumentation(name.slice(0, name.indexOf("@", 1)));
  }
}
