import { peerKey } from "../sources/live/address.ts";
import type { Counts } from "../sources/live/counts.ts";
import { addUp } from "../sources/live/counts.ts";
import type { ResourceWindow } from "../sources/live/resources.ts";
import type { Survey } from "../sources/live/survey.ts";
import { lifetimeS, type Series, type TrafficDocument } from "../sources/live/traffic-document.ts";

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

/** What one instance of a service saw. */
export interface InstanceCalls {
  /** Its address, and its version where it has one. */
  readonly name: string;
  readonly version: string | null;
  /** When it started, ISO 8601; null where it does not tell. */
  readonly startedAt: string | null;
  /** How long it has been there, in seconds; infinite where it does not tell. */
  readonly lifetimeS: number;
  readonly inbound: readonly Inbound[];
}

/** How long the calls of a service to a callee waited for a socket, where it is known how few it has. */
export interface SocketWait {
  readonly callee: string;
  readonly waitedMs: number;
}

/** One service, its instances as one, and each apart. */
export interface GraphNode {
  readonly name: string;
  readonly inbound: readonly Inbound[];
  readonly outbound: readonly Outbound[];
  /** None in what is remembered. */
  readonly waits: readonly SocketWait[];
  readonly instances: readonly InstanceCalls[];
}

/** How long the longest-lived of a service's instances has been there, in seconds. */
export const oldestS = ({ instances }: GraphNode): number =>
  Math.max(...instances.map(({ lifetimeS }) => lifetimeS));

/** Who calls whom: the services that answered, by name. */
export type Graph = ReadonlyMap<string, GraphNode>;

/** Joins what the services said of one window into one graph. */
export function buildGraph(survey: Survey, windowS: number): Graph {
  return joinSeries(survey, ({ series }) => series.filter((one) => one.windowS === windowS), windowS);
}

/**
 * Joins the series that `pick` takes from what each instance said.
 *
 * @param windowS the window of its resources
 */
export function joinSeries(
  { services, names }: Survey,
  pick: (document: TrafficDocument) => readonly Series[],
  windowS?: number,
): Graph {
  const calleeOf = (peer: string): string => names.get(peerKey(peer) ?? "") ?? peer;
  const nodes = new Map<string, GraphNode>();
  for (const { name, instances } of services) {
    const parts = instances.map(({ address, document }) => ({ address, document, series: pick(document) }));
    const series = parts.flatMap((part) => part.series);
    nodes.set(name, {
      name,
      inbound: inboundOf(series),
      outbound: outboundOf(series, calleeOf),
      waits: parts.flatMap(({ document: { resources } }) =>
        resources.filter((one) => one.windowS === windowS).flatMap((one) => waitsIn(one, calleeOf)),
      ),
      instances: parts.map((part) => ({
        name:
          part.document.version === null ? part.address : `${part.address}, version ${part.document.version}`,
        version: part.document.version,
        startedAt: part.document.startedAt === "" ? null : part.document.startedAt,
        lifetimeS: lifetimeS(part.document),
        inbound: inboundOf(part.series),
      })),
    });
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

function outboundOf(series: readonly Series[], calleeOf: (peer: string) => string): Outbound[] {
  const groups = group(
    series.filter(({ side }) => side === "client"),
    ({ peer, route }) => [calleeOf(peer), route],
  );
  return groups.map(([[callee, route], all]) => ({ callee: callee!, route: route!, counts: addUp(all) }));
}

// Without a known limit it may have been the connecting that took so long, which is the way.
const waitsIn = ({ waits, seconds }: ResourceWindow, calleeOf: (peer: string) => string): SocketWait[] =>
  waits
    .filter(({ kind, size }) => kind === "sockets" && size !== null)
    .map(({ name, waiting }) => ({ callee: calleeOf(name), waitedMs: waiting * seconds * 1_000 }));

function group(
  series: readonly Series[],
  partsOf: (series: Series) => readonly string[],
): [readonly string[], readonly Series[]][] {
  const groups = new Map<string, [readonly string[], Series[]]>();
  for (const one of series) {
    const key = partsOf(one);
    const id = JSON.stringify(key);
    const existing = groups.get(id);
    if (existing === undefined) groups.set(id, [key, [one]]);
    else existing[1].push(one);
  }
  return [...groups.values()];
}
