import { createHealth, type Health, type Probe } from "@whodunit/health";
import { createLogger, type Logger } from "@whodunit/logger";
import { startTracing, type Tracing } from "@whodunit/tracing";

/** What every service of the story starts with: spans, lines and health under one name. */
export async function startService(
  service: string,
  probes: readonly Probe[],
): Promise<{ tracing: Tracing; logger: Logger; health: Health }> {
  const { VERSION } = process.env;
  // The parent went away without a signal: nobody would end this process.
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  const tracing = startTracing({ service, ...(VERSION === undefined ? {} : { version: VERSION }) });
  const logger = createLogger({ service });
  const health = createHealth({ service, probes, drainDelayMs: 0 });
  return { tracing, logger, health };
}

/** A required setting from the environment. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

/** Tells the parent process where the service answers. */
export function announce(url: string): void {
  process.send?.({ url });
}
