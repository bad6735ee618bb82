import type { Survey } from "../sources/live/survey.ts";
import type { Graph } from "./graph.ts";
import { total } from "./suspect.ts";

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
    .filter(({ given, error }) => given || WANTS_TOKEN.test(error))
    .map(({ address, error }) => `${address} ${error}`);
  if (services.length > 0 && requests === 0)
    missing.push("no requests in this window: a longer one may hold some (-t 10m)");
  if (notAsked.length > 0)
    missing.push(`${addressesText(notAsked)} not asked: no request fails or is slow there`);
  return [...missing, ...[...graph.keys()].flatMap((name) => partlySeen(graph, name, windowS))];
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

// Callers count what they send and callees what they get. Behind a balancer only some instances may have been asked.
function partlySeen(graph: Graph, name: string, windowS: number): string[] {
  const node = graph.get(name)!;
  const calls = [...graph.values()].flatMap((caller) =>
    caller.outbound.filter(({ callee }) => callee === name).map((call) => ({ ...call, caller: caller.name })),
  );
  const callers = new Set(calls.map(({ caller }) => caller));
  // Of a window that began before its processes did, their predecessors have seen the rest.
  const oldestS = Math.max(...node.instances.map(({ lifetimeS }) => lifetimeS));
  const sent = wellOf(total(calls)) * Math.min(1, oldestS / windowS);
  const fromThem = ({ caller }: { caller: string }): boolean => callers.has(caller) || caller === NAMELESS;
  const seen = wellOf(total(node.inbound.filter(fromThem)));
  if (sent < MIN_SENT || seen >= sent * MIN_SEEN_PART) return [];
  const instances = `${node.instances.length} instance${node.instances.length === 1 ? "" : "s"}`;
  return [`${name}: ${instances} seen, with about ${Math.round((100 * seen) / sent)} % of its requests`];
}

const wellOf = ({ count, failures }: { count: number; failures: number }): number => count - failures;
