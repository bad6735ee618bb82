import type { Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Before, Graph, GraphNode } from "./graph.ts";
import { answers, extraTimeMs, tellSlower, timeSpentMs } from "./slower.ts";
import type { Call, Suspect } from "./suspect.ts";
import { accuse, addUpCounts, isFailing } from "./suspect.ts";
import { usualCallFailures } from "./usual.ts";

// The part of a service's extra time that its callees must leave unexplained.
const MIN_OWN_PART = 0.4;
// A process remembers what is usual after so long.
const YOUNG_S = 1_500;

/** Services that answer much later than they did before, and not for their callees. */
export function findSlow(graph: Graph, before: Before): Suspect[] {
  return [...graph.values()].flatMap((node) => {
    const usual = before.usual.get(node.name);
    if (node.outbound.some((call) => isFailing(call.counts, usualCallFailures([call], usual)))) return [];
    return isReplaced(node, graph, before) ? slowSuccessor(node, graph, before) : ownSlowness(node, before);
  });
}

function ownSlowness(node: GraphNode, { usual, normal }: Before): Suspect[] {
  const remembered = usual.get(node.name);
  const earlier =
    remembered !== undefined && remembered.inbound.length > 0 ? remembered : normal.get(node.name);
  if (earlier === undefined) return [];
  const routes = Map.groupBy(node.inbound, ({ route }) => route);
  const slow = [...routes].flatMap(([route, calls]) => {
    const was = addUpCounts(earlier.inbound.filter((call) => call.route === route));
    const told = tellSlower(addUpCounts(calls), { counts: was, remembered: earlier === remembered });
    return told === null ? [] : [{ calls, was, told }];
  });
  const extraMs = slow.reduce((sum, { calls, was }) => sum + extraTimeMs(addUpCounts(calls), was), 0);
  const ownMs = extraMs - extraBelowMs(node, earlier);
  if (slow.length === 0 || ownMs < extraMs * MIN_OWN_PART) return [];
  const calls = slow.flatMap((one) => one.calls);
  const [worst] = slow.toSorted(
    (a, b) => extraTimeMs(addUpCounts(b.calls), b.was) - extraTimeMs(addUpCounts(a.calls), a.was),
  );
  return [{ ...accuse(node.name, true, "slow", calls, worst!.told), extraMs: ownMs }];
}

// Time spent on callees per request of one's own, so that more calls (retries) explain as slower ones do.
function extraBelowMs(node: GraphNode, earlier: GraphNode): number {
  const nowIn = answers(addUpCounts(node.inbound));
  const pastIn = Math.max(1, answers(addUpCounts(earlier.inbound)));
  const past = timeSpentMs(addUpCounts(earlier.outbound)) * (nowIn / pastIn);
  return timeSpentMs(addUpCounts(node.outbound)) - past;
}

// Who has just started remembers nothing of those that it replaced; its callers do.
function isReplaced(node: GraphNode, graph: Graph, before: Before): boolean {
  const oldestS = Math.max(...node.instances.map(({ lifetimeS }) => lifetimeS));
  if (oldestS > YOUNG_S) return false;
  return answers(asCallersSee(node.name, graph, before.normal, oldestS)) > 0;
}

// What the callers remember that are older than this.
function asCallersSee(name: string, graph: Graph, source: Graph, youngerS: number): Counts {
  const callers = [...graph.values()].filter(({ instances }) =>
    instances.some(({ lifetimeS }) => lifetimeS > youngerS + 10),
  );
  return addUpCounts(
    callers.flatMap((caller) =>
      (source.get(caller.name)?.outbound ?? []).filter(({ callee }) => callee === name),
    ),
  );
}

function slowSuccessor(node: GraphNode, graph: Graph, { usual, normal }: Before): Suspect[] {
  const oldestS = Math.max(...node.instances.map(({ lifetimeS }) => lifetimeS));
  const now = asCallersSee(node.name, graph, graph, oldestS);
  const was = asCallersSee(node.name, graph, normal, oldestS);
  const remembered = answers(asCallersSee(node.name, graph, usual, oldestS)) > 0;
  const told = tellSlower(now, { counts: was, remembered });
  const extraMs = extraTimeMs(now, was);
  // Its own side must see it, too, or it is the way to it; and its callees must not.
  const seenMs = timeSpentMs(addUpCounts(node.inbound)) - timeSpentMs(addUpCounts(node.outbound));
  if (told === null || seenMs < extraMs * MIN_OWN_PART) return [];
  return [{ ...accuse(node.name, true, "slow", node.inbound, told), extraMs }];
}

const ALWAYS_SLOW_MS = 1_000;

/**
 * Services, and callees without Whodunit, that take a second or more at the median and by themselves, whether or not
 * they ever did better: a remark and no accusation.
 */
export function findAlwaysSlow(graph: Graph): Suspect[] {
  const isLong = (counts: Counts): boolean => (quantile(counts.latency, 0.5) ?? 0) >= ALWAYS_SLOW_MS;
  const told = (counts: Counts): string => `takes ${Math.round(quantile(counts.latency, 0.5) ?? 0)} ms`;
  const services = [...graph.values()].flatMap(({ name, inbound, outbound }) => {
    const calls = [...Map.groupBy(inbound, ({ route }) => route).values()]
      .filter((all) => isLong(addUpCounts(all)))
      .flat();
    const spentMs = timeSpentMs(addUpCounts(calls));
    if (calls.length === 0 || spentMs - timeSpentMs(addUpCounts(outbound)) < spentMs * MIN_OWN_PART)
      return [];
    return [accuse(name, true, "slow", calls, told(addUpCounts(calls)))];
  });
  const callees = [...unknownCalls(graph)].flatMap(([callee, calls]) => {
    const counts = addUpCounts(calls);
    return isLong(counts) ? [accuse(callee, false, "slow", calls, told(counts))] : [];
  });
  return [...services, ...callees];
}

/** Calls to callees that did not tell their side, by callee. */
function unknownCalls(graph: Graph): Map<string, Call[]> {
  const calls = [...graph.values()].flatMap(({ name, outbound }) =>
    outbound.filter(({ callee }) => !graph.has(callee)).map((call) => ({ ...call, caller: name })),
  );
  return Map.groupBy(calls, ({ callee }) => callee);
}
