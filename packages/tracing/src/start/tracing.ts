import type { SpanAccounts } from "../export/accounts.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** A running tracing. */
export interface Tracing {
  /** The service's name. */
  readonly service: string;
  /** Requests by caller, callee and route. */
  readonly traffic: Traffic;
  /** Resolves when all that was asked for is at work. Never rejects. */
  readonly ready: Promise<void>;
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
