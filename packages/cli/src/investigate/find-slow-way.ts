import { isKeptWaiting } from "./find-broken.ts";
import type { Graph } from "./graph.ts";
import { type Centre, centresOf, type Edge } from "./star.ts";
import type { Suspect } from "./suspect.ts";
import { accuse } from "./suspect.ts";
import type { Way } from "./way.ts";

/**
 * Where requests lose time between a caller and a callee: the caller waits longer than the callee says it took, and
 * longer than before. Callees without Whodunit say nothing, so all of their slowness is found here. Where most ways of
 * one service are slow it is that service; where calls wait for too few sockets, the caller; else the callee at the end.
 *
 * @param all the ways between all services
 * @param slow services that are slow themselves: what they measure of others is not to be trusted
 */
export function findSlowWays(graph: Graph, all: readonly Way[], slow: ReadonlySet<string>): Suspect[] {
  const ways = all.filter(({ caller }) => !slow.has(caller));
  const accusing = ways.filter(({ accuses }) => accuses);
  const edges = ways.map((way) => {
    const agrees = accusing.some(({ caller, callee }) => caller === way.caller || callee === way.callee);
    return { ...way, harm: way.accuses || agrees ? way.extraMs : 0 };
  });
  return centresOf(edges)
    .flatMap((centre) => (centre.edges.every(({ isHeld }) => isHeld) ? callersOf(centre, graph) : [centre]))
    .filter((centre) => centre.edges.some(({ accuses }) => accuses))
    .map((centre) => accuseOf(centre, graph));
}

/** Who has too few sockets, in place of whom their calls wait for. */
const callersOf = ({ edges: all }: Centre<Way & Edge>, graph: Graph): Centre<Way & Edge>[] =>
  [...Map.groupBy(all, ({ caller }) => caller)].flatMap(([service, edges]) =>
    isKeptWaiting(graph, graph.get(service)!, new Set()) ? [] : [{ service, edges, calls: true }],
  );

function accuseOf({ service, edges: ways, calls: outward }: Centre<Way & Edge>, graph: Graph): Suspect {
  const known = graph.has(service);
  const inward = ways.filter(({ callee }) => callee === service);
  const calls = (outward ? ways : inward).flatMap(({ caller, calls: all }) =>
    all.map((call) => ({ ...call, caller })),
  );
  const extraMs = ways.reduce((sum, one) => sum + one.extraMs, 0);
  const [worst] = ways.toSorted((a, b) => b.extraMs - a.extraMs);
  const fault = outward ? "held-up" : known ? "slow-way" : "slow";
  const told = outward ? `its calls wait: ${worst!.told}` : worst!.told;
  const [inner] = graph.get(service)?.inbound.length ? graph.get(service)!.inbound : [];
  const concerned = outward && inner !== undefined ? graph.get(service)!.inbound : calls;
  return {
    ...accuse(service, known, fault, concerned, told),
    extraMs,
    lateMs: outward ? null : worst!.lateMs,
  };
}
