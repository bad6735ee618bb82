import type { SpanSink } from "../provider/ended-span.ts";
import type { SpanAccounts } from "./accounts.ts";

/** Where spans are delivered to, and what became of them. */
export interface Destination extends SpanSink {
  /** Resolves when every span that has ended by now is delivered or dropped, or when `timeoutMs` have passed. */
  flush(timeoutMs?: number): Promise<void>;
  /** Delivers what it can within `timeoutMs`, counts the rest as dropped, and takes no more. */
  close(timeoutMs: number, hurry: AbortSignal | undefined): Promise<void>;
  accounts(): SpanAccounts;
}
