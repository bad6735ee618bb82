import type { Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import { type Before, knownS } from "./before.ts";
import { metAgain } from "./circle.ts";
import { type Graph, type GraphNode, oldestS } from "./graph.ts";
import { answers, extraTimeMs, meanErrorMs, tellSlower, timeSpentMs } from "./slower.ts";
import type { Call, Suspect } from "./suspect.ts";
import { accuse, addUpCounts } from "./suspect.ts";
import { failsMore, usualOfCalls } from "./usual.ts";
import type { Way } from "./way.ts";

// The part of a service's extra time that its callees must leave unexplained.
const MIN_OWN_PART = 0.4;
// A process remembers what is usual after so long.
const YOUNG_S = 1_500;

/**
 * Services that answer much later than they did before, and not for their callees.
 *
 * @param ways how long requests are under way between all of them
 */
export function findSlow(graph: Graph, before: Before, ways: readonly Way[]): Suspect[] {
  return [...graph.values()].flatMap((node) => {
    const usual = before.usual.get(node.name);
    if (node.outbound.some((call) => failsMore([call], usualOfCalls([call], usual)))) return [];
    return isReplaced(node, graph, before)
      ? slowSuccessor(node, graph, before)
      : ownSlowness(
          node,
          graph,
          before,
          ways.filter(({ caller }) => caller === node.name),
        );
  });
}

/** What a service was like, by what it remembers or by the last ten minutes. */
function earlierOf({ name }: GraphNode, { usual, normal }: Before): GraphNode | undefined {
  return usual.get(name)?.inbound.length ? usual.get(name) : normal.get(name);
}

function ownSlowness(node: GraphNode, graph: Graph, before: Before, ways: readonly Way[]): Suspect[] {
  const earlier = earlierOf(node, before);
  if (earlier === undefined) return [];
  const remembered = earlier === before.usual.get(node.name);
  const past = { remembered, lastsS: knownS(node, remembered), among: before.compared };
  const routes = [...Map.groupBy(node.inbound, ({ route }) => route)].map(([route, calls]) => {
    const was = addUpCounts(earlier.inbound.filter((call) => call.route === route));
    const told = tellSlower(addUpCounts(calls), { counts: was, ...past });
    return { calls, told, extraMs: answers(was) === 0 ? 0 : extraTimeMs(addUpCounts(calls), was) };
  });
  const belowMs = extraBelowMs(node, earlier);
  const slow = routes.flatMap(({ told, ...one }) => (told === null ? [] : [{ ...one, told }]));
  const sumOf = (some: readonly { readonly extraMs: number }[]): number =>
    some.reduce((sum, one) => sum + one.extraMs, 0);
  // Which route calls whom nobody tells: what callees took longer may be in those routes, too, that are only a little slower.
  const concerned = sumOf(routes) > sumOf(slow) ? routes : slow;
  const extraMs = sumOf(concerned);
  const [worst] = slow.toSorted((a, b) => b.extraMs - a.extraMs);
  const ownMs = extraMs - belowMs;
  // Who is called by those it waits for meets its own slowness each time: it counts once.
  const againMs =
    worst === undefined
      ? 0
      : metAgain(graph, node, (one) => {
          const was = earlierOf(one, before);
          return was === undefined ? 0 : extraBelowMs(one, was);
        });
  const isExplained =
    ownMs < (extraMs - againMs) * MIN_OWN_PART || isByChance(concerned, ownMs, belowMs - againMs);
  if (worst !== undefined && !isExplained) {
    const { text, lateMs } = worst.told;
    const calls = slow.flatMap((one) => one.calls);
    return [{ ...accuse(node.name, true, "slow", calls, text), extraMs: ownMs, lateMs }];
  }
  const lost = lostByItself(node, ways, sumOf(routes) - belowMs);
  return lost === null
    ? []
    : [{ ...accuse(node.name, true, "slow", node.inbound, lost.text), extraMs: lost.ms }];
}

// Where callees explain so much of it, what is left over must be so many standard errors: a few late requests more or less
// than the callees had are chance.
const EXPLAINED_PART = 0.3;
const DEVIATIONS = 2;

function isByChance(routes: readonly { readonly calls: readonly Call[] }[], ownMs: number, belowMs: number) {
  const now = addUpCounts(routes.flatMap(({ calls }) => calls));
  const errorMs = answers(now) * meanErrorMs(now);
  return belowMs >= (ownMs + belowMs) * EXPLAINED_PART && ownMs < DEVIATIONS * errorMs;
}

// Who waits for a processor is late to work as well as to see each answer: by about as much each time.
const STARVED_PART = 0.5;

/** The time that calls lose on their way when it is their caller's: no more each than a request loses in its own hands. */
function lostByItself(
  node: GraphNode,
  own: readonly Way[],
  ownMs: number,
): { readonly ms: number; readonly text: string } | null {
  const ways = own.filter(({ accuses, isSeen }) => accuses && isSeen);
  const perCallMs = Math.max(...ways.map(({ calls, extraMs }) => extraMs / answers(addUpCounts(calls))));
  const perRequestMs = ownMs / Math.max(1, answers(addUpCounts(node.inbound)));
  if (ways.length === 0 || perRequestMs < perCallMs * STARVED_PART) return null;
  const text = `takes ${Math.round(perRequestMs)} ms more itself, and ${Math.round(perCallMs)} ms to see an answer`;
  return { ms: ownMs + ways.reduce((sum, { extraMs }) => sum + extraMs, 0), text };
}

// Of requests that wait, those without a call that waits are behind those with one: a pool has no connection left for them.
function extraBelowMs(node: GraphNode, earlier: GraphNode): number {
  const now = addUpCounts(node.inbound);
  const past = addUpCounts(earlier.inbound);
  const times = answers(now) / Math.max(1, answers(past));
  const callees = Map.groupBy(node.outbound, ({ callee, route }) => JSON.stringify([callee, route]));
  const extraMs = [...callees.values()].reduce((sum, calls) => {
    const { callee, route } = calls[0]!;
    const same = earlier.outbound.filter((call) => call.callee === callee && call.route === route);
    return sum + extraOfCallsMs(addUpCounts(calls), addUpCounts(same), times, answers(past));
  }, 0);
  const waitingOut = addUpCounts(node.outbound).waiting;
  return extraMs * (waitingOut === 0 ? 1 : Math.max(1, now.waiting / waitingOut));
}

/**
 * What calls take longer than they did, and the whole time of those that were not made before (retries): how many a
 * request makes is known from so many calls of so many requests, and seldom well.
 */
function extraOfCallsMs(now: Counts, was: Counts, times: number, pastRequests: number): number {
  const [calls, pastCalls] = [answers(now), answers(was)];
  if (pastCalls === 0) return timeSpentMs(now);
  const error = DEVIATIONS * Math.sqrt(1 / pastCalls + 1 / Math.max(1, pastRequests));
  const more = Math.max(0, calls - pastCalls * times * (1 + error));
  return extraTimeMs(now, was) + (more * timeSpentMs(was)) / pastCalls;
}

// Who has just started remembers nothing of those that it replaced; its callers do.
function isReplaced(node: GraphNode, graph: Graph, before: Before): boolean {
  if (oldestS(node) > YOUNG_S) return false;
  return answers(asTheySee(olderCallers(node, graph), node, before.normal)) > 0;
}

// Its callers that are older than it is.
const olderCallers = (node: GraphNode, graph: Graph): GraphNode[] =>
  [...graph.values()].filter(
    (caller) =>
      oldestS(caller) > oldestS(node) + 10 && caller.outbound.some(({ callee }) => callee === node.name),
  );

const asTheySee = (callers: readonly GraphNode[], { name }: GraphNode, source: Graph): Counts =>
  addUpCounts(
    callers.flatMap((caller) =>
      (source.get(caller.name)?.outbound ?? []).filter(({ callee }) => callee === name),
    ),
  );

function slowSuccessor(node: GraphNode, graph: Graph, { usual, normal, compared }: Before): Suspect[] {
  const callers = olderCallers(node, graph);
  const now = asTheySee(callers, node, graph);
  const was = asTheySee(callers, node, normal);
  const remembered = answers(asTheySee(callers, node, usual)) > 0;
  const lastsS = Math.max(...callers.map((caller) => knownS(caller, remembered)));
  const told = tellSlower(now, { counts: was, remembered, lastsS, among: compared });
  const extraMs = extraTimeMs(now, was);
  // Its own side must see it, too, or it is the way to it; and its callees must not.
  const seenMs = timeSpentMs(addUpCounts(node.inbound)) - timeSpentMs(addUpCounts(node.outbound));
  if (told === null || seenMs < extraMs * MIN_OWN_PART) return [];
  return [{ ...accuse(node.name, true, "slow", node.inbound, told.text), extraMs, lateMs: told.lateMs }];
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
