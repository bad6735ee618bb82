import type { Survey } from "../sources/live/survey.ts";
import { type Graph, type GraphNode, oldestS } from "./graph.ts";
import { type Counted, total } from "./suspect.ts";

/** A Whodunit service that does not know us: it may be at fault, or anybody behind it. */
export const WANTS_TOKEN: RegExp = /^answered 40[13]/;

/** What could not be seen, in words. */
export function whatIsMissing(
  { services, unreached, notAsked }: Survey,
  graph: Graph,
  requests: number,
  windowS: number,
): string[] {
  const missing = unreached
    .filter(({ given, isPart, error }) => given || isPart === true || WANTS_TOKEN.test(error))
    .map(({ address, error }) => `${address} ${error}`);
  if (services.length > 0 && requests === 0)
    missing.push("no requests in this window: a longer one may hold some (-t 10m)");
  if (notAsked.length > 0)
    missing.push(`${addressesText(notAsked)} not asked: no request fails or is slow there`);
  const calls = Map.groupBy(
    [...graph.values()].flatMap(({ name, outbound }) => outbound.map((call) => ({ ...call, caller: name }))),
    ({ callee }) => callee,
  );
  const partly = [...graph.values()].flatMap((node) => partlySeen(node, calls.get(node.name) ?? [], windowS));
  return [...missing, ...partly];
}

const SHOWN_ADDRESSES = 3;

function addressesText(all: readonly string[]): string {
  const shown = all.slice(0, SHOWN_ADDRESSES).join(", ");
  const more = all.length - SHOWN_ADDRESSES;
  return `${shown}${more > 0 ? ` and ${more} more` : ""} ${all.length === 1 ? "was" : "were"}`;
}

// Requests whose caller's name was taken away on the way may be anybody's, so also theirs.
const NAMELESS = "unknown";
const MIN_SENT = 30;
const MIN_SEEN_PART = 0.7;

/** What a caller sent to a node. */
interface Sent extends Counted {
  readonly caller: string;
}

// Callers count what they send and callees what they get. Behind a balancer only some instances may have been asked.
function partlySeen(node: GraphNode, calls: readonly Sent[], windowS: number): string[] {
  const callers = new Set(calls.map(({ caller }) => caller));
  // Of a window that began before its processes did, their predecessors have seen the rest.
  const sent = wellOf(total(calls)) * Math.min(1, oldestS(node) / windowS);
  const fromThem = ({ caller }: { caller: string }): boolean => callers.has(caller) || caller === NAMELESS;
  const seen = wellOf(total(node.inbound.filter(fromThem)));
  if (sent < MIN_SENT || seen >= sent * MIN_SEEN_PART) return [];
  const instances = `${node.instances.length} instance${node.instances.length === 1 ? "" : "s"}`;
  return [`${node.name}: ${instances} seen, with about ${Math.round((100 * seen) / sent)} % of its requests`];
}

const wellOf = ({ count, failures }: { count: number; failures: number }): number => count - failures;
