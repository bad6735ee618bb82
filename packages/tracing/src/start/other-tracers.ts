import { clearInterval, setInterval } from "node:timers";
import { loadedModules, ownVersion } from "#load";
import type { Diagnostics } from "./diagnostics.ts";
import { packageVersionIn } from "./package-version.ts";

const EVERY_MS = 1_000;

/**
 * Says once that dd-trace traces the process by itself: now, or, where it is started after us, within a second. Returns
 * what ends the looking, with a last look.
 */
export function lookForDatadog(diagnostics: Diagnostics): () => void {
  let told = tellOfDatadog(diagnostics);
  if (told) return () => {};
  const timer = setInterval(look, EVERY_MS).unref();
  function look(): void {
    told ||= tellOfDatadog(diagnostics);
    if (told) clearInterval(timer);
  }
  return () => {
    look();
    clearInterval(timer);
  };
}

/** Whether there was something to say. */
function tellOfDatadog(diagnostics: Diagnostics): boolean {
  const { _ddtrace } = globalThis as { _ddtrace?: { _tracingInitialized?: boolean } };
  if (_ddtrace?._tracingInitialized !== true) return false;
  const path = Object.keys(loadedModules()).find((file) => /[\\/]node_modules[\\/]dd-trace[\\/]/.test(file));
  diagnostics.tell("error", "datadog_apart", {
    text: "dd-trace traces this process too: each has a server span of its own, and calls carry dd-trace's headers, so our traces end with them. Call `new tracer.TracerProvider().register()` of dd-trace before startTracing: then there is one trace, in Datadog",
    ddTrace: path === undefined ? undefined : packageVersionIn(path, "dd-trace"),
    whodunit: ownVersion(),
  });
  return true;
}
