import { Accounts, type SpanAccounts } from "../export/accounts.ts";
import { Traffic } from "../traffic/traffic.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Tracing } from "./tracing.ts";

/** Whether OTEL_SDK_DISABLED switches tracing off (OpenTelemetry: only `true` does, in any case). */
export function isSwitchedOff(env: NodeJS.ProcessEnv): boolean {
  return env.OTEL_SDK_DISABLED?.trim().toLowerCase() === "true";
}

/** A tracing that leaves nothing behind: no SDK, no listener, no hook; helpers make no-op spans. */
export function switchedOff(options: ResolvedOptions): Tracing {
  const nothing = async (): Promise<SpanAccounts> => new Accounts().snapshot();
  return {
    service: options.service,
    traffic: new Traffic(options),
    ready: Promise.resolve(),
    spans: () => new Accounts().snapshot(),
    flush: async () => {},
    close: nothing,
  };
}
