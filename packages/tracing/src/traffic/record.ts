import { TraceFlags } from "@opentelemetry/api";
import type { Trace } from "./outcome-counts.ts";
import type { TrafficSide, Verdict } from "./series.ts";

/** A request as {@link TracingOptions.classify} judges it. */
export interface TrafficOutcome {
  readonly side: TrafficSide;
  readonly peer: string;
  readonly route: string;
  /** The status code; undefined where there was no answer. */
  readonly status: number | undefined;
  /** What went wrong instead of an answer, by code or type (`ECONNREFUSED`). */
  readonly errorType: string | undefined;
  /**
   * The callee is well and refused what it was asked, as a database does by a constraint: what a 4xx is in HTTP, and as
   * little its failure. @default false
   */
  readonly refused?: boolean;
}

/** Decides whether a request failed. */
export type Classify = (outcome: TrafficOutcome) => "success" | "failure";

/** Everything {@link Traffic} is told about one request. */
export interface TrafficRecord extends TrafficOutcome {
  /**
   * Neither success nor failure. Server: the client went away; a response that this service tore itself is a failure,
   * by `errorType` beside the status that was sent. Client: this service gave the call up itself.
   */
  readonly aborted: boolean;
  /** From the request's beginning to its end. */
  readonly durationMs: number;
  /** From the request's beginning to the headers of its response: the latency that is counted. @default durationMs */
  readonly latencyMs?: number | undefined;
  /** The trace to show as an example; undefined where none was recorded. */
  readonly trace:
    | { readonly traceId: string; readonly spanId: string; readonly traceFlags?: number }
    | undefined;
  /** What was thrown, by type, for the exemplar. */
  readonly thrown: string | undefined;
  /** What `describeRequest` told of it, name and value in turn. */
  readonly described?: readonly unknown[] | undefined;
  /** The path of its URL, where it is described: what a route's parameter stands for is not compared. */
  readonly path?: string | undefined;
}

// A span to a peer that went well has no status code.
const OK = "ok";
const STATUS_CLASSES = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "7xx", "8xx", "9xx"];

/** What a request is counted under beside its verdict: the error there was, else the class of its status. */
export function classOf({ status, errorType }: TrafficRecord): string {
  return errorType ?? (status === undefined ? OK : (STATUS_CLASSES[Math.floor(status / 100)] ?? "_other"));
}

/** The request as an example, where its trace goes anywhere. */
export function exemplarOf(record: TrafficRecord, verdict: Verdict, nowMs: number): Trace | undefined {
  const { trace, status, errorType, durationMs: wholeMs, latencyMs: durationMs = wholeMs } = record;
  if (trace === undefined) return undefined;
  const failed = verdict === "failure";
  // What keepErrors records of a trace that is not sampled goes on only where it failed.
  const isSampled = ((trace.traceFlags ?? TraceFlags.SAMPLED) & TraceFlags.SAMPLED) !== 0;
  if (!isSampled && !failed) return undefined;
  const { traceId, spanId } = trace;
  const error = record.thrown ?? errorType;
  return { traceId, spanId, atMs: nowMs, durationMs, status: status ?? errorType ?? OK, failed, error };
}
