import { peerKey } from "../sources/live/address.ts";
import type { Counts } from "../sources/live/counts.ts";
import { addUp } from "../sources/live/counts.ts";
import type { Survey } from "../sources/live/survey.ts";
import {
  lifetimeS,
  type Series,
  type TrafficDocument,
  type WindowS,
} from "../sources/live/traffic-document.ts";

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

/** What was before the window in question. Only counts, classes and latencies mean anything in it. */
export interface Before {
  /** What the services remember from before the last ten minutes; without those that do not. */
  readonly usual: Graph;
  /** That, and where nobody remembers it the rest of the last ten minutes, which a fault may be older than. */
  readonly normal: Graph;
}

/** Joins what the services said of the time before a window. */
export function buildBefore(survey: Survey, windowS: WindowS): Before {
  return {
    usual: joinSeries(survey, usualOf),
    normal: joinSeries(survey, (document) => {
      const usual = usualOf(document);
      const known = new Set(usual.map(keyOf));
      const earlier = windowS < LONGEST_WINDOW ? earlierOf(document, windowS) : [];
      return [...usual, ...earlier.filter((one) => !known.has(keyOf(one)))];
    }),
  };
}

const LONGEST_WINDOW: WindowS = 600;
// The longest memory first: what is slow since this morning is not yet what is usual.
const MEMORIES = [86_400, 3_600];
// Fewer requests than this are no memory of what is usual.
const MIN_REMEMBERED = 40;

const keyOf = ({ side, peer, route }: Series): string => JSON.stringify([side, peer, route]);

function usualOf({ baseline }: TrafficDocument): Series[] {
  const bySeries = Map.groupBy(
    baseline.filter(({ count }) => count >= MIN_REMEMBERED),
    keyOf,
  );
  return [...bySeries.values()].flatMap((all) => {
    const longest = MEMORIES.map((windowS) => all.find((one) => one.windowS === windowS)).find(
      (one) => one !== undefined,
    );
    return longest ?? [];
  });
}

function earlierOf({ series }: TrafficDocument, windowS: WindowS): Series[] {
  const recent = new Map(series.filter((one) => one.windowS === windowS).map((one) => [keyOf(one), one]));
  return series
    .filter((one) => one.windowS === LONGEST_WINDOW)
    .map((one) => subtract(one, recent.get(keyOf(one))));
}

function subtract(whole: Series, part: Series | undefined): Series {
  if (part === undefined) return whole;
  const taken = new Map(part.latency.bins);
  const bins = whole.latency.bins.flatMap(([index, count]): [number, number][] => {
    const left = count - (taken.get(index) ?? 0);
    return left > 0 ? [[index, left]] : [];
  });
  const classes = Object.fromEntries(
    Object.entries(whole.classes).map(([name, count]) => [
      name,
      Math.max(0, count - (part.classes[name] ?? 0)),
    ]),
  );
  const count = Math.max(0, whole.count - part.count);
  const failures = Math.min(count, Math.max(0, whole.failures - part.failures));
  return { ...whole, count, failures, classes, latency: { ...whole.latency, bins } };
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
