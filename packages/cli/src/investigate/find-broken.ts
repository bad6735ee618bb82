import type { Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Before } from "./before.ts";
import { callsInCircle, metAgain } from "./circle.ts";
import type { Graph, GraphNode, Outbound } from "./graph.ts";
import { centresOf } from "./star.ts";
import type { Call, Fault, Suspect } from "./suspect.ts";
import { accuse, addUpCounts, isFailing, mainClass, total } from "./suspect.ts";
import { failsMore, usualOfCalls } from "./usual.ts";
import { callsFrom, isHeldUp, pastOf, type Way } from "./way.ts";

// What the callee itself does not know of must be this part of the failures, or the callee's own count tells.
const MIN_LOST_PART = 0.3;

const TIMEOUT = /time-?d?-?out|abort/i;
const CONNECTION = /^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|EPIPE|UND_ERR_SOCKET|UND_ERR_CONNECT)/;

/**
 * Failures that callers saw and callees did not: callees without Whodunit, breaks between two services, and callers of
 * which most calls are lost, whomever they ask.
 *
 * @param ways how long requests are under way between all of them
 */
export function findBroken(graph: Graph, before: Before, ways: readonly Way[]): Suspect[] {
  const lost = [...graph.values()].flatMap((caller) => {
    const callees = Map.groupBy(caller.outbound, ({ callee }) => callee);
    return [...callees].flatMap(([callee, calls]) => judge(graph, before, caller, callee, calls));
  });
  return mergeByService(heldUp(lost, graph, ways));
}

interface Accusation {
  readonly service: string;
  readonly known: boolean;
  readonly fault: Fault;
  readonly calls: readonly Call[];
  readonly told?: string;
  /** Of calls that were not answered in time: who made them, and what tells where they were meanwhile. */
  readonly given?: {
    readonly by: string;
    /** Whether the callee had them in hand. */
    readonly wereInHand: boolean;
    /** Whether those that were answered took their caller nearly as long, and the callee no time. */
    readonly wereLate: boolean;
    /** Whether most of them never came to the callee. */
    readonly wereUnsent: boolean;
    /** Whether they waited for a socket of their caller's. */
    readonly wereHeld: boolean;
  };
}

function judge(
  graph: Graph,
  before: Before,
  caller: GraphNode,
  callee: string,
  calls: readonly Outbound[],
): Accusation[] {
  const { usual, normal } = before;
  const node = graph.get(callee);
  const sent = total(calls);
  const remembered = usual.get(caller.name);
  if (!calls.some((call) => failsMore([call], usualOfCalls([call], remembered)))) return [];
  const { failures: asUsual, known: knownFrom } = usualOfCalls(calls, remembered);
  const lost = sent.failures - mostSeen(graph, caller, callee, sent.count);
  const isLost = isFailing({ count: sent.count, failures: lost }, Math.min(lost, asUsual), knownFrom);
  if (!isLost || lost < sent.failures * MIN_LOST_PART) return [];
  const fault = faultOf(calls);
  if (fault === "timeouts") {
    const waitMs = waitOf(calls);
    if (isImpatient(waitMs, callee, caller.name, node, normal)) {
      const told = `gives up on ${callee} after ${Math.round(waitMs)} ms`;
      const own =
        caller.inbound.length > 0 ? caller.inbound : calls.map((call) => ({ ...call, caller: caller.name }));
      return [{ service: caller.name, known: true, fault: "impatient", calls: own, told }];
    }
    // Who waits for somebody else in vain is no culprit: that other is found by its own edge.
    if (node !== undefined && waitsFor(graph, node, normal.get(callee))) return [];
  }
  const own = calls.map((call) => ({ ...call, caller: caller.name }));
  const accusation = { service: callee, known: node !== undefined, fault, calls: own };
  if (fault !== "timeouts") return [accusation];
  const seen = addUpCounts(node === undefined ? [] : callsFrom(node, caller.name));
  const now = addUpCounts(calls);
  const { was } = pastOf(before, caller, callee);
  const answered = Math.max(seen.count + seen.aborted, now.count - now.failures, 1);
  const wereHeld = isHeldUp(caller, callee, { now, was, sent: answered });
  const given = {
    by: caller.name,
    wereHeld,
    wereInHand: wereInHand(seen, calls, lost),
    wereLate: wereLate(seen, calls),
    wereUnsent: wereHeld || seen.aborted < lost * HAD_PART,
  };
  return [{ ...accusation, given }];
}

const HAD_PART = 0.5;

