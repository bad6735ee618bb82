import type { Graph, GraphNode, Outbound } from "./graph.ts";
import type { Call } from "./suspect.ts";
import { total } from "./suspect.ts";

/** How many of these requests would have failed had all been as usual; 0 where nobody remembers what is usual. */
export function usualFailures(calls: readonly Call[], usual: GraphNode | undefined): number {
  if (usual === undefined) return 0;
  return calls.reduce((sum, { caller, route, counts }) => {
    const same = usual.inbound.filter((call) => call.route === route);
    const own = same.filter((call) => call.caller === caller);
    return sum + counts.count * failingShare(own.length > 0 ? own : same);
  }, 0);
}

/** The same of a service's own calls. */
export function usualCallFailures(calls: readonly Outbound[], usual: GraphNode | undefined): number {
  if (usual === undefined) return 0;
  return calls.reduce((sum, { callee, route, counts }) => {
    const same = usual.outbound.filter((call) => call.callee === callee && call.route === route);
    return sum + counts.count * failingShare(same);
  }, 0);
}

function failingShare(calls: Parameters<typeof total>[0]): number {
  const { count, failures } = total(calls);
  return count === 0 ? 0 : failures / count;
}

// A breaker lets a call through now and then: most of them fail.
const BROKEN_SHARE = 0.5;
const MISSING_PART = 0.3;

/**
 * Calls that a service would have made as usual but did not, to callees that fail: its breaker is open, and so its own
 * failures are theirs.
 */
export function unmadeCalls({ name, inbound, outbound }: GraphNode, normal: Graph): number {
  const before = normal.get(name);
  const asked = total(before?.inbound ?? []).count;
  if (before === undefined || asked === 0) return 0;
  const now = total(inbound).count;
  const callees = Map.groupBy(outbound, ({ callee }) => callee);
  return [...callees].reduce((sum, [callee, calls]) => {
    const { count, failures } = total(calls);
    const usual = (total(before.outbound.filter((call) => call.callee === callee)).count / asked) * now;
    const missing = usual - count;
    return failures < count * BROKEN_SHARE || missing < usual * MISSING_PART ? sum : sum + missing;
  }, 0);
}
