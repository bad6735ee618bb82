import type { Counts } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Before } from "./before.ts";
import type { ChangeEvidence } from "./changes.ts";
import type { Graph } from "./graph.ts";
import { isFailing, type Share, type Suspect, shares } from "./suspect.ts";
import { usualOf, usualOfCalls } from "./usual.ts";

/** Where a claim can be looked up: a series of `/debug/traffic`, a trace, or a change told there. */
export type Source =
  | {
      readonly kind: "series";
      /** The service that counted it. */
      readonly service: string;
      readonly side: "server" | "client";
      readonly peer: string;
      readonly route: string;
      readonly windowS: number;
    }
  | {
      /** What these routes' failed requests were described by, in the service's `attributes`. */
      readonly kind: "attributes";
      readonly service: string;
      readonly routes: readonly string[];
      readonly windowS: number;
    }
  | {
      /** What an instance's process had and needed, in its `resources`. */
      readonly kind: "resources";
      readonly service: string;
      /** Its address. */
      readonly instance: string;
      readonly windowS: number;
    }
  | { readonly kind: "trace"; readonly traceId: string }
  | { readonly kind: "change"; readonly instance: string; readonly at: string };

/** One claim of a verdict, and what it stands on. */
export interface Evidence {
  /** In words: `33 of 100 requests fail, 0 are usual`. */
  readonly claim: string;
  readonly source: Source;
}

/** How sure a verdict is: `high` where it is far above what accuses and the past is remembered, or callers agree. */
export type Confidence = "high" | "medium" | "low";

const MAX_EVIDENCE = 12;

/** What the accusation stands on: the culprit's own series, those of its callers, traces, and changes. */
export function evidenceFor(
  graph: Graph,
  before: Before,
  windowS: number,
  suspect: Suspect & { readonly changes: readonly ChangeEvidence[] },
): Evidence[] {
  const { service, routes, traceIds, changes } = suspect;
  const names = new Set(routes.map(({ name }) => name));
  const own = (graph.get(service)?.inbound ?? [])
    .filter(({ route }) => names.has(route))
    .map((call): Evidence => {
      const claim = claimOf(call.counts, usualOf([call], before.usual.get(service)).failures);
      const at = { service, side: "server", peer: call.caller, route: call.route, windowS } as const;
      return { claim, source: { kind: "series", ...at } };
    });
  const theirs = [...graph.values()].flatMap(({ name, outbound }) =>
    outbound
      .filter(({ callee }) => callee === service)
      .map((call): Evidence => {
        const claim = claimOf(call.counts, usualOfCalls([call], before.usual.get(name)).failures);
        const at = { service: name, side: "client", peer: service, route: call.route, windowS } as const;
        return { claim, source: { kind: "series", ...at } };
      }),
  );
  const traces = traceIds.slice(0, 3).map((traceId): Evidence => {
    return { claim: "a request that failed", source: { kind: "trace", traceId } };
  });
  const changed = changes.map(({ what, instance, at }): Evidence => {
    return { claim: what, source: { kind: "change", instance, at } };
  });
  const series = [...own, ...theirs].slice(0, MAX_EVIDENCE - traces.length - changed.length);
  return [...series, ...traces, ...changed];
}

function claimOf(counts: Counts, usual: number): string {
  const { count, failures, latency } = counts;
  const refused = counts.classes["4xx"] ?? 0;
  const median = quantile(latency, 0.5);
  return [
    `${failures} of ${count} requests fail, ${Math.round(usual)} are usual`,
    ...(refused > 0 ? [`${refused} are answered 4xx`] : []),
    ...(median === null ? [] : [`the median is ${Math.round(median)} ms`]),
  ].join("; ");
}

const FAR = 2;
const MANY = 30;

/** How sure the accusation is. */
export function confidenceIn(graph: Graph, before: Before, suspect: Suspect): Confidence {
  const { service, known, count, failures } = suspect;
  if (count < MANY) return "low";
  const remembers = before.usual.has(service) && (before.usual.get(service)?.inbound.length ?? 0) > 0;
  const callersAgree = [...graph.values()].some(({ outbound }) =>
    outbound.some(({ callee, counts }) => callee === service && isFailing(counts)),
  );
  const isFar = failures === 0 || isFailing({ count, failures: failures / FAR });
  return isFar && known && (remembers || callersAgree) ? "high" : "medium";
}

/** The routes of entry services, which somebody outside calls, that suffer: how many of their requests fail. */
export function blastRadius(graph: Graph): Share[] {
  const entries = [...graph.values()].flatMap(({ name, inbound }) =>
    inbound
      .filter(({ caller }) => !graph.has(caller))
      .map((call) => ({ ...call, route: `${name} ${call.route}` })),
  );
  return shares(entries, ({ route }) => route).filter((share) => isFailing(share));
}
