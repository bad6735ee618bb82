import { quantile } from "../sources/live/latency.ts";
import type { Before, Graph, GraphNode, Outbound } from "./graph.ts";
import { answers, extraTimeMs, meanMs, tellSlower, timeSpentMs } from "./slower.ts";
import type { Suspect } from "./suspect.ts";
import { accuse, addUpCounts, isFailing } from "./suspect.ts";
import { usualCallFailures } from "./usual.ts";

const MIN_ANSWERS = 10;
// The way must take so many times as long as before, and so much longer: what users feel, and no jitter.
const MIN_TIMES = 2.5;
const MIN_EXTRA_MS = 50;
// Most of one's ways slow: it is oneself.
const MOST = 0.6;
const NAMELESS = "unknown";

/** A way from a caller to a callee, and what of it the callee does not see. */
interface Way {
  readonly caller: string;
  readonly callee: string;
  readonly calls: readonly Outbound[];
  /** Milliseconds of the window beyond what is usual; 0 where the way is well. */
  readonly extraMs: number;
  readonly told: string;
}

/**
 * Where requests lose time between a caller and a callee: the caller waits longer than the callee says it took, and
 * longer than before. Callees without Whodunit say nothing, so all of their slowness is found here. Where most ways of
 * one service are slow it is that service; else the callee at the end.
 *
 * @param slow services that are slow themselves: what they measure of others is not to be trusted
 */
export function findSlowWays(graph: Graph, before: Before, slow: ReadonlySet<string>): Suspect[] {
  const ways = [...graph.values()]
    .filter(({ name }) => !slow.has(name))
    .flatMap((caller) => {
      const callees = Map.groupBy(caller.outbound, ({ callee }) => callee);
      return [...callees].flatMap(([callee, calls]) => measure(graph, before, caller, callee, calls) ?? []);
    });
  return blame(ways, graph);
}

function measure(
  graph: Graph,
  before: Before,
  caller: GraphNode,
  callee: string,
  calls: readonly Outbound[],
): Way | null {
  const now = addUpCounts(calls);
  const usual = before.usual.get(caller.name);
  const isBroken = calls.some((call) => isFailing(call.counts, usualCallFailures([call], usual)));
  if (isBroken || answers(now) < MIN_ANSWERS) return null;
  const node = graph.get(callee);
  const remembered = usual?.outbound.some((call) => call.callee === callee) === true;
  const source = remembered ? before.usual : before.normal;
  const was = addUpCounts((source.get(caller.name)?.outbound ?? []).filter((call) => call.callee === callee));
  if (answers(was) < 2 * MIN_ANSWERS) return null;
  const well: Way = { caller: caller.name, callee, calls, extraMs: 0, told: "" };
  if (node === undefined) {
    const told = tellSlower(now, { counts: was, remembered });
    return told === null ? well : { ...well, extraMs: extraTimeMs(now, was), told };
  }
  const seen = addUpCounts(from(node, caller.name));
  // What the callee gave up on, or its caller did, is in one side's latencies only.
  if (isFailing({ count: seen.count + seen.aborted, failures: seen.aborted })) return null;
  const seenMs = meanMs(seen, MIN_ANSWERS);
  if (seenMs === null) return null;
  const gapMs = meanMs(now, MIN_ANSWERS)! - seenMs;
  const wasSeen = source.get(callee);
  const wasSeenMs =
    wasSeen === undefined ? null : meanMs(addUpCounts(from(wasSeen, caller.name)), MIN_ANSWERS);
  // A callee that has just started remembers nothing: then all that its caller waited may have been the way.
  const wasGapMs = Math.max(0, timeSpentMs(was) / answers(was) - (wasSeenMs ?? 0));
  const extraMs = gapMs - wasGapMs;
  const isSlow = gapMs >= MIN_TIMES * wasGapMs && extraMs >= MIN_EXTRA_MS;
  if (!isSlow || !(isMedianSlow() || tellSlower(now, { counts: was, remembered }) !== null)) return well;
  return {
    ...well,
    extraMs: extraMs * answers(now),
    told: `+${Math.round(extraMs)} ms that ${callee} does not see`,
  };

  // A mean may be that of a few: half of the requests, or enough of the late ones, must tell the same.
  function isMedianSlow(): boolean {
    const medianGapMs = quantile(now.latency, 0.5)! - quantile(seen.latency, 0.5)!;
    return medianGapMs - wasGapMs >= MIN_EXTRA_MS / 2;
  }
}

// Where something between takes the callers' names away, all nameless requests stand for this caller's.
function from({ inbound }: GraphNode, caller: string): GraphNode["inbound"] {
  const own = inbound.filter((call) => call.caller === caller);
  return own.length > 0 ? own : inbound.filter((call) => call.caller === NAMELESS);
}

/** The fewest services that explain the slow ways, those with most of them first. */
function blame(ways: readonly Way[], graph: Graph): Suspect[] {
  const suspects: Suspect[] = [];
  let left = ways.filter(({ extraMs }) => extraMs > 0);
  while (left.length > 0) {
    const [worst] = left.toSorted((a, b) => b.extraMs - a.extraMs);
    const name = [
      ...new Set([worst!.callee, worst!.caller, ...left.flatMap((one) => [one.callee, one.caller])]),
    ]
      .map((service) => ({ service, slow: at(left, service).length, all: at(ways, service).length }))
      .filter(({ slow, all }) => slow >= 2 && slow >= all * MOST)
      .toSorted((a, b) => b.slow - a.slow)[0]?.service;
    const culprit = name ?? worst!.callee;
    const own = name === undefined ? left.filter(({ callee }) => callee === culprit) : at(left, culprit);
    suspects.push(accuseOf(culprit, own, graph));
    left = left.filter((one) => !own.includes(one));
  }
  return suspects;
}

const at = (ways: readonly Way[], service: string): Way[] =>
  ways.filter(({ caller, callee }) => caller === service || callee === service);

function accuseOf(service: string, ways: readonly Way[], graph: Graph): Suspect {
  const known = graph.has(service);
  const inward = ways.filter(({ callee }) => callee === service);
  const outward = inward.length === 0;
  const calls = (outward ? ways : inward).flatMap(({ caller, calls: all }) =>
    all.map((call) => ({ ...call, caller })),
  );
  const extraMs = ways.reduce((sum, one) => sum + one.extraMs, 0);
  const [worst] = ways.toSorted((a, b) => b.extraMs - a.extraMs);
  const fault = outward ? "held-up" : known ? "slow-way" : "slow";
  const told = outward ? `its calls wait: ${worst!.told}` : worst!.told;
  const [inner] = graph.get(service)?.inbound.length ? graph.get(service)!.inbound : [];
  const concerned = outward && inner !== undefined ? graph.get(service)!.inbound : calls;
  return { ...accuse(service, known, fault, concerned, told), extraMs };
}
