import { findBroken } from "./find-broken.ts";
import { findFailing } from "./find-failing.ts";
import { findSlow } from "./find-slow.ts";
import type { Graph } from "./graph.ts";
import type { Share, Suspect } from "./suspect.ts";
import { isFailing, shares, total } from "./suspect.ts";

/** Who is at fault, and what is known of it. */
export interface Culprit extends Suspect {
  /** One way the failure travels: from the outermost caller to the culprit. */
  readonly path: readonly string[];
  /** The instances at fault where others of the same service are well; else empty. */
  readonly instances: readonly Share[];
}

/**
 * Finds who is at fault: services that fail more than their callees explain, callees without Whodunit that
 * fail, connections that break between two services, callers that do not wait, and who became slow. Worst first.
 *
 * @param graph the window in question
 * @param before the time before it, for what used to be
 */
export function findCulprits(graph: Graph, before: Graph): Culprit[] {
  const failing = findFailing(graph);
  // Of a service seen in part its callers saw more of the same; who fails is not accused of being slow as well.
  const broken = others(failing, findBroken(graph, before));
  const slow = others([...failing, ...broken], findSlow(graph, before));
  return [...failing, ...broken, ...slow]
    .map((suspect) => ({ ...suspect, path: pathTo(graph, suspect), instances: badInstances(graph, suspect) }))
    .sort((a, b) => b.failures - a.failures || b.count - a.count);
}

function others(accused: readonly Suspect[], suspects: readonly Suspect[]): Suspect[] {
  const names = new Set(accused.map(({ service }) => service));
  return suspects.filter(({ service }) => !names.has(service));
}

function pathTo(graph: Graph, { service, callers }: Suspect): string[] {
  const path = [service];
  let next = callers[0]?.name;
  while (next !== undefined && !path.includes(next)) {
    path.unshift(next);
    next = shares(graph.get(next)?.inbound ?? [], ({ caller }) => caller)[0]?.name;
  }
  return path;
}

// An instance is as bad as the worst when its share of failures is at least this part of the worst's.
const AS_BAD = 0.2;

function badInstances(graph: Graph, { service, routes }: Suspect): Share[] {
  const names = new Set(routes.map(({ name }) => name));
  const parts = (graph.get(service)?.instances ?? []).map(({ name, inbound }) => {
    return { name, ...total(inbound.filter(({ route }) => names.has(route))) };
  });
  const worst = Math.max(...parts.map(rate));
  const bad = parts.filter((part) => isFailing(part) && rate(part) >= worst * AS_BAD);
  const others = parts.some((part) => part.count > 0 && !bad.includes(part));
  return others ? bad.sort((a, b) => b.failures - a.failures) : [];
}

const rate = ({ count, failures }: Share): number => failures / Math.max(1, count);
