import { type Tracer, trace } from "@opentelemetry/api";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import type { IgnoresCall } from "../http/ignored-calls.ts";
import type { OpenCalls } from "../http/open-calls.ts";
import type { DebugRequests } from "../provider/debug-sampling.ts";
import type { Resources } from "../resources/resources.ts";
import type { HttpMetrics } from "../traffic/http-metrics.ts";
import type { Tap } from "../traffic/tap.ts";
import type { Traffic } from "../traffic/traffic.ts";
import { SCOPE } from "./scope.ts";

/** What the plugins and channel subscribers need of the tracing that was started. */
export interface RunningTracing {
  readonly service: string;
  readonly traffic: Traffic;
  readonly resources: Resources;
  readonly tap: Tap;
  /** The histograms of HTTP; undefined where no meter is registered. */
  readonly metrics: HttpMetrics | undefined;
  readonly redactor: SerialiserRedactor;
  /** Whether another's provider stands behind the API: what it gets is redacted here, ours redacts as it encodes. */
  readonly foreignProvider: boolean;
  /** Whether a sampler may go by what a span says of its request, and so is to be told at its start. */
  readonly describesFirst: boolean;
  /** Whether OpenTelemetry's context is kept in the process's frame, not by somebody else's context manager. */
  readonly contextInFrame: boolean;
  readonly tracer: Tracer;
  /** Knows requests that carry a debug token; undefined where there is no secret to know them by. */
  readonly debug: DebugRequests | undefined;
  /** Whether a host may learn our name and the baggage. */
  readonly trusts: (host: string) => boolean;
  /** Whether a call is to leave no trace; undefined where none is. */
  readonly ignores: IgnoresCall | undefined;
  /** The calls whose answers are on their way. */
  readonly openCalls: OpenCalls;
}

// One per process, whatever number of copies of this package (ESM, bundled) is loaded.
const RUNNING = Symbol.for("whodunit.tracing");
const process_ = globalThis as { [RUNNING]?: RunningTracing | undefined };

/** The tracing that was started and not closed, if any. */
export function runningTracing(): RunningTracing | undefined {
  return process_[RUNNING];
}

/** Makes `next` the process's tracing, or none. */
export function setRunningTracing(next: RunningTracing | undefined): void {
  process_[RUNNING] = next;
}

/** The tracer of the helpers: that of whatever provider is registered, a no-op where there is none. */
export function ownTracer(): Tracer {
  return runningTracing()?.tracer ?? trace.getTracer(SCOPE);
}