// Whether a callee had begun what its caller gave up, or takes about as long for all. Not where even what it answers, if
// it answers anything, has waited longer elsewhere: then the rest has as well.
function wereInHand(seen: Counts, calls: readonly Outbound[], lost: number): boolean {
  const servedMs = quantile(seen.latency, 0.5) ?? 0;
  const isShort = servedMs < waitOf(calls) * HAD_PART;
  const waitedElsewhere = seen.count > 0 && answeredMs(calls, 0.5) * HAD_PART >= servedMs;
  return !isShort || (seen.aborted >= lost * HAD_PART && !waitedElsewhere);
}

/** The quantile of those calls that were answered: those that were given up are the slowest. */
function answeredMs(calls: readonly Outbound[], share: number): number {
  const { count, failures, latency } = addUpCounts(calls);
  return quantile(latency, share * (1 - failures / count)) ?? 0;
}

const LATE_PART = 0.45;
const LATE_TIMES = 2;

function wereLate(seen: Counts, calls: readonly Outbound[]): boolean {
  const servedMs = quantile(seen.latency, 0.9);
  if (servedMs === null || seen.count < MIN_TOLD) return false;
  return answeredMs(calls, 0.9) >= Math.max(LATE_PART * waitOf(calls), LATE_TIMES * servedMs);
}

/** A caller whose calls are not answered in time holds them up itself: most of them and whomever it asks, or before they are sent. */
function heldUp(accusations: readonly Accusation[], graph: Graph, ways: readonly Way[]): Accusation[] {
  const lost = accusations.filter(({ given }) => given !== undefined);
  if (lost.length === 0) return [...accusations];
  const edges = [...graph.values()].flatMap(({ name, outbound }) =>
    [...Map.groupBy(outbound, ({ callee }) => callee)].flatMap(([callee, calls]) => {
      const own = lost.find((one) => one.given?.by === name && one.service === callee);
      const way = ways.find((one) => one.caller === name && one.callee === callee);
      const isTold = total(calls).count >= MIN_TOLD;
      const harm = own === undefined ? (way?.extraMs ?? 0) : addUpCounts(own.calls).failures;
      return isTold ? [{ caller: name, callee, harm, own }] : [];
    }),
  );
  const accuseOf = (caller: GraphNode, own: readonly Accusation[]): Accusation => {
    const told = `its calls wait: ${own.map((one) => one.service).join(", ")} did not answer in time`;
    const concerned = caller.inbound.length > 0 ? caller.inbound : own.flatMap((one) => one.calls);
    return { service: caller.name, known: true, fault: "held-up", calls: concerned, told };
  };
  const left = centresOf(edges).reduce<Accusation[]>(
    (all, { service, calls, edges: bad }) => {
      const own = bad.flatMap((edge) => edge.own ?? []);
      const node = graph.get(service);
      // Of calls that are merely late others tell.
      if (!calls || bad.length < 2 || own.length === 0 || node === undefined) return all;
      const holding = own.filter(({ given }) => given!.wereInHand);
      // Whoever has calls in hand for so long holds what the calls to the others wait for.
      if (holding.length > 0) return all.filter((one) => !own.includes(one) || holding.includes(one));
      return [...all.filter((one) => !own.includes(one)), accuseOf(node, own)];
    },
    [...accusations],
  );
  // Who does not answer several in time is no matter of one of them.
  const isLate = ({ service, given }: Accusation): boolean =>
    given?.wereHeld === true ||
    (given?.wereLate === true && left.every((one) => one.service !== service || one.given?.by === given.by));
  return [...Map.groupBy(left, ({ given }) => given?.by)].flatMap(([name, all]) => {
    const own = all.filter(isLate);
    if (!own.some(({ given }) => given!.wereUnsent)) return all;
    const caller = graph.get(name!)!;
    const rest = all.filter((one) => !own.includes(one));
    return isKeptWaiting(graph, caller, new Set(own.map(({ service }) => service)))
      ? rest
      : [...rest, accuseOf(caller, own)];
  });
}

/** Whether another callee has in hand what it is not asked any more: for those calls the others wait, and its own edge tells of it. */
export const isKeptWaiting = (graph: Graph, caller: GraphNode, own: ReadonlySet<string>): boolean =>
  [...Map.groupBy(caller.outbound, ({ callee }) => callee)].some(([callee, calls]) => {
    const node = graph.get(callee);
    if (node === undefined || own.has(callee)) return false;
    const lost = total(calls);
    return isFailing(lost) && total(callsFrom(node, caller.name)).aborted >= lost.failures * HAD_PART;
  });

// Of fewer calls nobody can tell how they fare.
const MIN_TOLD = 10;

