import { mergeLatency, quantile } from "../../sources/live/latency.ts";
import type { Rates, State } from "../page/browser/answers.ts";
import type { Counted } from "./tally.ts";
import type { Series, TrafficWindow } from "./traffic.ts";

/** A service, or something that a service calls and that sends no spans. */
export interface ServiceNode extends Rates {
  readonly name: string;
  readonly kind: "service" | "peer";
}

/** The calls of one service to another. */
export interface ServiceEdge extends Rates {
  readonly from: string;
  readonly to: string;
}

/** What one service was asked to do. */
export interface ServiceRoute extends Rates {
  readonly service: string;
  readonly route: string;
}

/** Who calls whom and how that goes; the worst first. */
export interface ServiceMap {
  readonly nodes: readonly ServiceNode[];
  readonly edges: readonly ServiceEdge[];
  readonly routes: readonly ServiceRoute[];
}

/** Draws up the map of a window. */
export function buildServiceMap({ series, seconds }: TrafficWindow): ServiceMap {
  const routes = series.filter(({ what }) => what === "route");
  const edges = [...mergeEdges(edgesOf(series)).values()];
  const services = new Set(
    series.flatMap(({ service, target }) => (target === "" ? [service] : [service, target])),
  );
  const peers = new Set(edges.map(({ to }) => to).filter((name) => !services.has(name)));
  const rate = (parts: readonly Counted[]): Rates => ratesOf(parts, seconds);
  return {
    nodes: [
      ...[...services].map((name) => ({
        name,
        kind: "service" as const,
        ...rate(routes.filter(({ service }) => service === name)),
      })),
      ...[...peers].map((name) => ({
        name,
        kind: "peer" as const,
        ...rate(edges.filter(({ to }) => to === name)),
      })),
    ].sort((a, b) => worstFirst(a, b) || order(a.name, b.name)),
    edges: edges
      .map(({ from, to, ...counted }) => ({ from, to, ...rate([counted]) }))
      .sort((a, b) => worstFirst(a, b) || order(a.from, b.from) || order(a.to, b.to)),
    routes: routes
      .map(({ service, name, ...counted }) => ({ service, route: name, ...rate([counted]) }))
      .sort((a, b) => worstFirst(a, b) || order(a.service, b.service) || order(a.route, b.route)),
  };
}

/** The calls of one service to another, or to an address that no service is known at. */
export interface Edge extends Counted {
  readonly from: string;
  readonly to: string;
}

/**
 * The calls with where they went. A call whose callee was never seen went where others of the same caller to
 * the same address went (refused, cut, or its span still on the way), else to the address itself.
 */
export function edgesOf(series: readonly Series[]): Edge[] {
  const key = ({ service, name }: Series): string => JSON.stringify([service, name]);
  const reached = Map.groupBy(
    series.filter(({ what }) => what === "reached"),
    key,
  );
  return series.flatMap((one): Edge[] => {
    if (one.what === "passed") return [edge(one, one.target, one)];
    if (one.what !== "call") return [];
    const targets = (reached.get(key(one)) ?? []).toSorted((a, b) => b.requests - a.requests);
    if (targets.length === 0) return [edge(one, one.name, one)];
    const [most, ...others] = targets as [Series, ...Series[]];
    return [
      edge(one, most.target, less(one, others)),
      ...others.map((other) => edge(other, other.target, other)),
    ];
  });
}

const edge = ({ service }: Series, to: string, { requests, failures, latency }: Counted): Edge => ({
  from: service,
  to,
  requests,
  failures,
  latency,
});

/** What is left of requests without those of others. */
export function less(all: Counted, others: readonly Counted[]): Counted {
  const bins = new Map(all.latency.bins);
  for (const other of others)
    for (const [bin, times] of other.latency.bins) bins.set(bin, (bins.get(bin) ?? 0) - times);
  const rest = (of: (counted: Counted) => number): number =>
    Math.max(
      0,
      others.reduce((sum, other) => sum - of(other), of(all)),
    );
  return {
    requests: rest(({ requests }) => requests),
    failures: rest(({ failures }) => failures),
    latency: { gamma: all.latency.gamma, bins: [...bins].filter(([, times]) => times > 0) },
  };
}

function mergeEdges(edges: readonly Edge[]): Map<string, Edge> {
  const merged = new Map<string, Edge>();
  for (const one of edges) {
    const key = JSON.stringify([one.from, one.to]);
    const before = merged.get(key);
    merged.set(key, before === undefined ? one : { from: one.from, to: one.to, ...add([before, one]) });
  }
  return merged;
}

const add = (parts: readonly Counted[]): Counted => ({
  requests: parts.reduce((sum, { requests }) => sum + requests, 0),
  failures: parts.reduce((sum, { failures }) => sum + failures, 0),
  latency: mergeLatency(parts.map(({ latency }) => latency)),
});

function ratesOf(parts: readonly Counted[], seconds: number): Rates {
  const { requests, failures, latency } = add(parts);
  return {
    requests,
    failures,
    perSecond: requests / seconds,
    success: requests === 0 ? null : (requests - failures) / requests,
    p95Ms: quantile(latency, 0.95),
    state: stateOf(requests, failures),
  };
}

const MIN_FAILURES = 3;
const MIN_SHARE = 0.01;

/** Below three failures, or one request in a hundred, nothing is called failing: as in `investigate`. */
export function stateOf(requests: number, failures: number): State {
  if (requests === 0) return "idle";
  if (failures >= MIN_FAILURES && failures >= requests * MIN_SHARE) return "failing";
  return failures > 0 ? "few" : "ok";
}

const SEVERITY: Readonly<Record<State, number>> = { failing: 0, few: 1, ok: 2, idle: 3 };
const worstFirst = (a: Rates, b: Rates): number =>
  SEVERITY[a.state] - SEVERITY[b.state] || b.failures - a.failures || b.requests - a.requests;
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
