import { checkShape, integer, list, ofType, optionError, requiredName, type Shape } from "@whodunit/core";
import type { Redactor } from "@whodunit/redaction";
import type { ChangeLogger } from "./changes/change-log.ts";
import type { WebhookOptions } from "./changes/webhook.ts";
import type { Authorize } from "./http/authorize.ts";
import type { Clock } from "./watch/clock.ts";
import { type Probe, type ResolvedProbe, resolveProbe } from "./watch/probe.ts";

/** What `createHealth()` takes. */
export interface HealthOptions {
  /** The service's name: segments of a-z, 0-9 and _ joined by -. */
  readonly service: string;
  /** What to watch, in the order in which it is shown. @default [] */
  readonly probes?: readonly Probe[];
  /** Who sees `Details`. Default: nobody. */
  readonly authorize?: Authorize;
  /**
   * After SIGTERM, how long to go on serving, with `/health/ready` at 503, in milliseconds. Without it 5_000 where
   * NODE_ENV is `production`; elsewhere 0, and what is in flight has half a second to finish.
   */
  readonly drainDelayMs?: number;
  /** Gets a line for each change, `health-<probe>-<status>`: `createLogger()` of `@whodunit/logger`. Default: none. */
  readonly logger?: ChangeLogger;
  /** Gets a request for each change. Default: none. */
  readonly webhook?: WebhookOptions;
  /** Removes secrets from error texts. Default: `createRedactor()`. */
  readonly redactor?: Redactor;
  /** The time, for tests: `FakeClock` of `@whodunit/health/testing`. Default: the machine's. */
  readonly clock?: Clock;
}

const SHAPE = {
  service: requiredName,
  probes: list("an array of probes"),
  authorize: ofType("function"),
  drainDelayMs: integer(0, 600_000),
  logger: ofType("object"),
  webhook: ofType("object"),
  redactor: ofType("object"),
  clock: ofType("object"),
} satisfies Shape<HealthOptions>;

/** Checks the options and fills in the probes' defaults. @throws TypeError when something is not as it must be */
export function checkHealthOptions(options: HealthOptions): readonly ResolvedProbe[] {
  checkShape("createHealth", options, SHAPE);
  const { probes = [] } = options;
  const resolved = probes.map(resolveProbe);
  const names = new Set<string>();
  for (const { name } of resolved) {
    if (names.has(name))
      throw optionError("createHealth", "probes[].name", name, "a name that no other probe has");
    names.add(name);
  }
  return resolved;
}
