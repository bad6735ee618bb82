import { onShutdown, reportFault } from "@whodunit/core";
import type { SpanAccounts } from "../export/accounts.ts";
import { type RunningTracing, runningTracing, setRunningTracing } from "../running/running.ts";
import type { Backend } from "./backend.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { onProcessEnd } from "./process-end.ts";
import { setStarted } from "./started.ts";
import type { Tracing } from "./tracing.ts";

const CLOSE_TIMEOUT_MS = 3_000;
// Inside the time that the process's shutdown list allows a step.
const EXPORT_TIMEOUT_MS = 2_700;

/** How a running tracing is flushed and closed, by the service, by the shutdown list and at the process's end. */
export function endingOf(
  own: RunningTracing,
  backend: Backend,
  diagnostics: Diagnostics,
  unsubscribe: () => void,
): Pick<Tracing, "flush" | "close"> {
  const flush = (): Promise<void> =>
    backend.flush().catch((error: unknown) => reportFault("WHODUNIT_FLUSH", error));

  let closing: Promise<SpanAccounts> | undefined;
  const close = (hurry?: AbortSignal): Promise<SpanAccounts> => {
    closing ??= closeOnce(hurry);
    return closing;
  };
  const closeOnce = async (hurry: AbortSignal | undefined): Promise<SpanAccounts> => {
    unlist();
    unsubscribe();
    own.openCalls.close();
    own.tap.close();
    own.resources.close();
    // At once: a start that follows this call begins anew.
    setRunningTracing(undefined);
    setStarted(undefined);
    backend.unregister();
    await backend
      .close(EXPORT_TIMEOUT_MS, hurry)
      .catch((error: unknown) => reportFault("WHODUNIT_CLOSE", error));
    forget();
    // A start that came meanwhile has its own.
    if (runningTracing() === undefined) diagnostics.release();
    const accounts = backend.accounts();
    const lost = Object.values(accounts.dropped).reduce((sum, count) => sum + count, 0);
    if (lost > 0)
      diagnostics.tell("error", "spans_dropped", { exported: accounts.exported, ...accounts.dropped });
    return accounts;
  };
  const unlist = onShutdown({
    phase: "spans",
    name: "tracing",
    close: async (hurry) => {
      await close(hurry);
    },
    flush,
    timeoutMs: CLOSE_TIMEOUT_MS,
  });
  const forget = onProcessEnd(backend, diagnostics);
  return { flush, close: () => close() };
}
