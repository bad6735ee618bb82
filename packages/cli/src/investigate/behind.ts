import { reachedFrom } from "./circle.ts";
import type { Graph } from "./graph.ts";
import type { Suspect } from "./suspect.ts";

// So much of what a callee that tells nothing is accused of must have happened behind it, and not many times as much: what
// it asks for again may fail three times for one of its own.
const MIN_PART = 0.6;
const MAX_TIMES = 3;

/**
 * Without callees that tell nothing and are accused of no more than what happened behind them: services at fault whose
 * nameless requests they may have sent on. One that calls such a callee itself, near or far, is before it, not behind.
 */
export function withoutGoBetweens(graph: Graph, suspects: readonly Suspect[]): Suspect[] {
  const known = suspects.filter((suspect) => suspect.known);
  return suspects.filter((suspect) => {
    if (suspect.known) return true;
    const behind = known.filter(({ service }) => !reachedFrom(graph, service).has(suspect.service));
    const isSlow = suspect.failures === 0;
    const harm = isSlow ? suspect.extraMs : suspect.failures;
    const explained = behind.reduce((sum, one) => sum + namelessPart(graph, one, isSlow), 0);
    return explained < harm * MIN_PART || explained > harm * MAX_TIMES;
  });
}

/** What a culprit did to requests whose caller nobody knows. */
function namelessPart(graph: Graph, { callers, extraMs, count }: Suspect, isSlow: boolean): number {
  const nameless = callers.filter(({ name }) => !graph.has(name));
  const of = (what: "count" | "failures"): number => nameless.reduce((sum, one) => sum + one[what], 0);
  return isSlow ? (extraMs * of("count")) / Math.max(1, count) : of("failures");
}
