import { reportFault } from "@whodunit/core";
import type { Backend } from "./backend.ts";
import type { Diagnostics } from "./diagnostics.ts";

const NATURAL_END_MS = 3_000;

/**
 * Cares for the ends that nobody announces: when nothing is left to do, what waits is delivered; when the
 * process exits or crashes with spans unsent, one line says how many. Returns what takes the listeners off.
 */
export function onProcessEnd(backend: Backend, diagnostics: Diagnostics): () => void {
  let tried = false;
  const onNaturalEnd = (): void => {
    // Once: a receiver that is down must not hold the process for ever.
    if (tried || backend.accounts().pending === 0) return;
    tried = true;
    void backend.flush(NATURAL_END_MS).catch((error: unknown) => reportFault("WHODUNIT_FLUSH", error));
  };
  const onExit = (code: number): void => {
    const { pending } = backend.accounts();
    if (pending > 0) diagnostics.tell("error", "spans_lost", { count: pending, exitCode: code });
  };
  process.on("beforeExit", onNaturalEnd);
  process.on("exit", onExit);
  return () => {
    process.off("beforeExit", onNaturalEnd);
    process.off("exit", onExit);
  };
}
