import type { Counts } from "../sources/live/counts.ts";
import type { Before } from "./before.ts";
import type { Graph, GraphNode, Outbound } from "./graph.ts";
import type { Call, Suspect } from "./suspect.ts";
import { accuse, isFailing } from "./suspect.ts";

// Refusals must be this part of the failures to explain them.
const MIN_PART = 0.6;
// Where as many were refused before, they explain no more than so many failures: a service that is often told "not
// found" fails for other reasons.
const MAX_TIMES = 1.6;
const NEW_TIMES = 3;

/**
 * Who refuses (4xx) what a service needs, so that the service itself fails: a callee whose refusals are as many as the
 * failures that nothing else explains. Null where no callee is one.
 *
 * @param asked on whose behalf the service was asked: who calls each other in a circle may all refuse each other
 */
export function explainingRefusal(
  graph: Graph,
  before: Before,
  node: GraphNode,
  failures: number,
  asked: readonly string[] = [],
): Suspect | null {
  const most = mostRefusing(before, node, failures);
  if (most === undefined) return null;
  const { callee, calls, extra } = most;
  const known = graph.get(callee);
  const deeper =
    known === undefined || asked.includes(callee)
      ? null
      : explainingRefusal(graph, before, known, extra, [...asked, node.name]);
  if (deeper !== null) return deeper;
  const inbound = known?.inbound.filter(({ caller }) => caller === node.name || caller === "unknown") ?? [];
  const concerned: readonly Call[] =
    inbound.length > 0 ? inbound : calls.map((call) => ({ ...call, caller: node.name }));
  return accuse(callee, known !== undefined, "refusals", concerned.map(refusalsAsFailures), "4xx");
}

function mostRefusing(
  { usual, normal }: Before,
  node: GraphNode,
  failures: number,
): { readonly callee: string; readonly calls: readonly Outbound[]; readonly extra: number } | undefined {
  const refusing = [...Map.groupBy(node.outbound, ({ callee }) => callee)].flatMap(([callee, calls]) => {
    const count = sum(calls, requests);
    const now = sum(calls, refusals);
    const was = (graph: Graph): number => {
      const past = graph.get(node.name)?.outbound.filter((call) => call.callee === callee) ?? [];
      return (sum(past, refusals) / Math.max(1, sum(past, requests))) * count;
    };
    const asUsual = was(usual);
    const isNew = now > NEW_TIMES * was(normal);
    const extra = now - asUsual;
    if (callee === node.name || extra < failures * MIN_PART) return [];
    if (!isNew && extra > failures * MAX_TIMES) return [];
    return isFailing({ count, failures: now }, asUsual) ? [{ callee, calls, extra }] : [];
  });
  return refusing.toSorted((a, b) => b.extra - a.extra)[0];
}

const refusals = ({ classes }: Counts): number => classes["4xx"] ?? 0;
const requests = ({ count }: Counts): number => count;

const sum = (calls: readonly { readonly counts: Counts }[], of: (counts: Counts) => number): number =>
  calls.reduce((all, { counts }) => all + of(counts), 0);

function refusalsAsFailures(call: Call): Call {
  const { counts } = call;
  const failures = Math.min(counts.count, counts.failures + refusals(counts));
  return { ...call, counts: { ...counts, failures } };
}
