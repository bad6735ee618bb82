import { peerKey } from "./address.ts";
import type { Counts } from "./counts.ts";
import { addUp } from "./counts.ts";
import type { Survey } from "./survey.ts";
import type { Series, WindowS } from "./traffic.ts";

/** Requests of one caller on one route of a service, as the service saw them. */
export interface Inbound {
  readonly caller: string;
  readonly route: string;
  readonly counts: Counts;
}

/** Requests of a service to one callee, as the service saw them. */
export interface Outbound {
  /** The callee's name where it is a known service, else the address or the name the span was given. */
  readonly callee: string;
  readonly route: string;
  readonly counts: Counts;
}

/** One service, its instances as one. */
export interface GraphNode {
  readonly name: string;
  readonly inbound: readonly Inbound[];
  readonly outbound: readonly Outbound[];
}

/** Who calls whom: the services that answered, by name. */
export type Graph = ReadonlyMap<string, GraphNode>;

/** Joins what the services said of one window into one graph. */
export function buildGraph({ services, names }: Survey, windowS: WindowS): Graph {
  const nodes = new Map<string, GraphNode>();
  for (const { name, instances } of services) {
    const series = instances.flatMap(({ document }) => document.series).filter((s) => s.windowS === windowS);
    nodes.set(name, { name, inbound: inboundOf(series), outbound: outboundOf(series, names) });
  }
  return nodes;
}

function inboundOf(series: readonly Series[]): Inbound[] {
  const groups = group(
    series.filter(({ side }) => side === "server"),
    ({ peer, route }) => [peer, route],
  );
  return groups.map(([[caller, route], all]) => ({ caller: caller!, route: route!, counts: addUp(all) }));
}

function outboundOf(series: readonly Series[], names: ReadonlyMap<string, string>): Outbound[] {
  const groups = group(
    series.filter(({ side }) => side === "client"),
    ({ peer, route }) => [names.get(peerKey(peer) ?? "") ?? peer, route],
  );
  return groups.map(([[callee, route], all]) => ({ callee: callee!, route: route!, counts: addUp(all) }));
}

function group(
  series: readonly Series[],
  keyOf: (series: Series) => readonly string[],
): [readonly string[], readonly Series[]][] {
  const groups = new Map<string, [readonly string[], Series[]]>();
  for (const one of series) {
    const key = keyOf(one);
    const id = JSON.stringify(key);
    const existing = groups.get(id);
    if (existing === undefined) groups.set(id, [key, [one]]);
    else existing[1].push(one);
  }
  return [...groups.values()];
}
