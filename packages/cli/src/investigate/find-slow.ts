import type { Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { Call, Suspect } from "./suspect.ts";
import { accuse, addUpCounts, isFailing } from "./suspect.ts";

const MIN_NOW = 10;
const MIN_BEFORE = 20;
// The part of a service's extra time that its callees must leave unexplained.
const MIN_OWN_PART = 0.4;

/** Services, and callees without Whodunit, that answer much later than they did before, and not for their callees. */
export function findSlow(graph: Graph, before: Graph): Suspect[] {
  return [
    ...[...graph.values()].flatMap((node) => ownSlowness(node, before.get(node.name))),
    ...slowCallees(graph, before),
  ];
}

function ownSlowness(node: GraphNode, earlier: GraphNode | undefined): Suspect[] {
  if (earlier === undefined || node.outbound.some(({ counts }) => isFailing(counts))) return [];
  const routes = Map.groupBy(node.inbound, ({ route }) => route);
  const slow = [...routes].flatMap(([route, calls]) => {
    const past = addUpCounts(earlier.inbound.filter((call) => call.route === route));
    return isSlower(addUpCounts(calls), past) ? [{ calls, past }] : [];
  });
  if (slow.length === 0) return [];
  const calls = slow.flatMap((one) => one.calls);
  const extraMs = slow.reduce((sum, one) => sum + extraTime(addUpCounts(one.calls), one.past), 0);
  const ownMs = extraMs - extraBelow(node, earlier);
  if (ownMs < extraMs * MIN_OWN_PART) return [];
  return [accuse(node.name, true, "slow", calls, told(addUpCounts(calls), slow[0]!.past))];
}

const ALWAYS_SLOW_MS = 1_000;

/**
 * Services, and callees without Whodunit, that take a second or more at the median and by themselves, whether or not
 * they ever did better: nobody remembers more than ten minutes, so this is a remark and no accusation.
 */
export function findAlwaysSlow(graph: Graph): Suspect[] {
  const isLong = (counts: Counts): boolean => (quantile(counts.latency, 0.5) ?? 0) >= ALWAYS_SLOW_MS;
  const told = (counts: Counts): string => `takes ${Math.round(quantile(counts.latency, 0.5) ?? 0)} ms`;
  const services = [...graph.values()].flatMap(({ name, inbound, outbound }) => {
    const calls = [...Map.groupBy(inbound, ({ route }) => route).values()]
      .filter((all) => isLong(addUpCounts(all)))
      .flat();
    const spentMs = timeSpent(addUpCounts(calls));
    if (calls.length === 0 || spentMs - timeSpent(addUpCounts(outbound)) < spentMs * MIN_OWN_PART) return [];
    return [accuse(name, true, "slow", calls, told(addUpCounts(calls)))];
  });
  const callees = [...unknownCalls(graph)].flatMap(([callee, calls]) => {
    const counts = addUpCounts(calls);
    return isLong(counts) ? [accuse(callee, false, "slow", calls, told(counts))] : [];
  });
  return [...services, ...callees];
}

function slowCallees(graph: Graph, before: Graph): Suspect[] {
  const past = unknownCalls(before);
  return [...unknownCalls(graph)].flatMap(([callee, calls]) => {
    const now = addUpCounts(calls);
    const earlier = addUpCounts(past.get(callee) ?? []);
    return isSlower(now, earlier) ? [accuse(callee, false, "slow", calls, told(now, earlier))] : [];
  });
}

function unknownCalls(graph: Graph): Map<string, Call[]> {
  const calls = [...graph.values()].flatMap(({ name, outbound }) =>
    outbound.filter(({ callee }) => !graph.has(callee)).map((call) => ({ ...call, caller: name })),
  );
  return Map.groupBy(calls, ({ callee }) => callee);
}

// Half of the requests, or the slowest tenth, must take several times as long: a change that users feel.
function isSlower(now: Counts, past: Counts): boolean {
  if (answers(now) < MIN_NOW || answers(past) < MIN_BEFORE) return false;
  const grown = (q: number, times: number, byMs: number): boolean => {
    const nowMs = quantile(now.latency, q)!;
    const pastMs = quantile(past.latency, q)!;
    return nowMs >= times * pastMs && nowMs - pastMs >= byMs;
  };
  return grown(0.5, 2.5, 50) || grown(0.9, 3, 100);
}

const answers = ({ latency }: Counts): number => latency.bins.reduce((sum, [, count]) => sum + count, 0);

// All the milliseconds spent: latencies add up along a request where quantiles do not.
function timeSpent({ latency: { gamma, bins } }: Counts): number {
  return bins.reduce((sum, [index, count]) => sum + (count * 2 * gamma ** index) / (gamma + 1), 0);
}

function extraTime(now: Counts, past: Counts): number {
  return timeSpent(now) - (timeSpent(past) / Math.max(1, answers(past))) * answers(now);
}

// Time spent on callees per request of one's own, so that more calls (retries) explain as slower ones do.
function extraBelow(node: GraphNode, earlier: GraphNode): number {
  const nowIn = answers(addUpCounts(node.inbound));
  const pastIn = Math.max(1, answers(addUpCounts(earlier.inbound)));
  const past = timeSpent(addUpCounts(earlier.outbound)) * (nowIn / pastIn);
  return timeSpent(addUpCounts(node.outbound)) - past;
}

function told(now: Counts, past: Counts): string {
  const median = (counts: Counts): string => `${Math.round(quantile(counts.latency, 0.5) ?? 0)} ms`;
  return `takes ${median(now)} where it took ${median(past)}`;
}
