import type { Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import { type Before, knownS } from "./before.ts";
import type { Graph, GraphNode, Outbound } from "./graph.ts";
import { answers, extraTimeMs, meanErrorMs, meanMs, tellSlower, timeSpentMs } from "./slower.ts";
import { addUpCounts, isFailing } from "./suspect.ts";
import { failsMore, usualOfCalls } from "./usual.ts";

/** A way from a caller to a callee, and the time that requests lose on it: what the callee does not see. */
export interface Way {
  readonly caller: string;
  readonly callee: string;
  readonly calls: readonly Outbound[];
  /** Milliseconds of the window beyond what is usual; 0 where the way is well. */
  readonly extraMs: number;
  /** Whether the callee tells its own side; else all that it takes is time on the way. */
  readonly isSeen: boolean;
  /** Whether that accuses somebody; else it only agrees with what accuses on another way. */
  readonly accuses: boolean;
  /** Whether calls wait for a socket of their caller's instead: see {@link isHeldUp}. */
  readonly isHeld: boolean;
  readonly told: string;
  /** Of a callee that says nothing: from how many milliseconds on its answers are late. */
  readonly lateMs: number | null;
}

const MIN_ANSWERS = 10;
// The way must take so many times as long as before, and so much longer: what users feel, and no jitter.
const MIN_TIMES = 2.5;
const MIN_EXTRA_MS = 50;
// Beside another slow way of the same service so much agrees with it.
const AGREES_TIMES = 1.5;
const AGREES_MS = 10;
// Where caller and callee did not count the same requests, their means differ by chance: by so many standard errors.
const ERRORS = 4;
const SAME_COUNT = 0.02;
const NAMELESS = "unknown";

/** The ways on which no request fails and enough was counted to tell how long they take. */
export function measureWays(graph: Graph, before: Before): Way[] {
  return [...graph.values()].flatMap((caller) => {
    const callees = Map.groupBy(caller.outbound, ({ callee }) => callee);
    return [...callees].flatMap(([callee, calls]) => measure(graph, before, caller, callee, calls) ?? []);
  });
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
  const isBroken = calls.some((call) => failsMore([call], usualOfCalls([call], usual)));
  if (isBroken || answers(now) < MIN_ANSWERS) return null;
  const { was, remembered, source } = pastOf(before, caller, callee);
  if (answers(was) < 2 * MIN_ANSWERS) return null;
  const past = { counts: was, remembered, lastsS: knownS(caller, remembered), among: before.compared };
  const told = tellSlower(now, past);
  const node = graph.get(callee);
  const isHeld = isHeldUp(caller, callee, { now, was, sent: answers(now) });
  const way = { caller: caller.name, callee, calls, lateMs: null, isSeen: node !== undefined, isHeld };
  if (node === undefined) {
    const extraMs = extraTimeMs(now, was) / answers(now);
    const agrees = told !== null || isMore(extraMs, meanMs(was, 1)!, AGREES_TIMES, AGREES_MS);
    return {
      ...{ ...way, extraMs: agrees ? extraMs * answers(now) : 0, accuses: told !== null },
      ...{ told: told?.text ?? "", lateMs: told?.lateMs ?? null },
    };
  }
  const all = addUpCounts(callsFrom(node, caller.name));
  const seen = slowest(all, answers(now));
  // What the callee gave up on, or its caller did, is in one side's latencies only.
  if (isFailing({ count: all.count + all.aborted, failures: all.aborted })) return null;
  const seenMs = meanMs(seen, MIN_ANSWERS);
  if (seenMs === null) return null;
  const wasSeen = source.get(callee);
  const wasSeenMs =
    wasSeen === undefined
      ? null
      : meanMs(slowest(addUpCounts(callsFrom(wasSeen, caller.name)), answers(was)), MIN_ANSWERS);
  // A callee that has just started remembers nothing: then all that its caller waited may have been the way.
  const wasMs = Math.max(0, timeSpentMs(was) / answers(was) - (wasSeenMs ?? 0));
  const extraMs = meanMs(now, MIN_ANSWERS)! - seenMs - wasMs;
  const isSame = Math.abs(answers(all) / answers(now) - 1) <= SAME_COUNT;
  const byChanceMs = isSame ? 0 : ERRORS * Math.hypot(meanErrorMs(now), meanErrorMs(seen));
  // A mean may be that of a few: half of the requests, or enough of the late ones, must tell the same.
  const medianMs = quantile(now.latency, 0.5)! - quantile(seen.latency, 0.5)! - wasMs;
  const accuses =
    isMore(extraMs, wasMs, MIN_TIMES, Math.max(MIN_EXTRA_MS, byChanceMs)) &&
    (medianMs >= MIN_EXTRA_MS / 2 || told !== null);
  const agrees = accuses || isMore(extraMs, wasMs, AGREES_TIMES, Math.max(AGREES_MS, byChanceMs));
  return {
    ...{ ...way, accuses, extraMs: agrees ? extraMs * answers(now) : 0 },
    told: `+${Math.round(extraMs)} ms that ${callee} does not see`,
  };
}

const isMore = (extraMs: number, wasMs: number, times: number, atLeastMs: number): boolean =>
  extraMs >= (times - 1) * wasMs && extraMs >= atLeastMs;

/** How calls fared before, whether that is remembered, and where it stands. */
interface Past {
  readonly was: Counts;
  readonly remembered: boolean;
  readonly source: Graph;
}

/** How a service's calls to a callee fared before. */
export function pastOf({ usual, normal }: Before, { name }: GraphNode, callee: string): Past {
  const isTo = (call: Outbound): boolean => call.callee === callee;
  const remembered = usual.get(name)?.outbound.some(isTo) === true;
  const source = remembered ? usual : normal;
  return { was: addUpCounts(source.get(name)?.outbound.filter(isTo) ?? []), remembered, source };
}

// So much of what calls take longer must be the wait for a socket. Who gets one may hold it as long as ever, or longer by no
// more than this part of the wait, which is only looked at once a second: else that is why there are too few.
const HELD_PART = 0.4;
const HOLDING_PART = 0.3;

/**
 * Whether calls take longer because their caller has too few sockets, and neither the callee nor the way to it keeps them
 * for longer.
 *
 * @param sent how many calls got a socket, of which one holds it for as long as they are under way
 */
export function isHeldUp(
  caller: GraphNode,
  callee: string,
  { now, was, sent }: { readonly now: Counts; readonly was: Counts; readonly sent: number },
): boolean {
  const waitedMs = caller.waits.reduce((sum, one) => (one.callee === callee ? sum + one.waitedMs : sum), 0);
  const extraMs = extraTimeMs(now, was);
  if (waitedMs === 0 || waitedMs < extraMs * HELD_PART) return false;
  const holdingMs = (extraMs - waitedMs) / sent;
  return holdingMs < Math.max(MIN_EXTRA_MS, (waitedMs / answers(now)) * HOLDING_PART);
}

/** The slowest of these requests, so many: any of those whose caller nobody knows may have been one caller's. */
function slowest(counts: Counts, most: number): Counts {
  let left = most;
  const bins = counts.latency.bins.toReversed().map(([index, count]) => {
    const taken = Math.min(count, left);
    left -= taken;
    return [index, taken] as const;
  });
  return { ...counts, latency: { ...counts.latency, bins: bins.reverse().filter(([, count]) => count > 0) } };
}

/** What came from a caller: where something between takes the callers' names away, all nameless requests stand for its. */
export function callsFrom({ inbound }: GraphNode, caller: string): GraphNode["inbound"] {
  const own = inbound.filter((call) => call.caller === caller);
  return own.length > 0 ? own : inbound.filter((call) => call.caller === NAMELESS);
}
