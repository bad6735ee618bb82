import { required } from "@whodunit/core";
import {
  type CheckResult,
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";

/** A circuit breaker of `opossum`. */
export interface OpossumBreaker {
  readonly opened: boolean;
  readonly halfOpen: boolean;
}

/** A circuit breaker policy of `cockatiel`; `state`: 0 closed, 1 open, 2 half open, 3 isolated. */
export interface CockatielBreaker {
  readonly state: number;
}

/** What {@link breakerProbe} takes. */
export interface BreakerProbeOptions extends ProbeSettings {
  readonly name: string;
  readonly breaker: OpossumBreaker | CockatielBreaker;
}

const COCKATIEL_STATES = ["closed", "open", "half open", "isolated"];

const SHAPE: OwnShape<BreakerProbeOptions> = {
  breaker: required(
    (breaker) =>
      typeof breaker === "object" && breaker !== null && stateOf(breaker as OpossumBreaker) !== undefined,
    "a circuit breaker of opossum or cockatiel",
  ),
};

/**
 * Shows a circuit breaker that is not closed as DEGRADED: the service has already found a way around, and one dead
 * callee must not take all its callers out of the balancer.
 *
 * @throws TypeError when an option is wrong
 */
export function breakerProbe(options: BreakerProbeOptions): Probe {
  checkProbeOptions("breakerProbe", options, SHAPE);
  const { breaker } = options;
  return probeFrom(options, {
    check(): CheckResult {
      const state = stateOf(breaker);
      if (state === "closed") return { status: "OK" };
      return { status: "DEGRADED", reason: `the breaker is ${state ?? "in an unknown state"}` };
    },
  });
}

function stateOf(breaker: OpossumBreaker | CockatielBreaker): string | undefined {
  if ("opened" in breaker) return breaker.opened ? "open" : breaker.halfOpen ? "half open" : "closed";
  return COCKATIEL_STATES[breaker.state];
}
