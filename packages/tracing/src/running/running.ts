import { type Tracer, trace } from "@opentelemetry/api";
import type { Redactor } from "@whodunit/redaction";
import type { DebugRequests } from "../provider/debug-sampling.ts";
import type { HttpMetrics } from "../traffic/http-metrics.ts";
import type { Tap } from "../traffic/tap.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** What the plugins and channel subscribers need of the tracing that was started. */
export interface Runtime {
  readonly service: string;
  readonly traffic: Traffic;
  readonly tap: Tap;
  /** The histograms of HTTP; undefined where no meter is registered. */
  readonly metrics: HttpMetrics | undefined;
  readonly redactor: Redactor;
  /** Whether another's provider stands behind the API: what it gets is redacted here, ours redacts as it encodes. */
  readonly beside: boolean;
  readonly tracer: Tracer;
  /** Knows requests that carry a debug token; undefined where there is no secret to know them by. */
  readonly debug: DebugRequests | undefined;
  /** Whether a host may learn our name and the baggage. */
  readonly trusts: (host: string) => boolean;
}

/** The name of our instrumentation scope. */
export const SCOPE = "@whodunit/tracing";

// One per process, whatever number of copies of this package (ESM, bundled) is loaded.
const RUNTIME = Symbol.for("whodunit.tracing");
const process_ = globalThis as { [RUNTIME]?: Runtime | undefined };

/** The tracing that was started and not closed, if any. */
export function runtime(): Runtime | undefined {
  return process_[RUNTIME];
}

/** Makes `next` the process's tracing, or none. */
export function setRuntime(next: Runtime | undefined): void {
  process_[RUNTIME] = next;
}

/** The tracer of the helpers: that of whatever provider is registered, a no-op where there is none. */
export function ownTracer(): Tracer {
  return runtime()?.tracer ?? trace.getTracer(SCOPE);
}
