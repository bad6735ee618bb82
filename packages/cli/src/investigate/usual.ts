import type { Graph, GraphNode, Outbound } from "./graph.ts";
import type { Call, Counted } from "./suspect.ts";
import { isFailing, total } from "./suspect.ts";

/** What is usual for some requests. */
export interface Usual {
  /** How many of them would have failed had all been as usual; 0 where nobody remembers. */
  readonly failures: number;
  /** From how many requests that is known. */
  readonly known: number;
}

/** What is usual for these requests. */
export function usualOf(calls: readonly Call[], usual: GraphNode | undefined): Usual {
  return addUpUsual(calls, ({ caller, route }) => {
    const same = usual?.inbound.filter((call) => call.route === route) ?? [];
    const own = same.filter((call) => call.caller === caller);
    return own.length > 0 ? own : same;
  });
}

/** The same of a service's own calls. */
export function usualOfCalls(calls: readonly Outbound[], usual: GraphNode | undefined): Usual {
  return addUpUsual(
    calls,
    ({ callee, route }) =>
      usual?.outbound.filter((call) => call.callee === callee && call.route === route) ?? [],
  );
}

/** Whether more of these requests fail than usual. */
export const failsMore = (calls: readonly Counted[], { failures, known }: Usual): boolean =>
  isFailing(total(calls), failures, known);

function addUpUsual<T extends Counted>(calls: readonly T[], pastOf: (call: T) => readonly Counted[]): Usual {
  // Several callers of one route may share one past: it counts once.
  const pasts = new Set<Counted>();
  let failures = 0;
  for (const call of calls) {
    const past = pastOf(call);
    for (const one of past) pasts.add(one);
    failures += call.counts.count * failingShare(past);
  }
  const { count } = total([...pasts]);
  // Where nobody remembers, nothing but noise is expected, and that is known of everything.
  return { failures, known: count === 0 ? Number.POSITIVE_INFINITY : count };
}

function failingShare(calls: readonly Counted[]): number {
  const { count, failures } = total(calls);
  return count === 0 ? 0 : failures / count;
}

// A breaker lets a call through now and then: some of them fail, if not those from before it opened.
const BROKEN_SHARE = 0.05;
const MISSING_PART = 0.1;
const MISSING_DEVIATIONS = 2;

/**
 * Calls that requests of these routes would have made as usual but did not, to callees that fail: a breaker is open, and
 * so the requests' failures are those callees'. Which route calls whom nobody tells: they are taken to make all calls.
 */
export function unmadeCalls(node: GraphNode, normal: Graph, routes: readonly string[]): number {
  const before = normal.get(node.name);
  if (before === undefined) return 0;
  const asked = (inbound: readonly Call[]): number =>
    total(inbound.filter(({ route }) => routes.includes(route))).count;
  const times = asked(node.inbound) / Math.max(1, asked(before.inbound));
  const callees = Map.groupBy(node.outbound, ({ callee }) => callee);
  return [...callees].reduce((sum, [callee, calls]) => {
    const { count, failures } = total(calls);
    const usual = total(before.outbound.filter((call) => call.callee === callee)).count * times;
    const missing = usual - count;
    const isMissing = missing >= Math.max(usual * MISSING_PART, MISSING_DEVIATIONS * Math.sqrt(usual));
    return failures >= count * BROKEN_SHARE && isMissing ? sum + missing : sum;
  }, 0);
}
