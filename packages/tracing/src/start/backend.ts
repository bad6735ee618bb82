import { type ProxyTracerProvider, trace } from "@opentelemetry/api";
import { Accounts, type SpanAccounts } from "../export/accounts.ts";

/** What stands behind OpenTelemetry's API while tracing runs. */
export interface Backend {
  /** Resolves when every span that has ended by now is delivered or dropped, or when `timeoutMs` have passed. */
  flush(timeoutMs?: number): Promise<void>;
  /** Takes what it registered with OpenTelemetry's API back. */
  unregister(): void;
  /** Delivers what it can within `timeoutMs`. */
  close(timeoutMs: number, hurry: AbortSignal | undefined): Promise<void>;
  accounts(): SpanAccounts;
}

const NOTHING: SpanAccounts = new Accounts().snapshot();

/** Whether an instrumentation or APM has registered its provider already. */
export function isProviderRegistered(): boolean {
  const proxy = trace.getTracerProvider() as Partial<ProxyTracerProvider>;
  return typeof proxy.getDelegateTracer === "function" && proxy.getDelegateTracer("probe") !== undefined;
}

/** The provider that was there before us: it exports and closes by itself, its spans are not ours to count. */
export function registeredBackend(): Backend {
  const provider = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate() as {
    forceFlush?: () => Promise<void>;
  };
  return {
    async flush() {
      await provider.forceFlush?.();
    },
    unregister() {},
    async close() {
      await provider.forceFlush?.();
    },
    accounts: () => NOTHING,
  };
}
