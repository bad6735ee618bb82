import { peerKey } from "../sources/live/address.ts";
import type { Counts } from "../sources/live/counts.ts";
import { addUp } from "../sources/live/counts.ts";
import type { Survey } from "../sources/live/survey.ts";
import type { Series, TrafficDocument, WindowS } from "../sources/live/traffic-document.ts";

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
  readonly inbound: readonly Inbound[];
}

/** One service, its instances as one, and each apart. */
export interface GraphNode {
  readonly name: string;
  readonly inbound: readonly Inbound[];
  readonly outbound: readonly Outbound[];
  readonly instances: readonly InstanceCalls[];
}

/** Who calls whom: the services that answered, by name. */
export type Graph = ReadonlyMap<string, GraphNode>;

/** Joins what the services said of one window into one graph. */
export function buildGraph(survey: Survey, windowS: WindowS): Graph {
  return joinSeries(survey, ({ series }) => series.filter((one) => one.windowS === windowS));
}

/** The same of the ten minutes before that window; only counts and latencies mean anything in it. */
export function buildEarlierGraph(survey: Survey, windowS: WindowS): Graph {
  return joinSeries(survey, ({ series }) => {
    const recent = new Map(series.filter((one) => one.windowS === windowS).map((one) => [keyOf(one), one]));
    return series
      .filter((one) => one.windowS === LONGEST_WINDOW)
      .map((one) => subtract(one, recent.get(keyOf(one))));
  });
}

const LONGEST_WINDOW: WindowS = 600;

const keyOf = ({ side, peer, route }: Series): string => JSON.stringify([side, peer, route]);

function subtract(whole: Series, part: Series | undefined): Series {
  if (part === undefined) return whole;
  const taken = new Map(part.latency.bins);
  const bins = whole.latency.bins.flatMap(([index, count]): [number, number][] => {
    const left = count - (taken.get(index) ?? 0);
    return left > 0 ? [[index, left]] : [];
  });
  const count = Math.max(0, whole.count - part.count);
  const failures = Math.min(count, Math.max(0, whole.failures - part.failures));
  return { ...whole, count, failures, latency: { ...whole.latency, bins } };
}

function joinSeries(
  { services, names }: Survey,
  pick: (document: TrafficDocument) => readonly Series[],
): Graph {
  const nodes = new Map<string, GraphNode>();
  for (const { name, instances } of services) {
    const parts = instances.map(({ address, document }) => ({ address, document, series: pick(document) }));
    const series = parts.flatMap((part) => part.series);
    nodes.set(name, {
      name,
      inbound: inboundOf(series),
      outbound: outboundOf(series, names),
      instances: parts.map((part) => ({
        name:
          part.document.version === null ? part.address : `${part.address}, version ${part.document.version}`,
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

function outboundOf(series: readonly Series[], names: ReadonlyMap<string, string>): Outbound[] {
  const groups = group(
    series.filter(({ side }) => side === "client"),
    ({ peer, route }) => [names.get(peerKey(peer) ?? "") ?? peer, route],
  );
  return groups.map(([[callee, route], all]) => ({ callee: callee!, route: route!, counts: addUp(all) }));
}

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
