import { quantile } from "../sources/live/latency.ts";
import type { Before, Graph, GraphNode, Outbound } from "./graph.ts";
import type { Call, Fault, Suspect } from "./suspect.ts";
import { accuse, addUpCounts, isFailing, mainClass, total } from "./suspect.ts";
import { usualCallFailures } from "./usual.ts";

// What the callee itself does not know of must be this part of the failures, or the callee's own count tells.
const MIN_LOST_PART = 0.3;

const TIMEOUT = /time-?d?-?out|abort/i;
const CONNECTION = /^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_|EPIPE|UND_ERR_SOCKET|UND_ERR_CONNECT)/;

/** Failures that callers saw and callees did not: callees without Whodunit, and breaks between two services. */
export function findBroken(graph: Graph, before: Before): Suspect[] {
  const suspects = [...graph.values()].flatMap((caller) => {
    const callees = Map.groupBy(caller.outbound, ({ callee }) => callee);
    return [...callees].flatMap(([callee, calls]) => judge(graph, before, caller, callee, calls));
  });
  return mergeByService(suspects);
}

interface Accusation {
  readonly service: string;
  readonly known: boolean;
  readonly fault: Fault;
  readonly calls: readonly Call[];
  readonly told?: string;
}

function judge(
  graph: Graph,
  { usual, normal }: Before,
  caller: GraphNode,
  callee: string,
  calls: readonly Outbound[],
): Accusation[] {
  const node = graph.get(callee);
  const sent = total(calls);
  const remembered = usual.get(caller.name);
  if (!calls.some((call) => isFailing(call.counts, usualCallFailures([call], remembered)))) return [];
  const asUsual = usualCallFailures(calls, remembered);
  const lost = sent.failures - seenByCallees(graph, caller, callee, sent.count);
  const isLost = isFailing({ count: sent.count, failures: lost }, Math.min(lost, asUsual));
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
    if (node !== undefined && waitsFor(node, normal.get(callee))) return [];
  }
  const known = node !== undefined;
  return [{ service: callee, known, fault, calls: calls.map((call) => ({ ...call, caller: caller.name })) }];
}

// The failures that callees know of. A callee behind an address that nobody answered for (a balancer, a gateway) names
// its caller all the same; where a proxy took the name away, its nameless requests stand for the caller's; and of a
// callee seen in part, what was seen stands for the rest.
function seenByCallees(graph: Graph, caller: GraphNode, callee: string, sent: number): number {
  const resolved = new Set(caller.outbound.map(({ callee: name }) => name));
  const nodes = graph.has(callee)
    ? [graph.get(callee)!]
    : [...graph.values()].filter(({ name }) => !resolved.has(name));
  const from = (name: string) =>
    total(nodes.flatMap(({ inbound }) => inbound.filter((one) => one.caller === name)));
  const named = from(caller.name);
  const seen = named.count + named.aborted > 0 || !graph.has(callee) ? named : from(NAMELESS);
  const part = (seen.count + seen.aborted) / sent;
  return part > 0 && Math.abs(part - 1) > SAME ? seen.failures / part : seen.failures;
}

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

function waitsFor(node: GraphNode, before: GraphNode | undefined): boolean {
  return node.outbound.some(({ callee, route, counts }) => {
    if (isFailing(counts)) return true;
    const earlier = before?.outbound.find((call) => call.callee === callee && call.route === route);
    const nowMs = quantile(counts.latency, 0.9) ?? 0;
    const beforeMs = earlier === undefined ? null : quantile(earlier.counts.latency, 0.5);
    return beforeMs !== null && nowMs > 3 * beforeMs && nowMs - beforeMs > 100;
  });
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
