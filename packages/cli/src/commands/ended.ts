import { once } from "node:events";

/** Resolves when the command is told to end. A second signal ends it at once, as it does where nobody listens. */
export async function ended(signal: AbortSignal | undefined): Promise<void> {
  const controller = new AbortController();
  const options = { signal: controller.signal };
  await Promise.race([
    once(process, "SIGINT", options),
    once(process, "SIGTERM", options),
    // The terminal was closed.
    once(process, "SIGHUP", options),
    ...(signal === undefined ? [] : [signal.aborted ? undefined : once(signal, "abort", options)]),
  ]);
  controller.abort();
}