// The failures that callees know of, at most. A callee behind an address that nobody answered for (a balancer, a gateway) names
// its caller all the same; where a proxy took the name away, its nameless requests stand for the caller's; and of a
// callee seen in part, what was seen stands for the rest.
function mostSeen(graph: Graph, caller: GraphNode, callee: string, sent: number): number {
  const resolved = new Set(caller.outbound.map(({ callee: name }) => name));
  const nodes = graph.has(callee)
    ? [graph.get(callee)!]
    : [...graph.values()].filter(({ name }) => !resolved.has(name));
  const from = (name: string) =>
    total(nodes.flatMap(({ inbound }) => inbound.filter((one) => one.caller === name)));
  const named = from(caller.name);
  const isNameless = graph.has(callee) && named.count + named.aborted === 0;
  const seen = isNameless ? from(NAMELESS) : named;
  const part = (seen.count + seen.aborted) / sent;
  if (part === 0 || Math.abs(part - 1) <= SAME) return seen.failures;
  // Among the nameless requests of several callers, those that failed may all have been this one's.
  if (isNameless && part > 1) return seen.failures;
  // Of few that were seen the rest may have had more, by chance.
  return (seen.failures + ERRORS * Math.sqrt(seen.failures)) / part;
}

const ERRORS = 4;

const NAMELESS = "unknown";
// Both sides count at slightly different moments: so much more or less is the same.
const SAME = 0.1;

function faultOf(calls: readonly Outbound[]): Fault {
  const error = mainClass(addUpCounts(calls));
  if (CONNECTION.test(error)) return "unreachable";
  return TIMEOUT.test(error) ? "timeouts" : "errors";
}

// Requests that were given up are the slowest of a series: the middle of them is how long the caller waits.
function waitOf(calls: readonly Outbound[]): number {
  const { count, failures, latency } = addUpCounts(calls.filter(({ counts }) => counts.failures > 0));
  return quantile(latency, 1 - failures / (2 * Math.max(count, 1))) ?? 0;
}

// Nobody answers a call over a network so soon; used where nothing tells how long the callee takes.
const HASTY_MS = 20;

// Impatient is who waits no longer than the callee used to take, when it took as long as it always does.
function isImpatient(
  waitMs: number,
  callee: string,
  caller: string,
  node: GraphNode | undefined,
  before: Graph,
): boolean {
  const answered =
    node?.inbound ?? before.get(caller)?.outbound.filter((call) => call.callee === callee) ?? [];
  const earlier = before.get(callee)?.inbound ?? answered;
  const usualMs = quantile(addUpCounts(earlier).latency, 0.5) ?? quantile(addUpCounts(answered).latency, 0.5);
  return waitMs < (usualMs === null ? HASTY_MS : usualMs * 1.5);
}

function waitsFor(graph: Graph, node: GraphNode, before: GraphNode | undefined): boolean {
  const own = losesByItself(graph, node) ? callsInCircle(graph, node) : [];
  return node.outbound.some((call) => {
    const { callee, route, counts } = call;
    if (isFailing(counts)) return !own.includes(call);
    const earlier = before?.outbound.find((call) => call.callee === callee && call.route === route);
    const nowMs = quantile(counts.latency, 0.9) ?? 0;
    const beforeMs = earlier === undefined ? null : quantile(earlier.counts.latency, 0.5);
    return beforeMs !== null && nowMs > 3 * beforeMs && nowMs - beforeMs > 100;
  });
}

/** Whether more is lost in a service than those lose that call it again: those wait for nobody but itself. */
function losesByItself(graph: Graph, node: GraphNode): boolean {
  const again = metAgain(graph, node, ({ outbound }) => total(outbound).failures);
  if (again === 0) return false;
  const told = total(node.inbound);
  const sent = total(
    [...graph.values()].flatMap(({ outbound }) => outbound.filter(({ callee }) => callee === node.name)),
  );
  const lost = Math.max(told.failures + told.aborted, sent.failures);
  // Of a service seen in part its callers saw all.
  const part = Math.min(1, (told.count + told.aborted) / Math.max(1, sent.count));
  const own = lost - total(callsInCircle(graph, node)).failures / part;
  return isFailing({ count: lost, failures: own }) && own >= (lost - again) * MIN_LOST_PART;
}

function mergeByService(accusations: readonly Accusation[]): Suspect[] {
  const groups = Map.groupBy(accusations, ({ service, fault }) => JSON.stringify([service, fault]));
  return [...groups.values()].map((all) => {
    const { service, known, fault, told } = all[0]!;
    return accuse(
      service,
      known,
      fault,
      all.flatMap(({ calls }) => calls),
      told,
    );
  });
}
