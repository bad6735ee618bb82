import type { Exemplar, Latency, Series, TrafficDocument } from "../../sources/live/traffic-document.ts";
import { stretchesOf } from "../../sources/prometheus/moments.ts";
import { addUpSeries } from "../../sources/prometheus/processes.ts";
import { edgesOf, less } from "../map/service-map.ts";
import { isOutbound, peerOf } from "../map/span-role.ts";
import type { Counted } from "../map/tally.ts";
import type { TrafficWindow } from "../map/traffic.ts";
import type { Span } from "../span.ts";
import { failingSince, findChanges, findTraffic, type Stretch } from "../store/find-history.ts";
import { firstFailure, getTrace, listTraces } from "../store/find-traces.ts";
import type { Placed } from "../store/segment-folder.ts";
import type { Telemetry } from "../store/telemetry.ts";

/** Which requests. */
export interface TrafficAsked {
  readonly windowS: number;
  /** The moment at which the window ends, in milliseconds since 1970; undefined: now. */
  readonly atMs: number | undefined;
}

const MINUTE_MS = 60_000;
const TEN_MINUTES_S = 600;
const HOUR_S = 3_600;
const DAY_S = 86_400;
// Each is a question or two to the store.
const MAX_EXAMPLES = 20;
const MAX_FIRSTS = 5;
const LOOKED_AT = 5;
// What is counted in slots is of this part of a window at least.
const FULL = 0.9;

const isoTime = (atMs: number): string => new Date(atMs).toISOString();

/**
 * What each service would tell of itself on `GET /debug/traffic`, as its spans tell it. Of a moment past it is told by whole
 * minutes. It has no instances, and knows of no aborted and no refused requests.
 */
export function trafficAnswer(
  { traffic, folder }: Telemetry,
  { windowS, atMs }: TrafficAsked,
): { readonly services: readonly TrafficDocument[] } {
  const segments = folder.newestFirst;
  const isNow = atMs === undefined && (windowS === 60 || windowS === TEN_MINUTES_S);
  const toMs = isNow ? Date.now() : Math.floor((atMs ?? Date.now()) / MINUTE_MS) * MINUTE_MS;
  const { windows, hour, days } = stretchesOf(toMs / 1_000, windowS);
  const inMs = ({ fromS, toS }: { readonly fromS: number; readonly toS: number }): Stretch => ({
    fromMs: fromS * 1_000,
    toMs: toS * 1_000,
  });
  const longestS = Math.max(...windows.keys());
  const examples = new Examples(segments, inMs(windows.get(longestS)!));
  const documents = new Map<string, { series: Series[]; baseline: Series[] }>();
  const add = (to: "series" | "baseline", length: number, window: TrafficWindow): void => {
    for (const [service, own] of seriesOf(window, length)) {
      const document = documents.get(service) ?? { series: [], baseline: [] };
      documents.set(service, document);
      document[to].push(...own);
    }
  };
  let coveredS = Number.POSITIVE_INFINITY;
  for (const [length, stretch] of windows) {
    const window = isNow
      ? traffic.read(length === 60 ? 60 : TEN_MINUTES_S)
      : findTraffic(segments, inMs(stretch));
    if (isNow && length === longestS) coveredS = window.seconds;
    add("series", length, window);
  }
  add("baseline", HOUR_S, findTraffic(segments, inMs(hour)));
  for (const stretch of days) add("baseline", DAY_S, findTraffic(segments, inMs(stretch)));
  const now = isoTime(toMs);
  // Who has received spans for a shorter time knows of no longer.
  const startedAt = coveredS < longestS * FULL ? isoTime(toMs - coveredS * 1_000) : "";
  const changes = Map.groupBy(
    findChanges(segments, inMs(hour)).concat(findChanges(segments, inMs(windows.get(longestS)!))),
    ({ service }) => service,
  );
  return {
    services: [...documents]
      .filter(([, { series }]) => series.length > 0)
      .map(([service, { series, baseline }]) => ({
        ...{ service, instance: "", worker: null, version: null, startedAt, now },
        series: examples.addTo(service, series, documents),
        baseline: [HOUR_S, DAY_S].flatMap((length) =>
          addUpSeries(
            baseline.filter((one) => one.windowS === length),
            length,
          ),
        ),
        changes: (changes.get(service) ?? [])
          .filter(({ kind }) => kind !== "seen")
          .map(({ atMs, kind, what }) => ({ at: isoTime(atMs), kind, what })),
        ...{ attributes: [], resources: [], spans: null },
      })),
  };
}

/** The series of each service in a window. */
function seriesOf({ series }: TrafficWindow, windowS: number): Map<string, Series[]> {
  const own = new Map<string, Series[]>();
  const add = (
    service: string,
    at: Pick<Series, "side" | "peer" | "route">,
    { requests, failures, latency }: Counted,
  ): void => {
    if (requests === 0) return;
    const rest = { aborted: 0, waiting: 0, classes: {}, failingSince: null, exemplar: null };
    const counted = { count: requests, failures: Math.min(failures, requests), latency: sorted(latency) };
    own.set(service, [...(own.get(service) ?? []), { ...at, windowS, ...counted, ...rest }]);
  };
  const callers = Map.groupBy(
    series.filter(({ what }) => what === "asked"),
    ({ service, name }) => JSON.stringify([service, name]),
  );
  for (const route of series.filter(({ what }) => what === "route")) {
    const { service, name } = route;
    const named = callers.get(JSON.stringify([service, name])) ?? [];
    for (const one of named)
      if (one.target !== "") add(service, { side: "server", peer: one.target, route: name }, one);
    add(service, { side: "server", peer: "unknown", route: name }, less(route, named));
  }
  for (const { from, to, ...counted } of edgesOf(series.filter(({ what }) => what !== "passed")))
    add(from, { side: "client", peer: to, route: "*" }, counted);
  return own;
}

const sorted = ({ gamma, bins }: Latency): Latency => ({
  gamma,
  bins: bins.toSorted(([a], [b]) => a - b),
});

/** Tells of series that fail since when they do, and shows a request that failed. */
class Examples {
  readonly #segments: readonly Placed[];
  readonly #stretch: Stretch;
  readonly #since: ReadonlyMap<string, number>;
  readonly #known = new Map<string, Exemplar | null>();
  readonly #firsts = new Map<string, number>();

  constructor(segments: readonly Placed[], stretch: Stretch) {
    this.#segments = segments;
    this.#stretch = stretch;
    this.#since = failingSince(segments, { fromMs: stretch.toMs - HOUR_S * 1_000, toMs: stretch.toMs });
  }

  /** @param known the services that tell of themselves since when they fail */
  addTo(service: string, series: readonly Series[], known: ReadonlyMap<string, unknown>): Series[] {
    return series.map((one) => {
      if (one.failures === 0) return one;
      const { side, peer, route, count, failures } = one;
      const at = side === "server" ? { route } : { peer };
      const exemplar = this.#find(service, at);
      const minuteMs = this.#since.get(JSON.stringify([service, at.route ?? at.peer]));
      const sinceMs =
        minuteMs === undefined || (side === "client" && known.has(peer))
          ? undefined
          : this.#first(service, at, minuteMs);
      const failed = exemplar === null ? "error" : classOf(exemplar.status);
      return {
        ...one,
        exemplar,
        // As the latest of them: which ended how nobody has counted.
        classes: { ok: count - failures, [failed]: failures },
        failingSince: sinceMs === undefined ? null : isoTime(sinceMs),
      };
    });
  }

  #first(service: string, { route }: { readonly route?: string }, minuteMs: number): number {
    const key = JSON.stringify([service, route]);
    if (route === undefined || (!this.#firsts.has(key) && this.#firsts.size >= MAX_FIRSTS)) return minuteMs;
    // Counts are of the minute in which a request ended.
    const stretch = { fromMs: minuteMs - MINUTE_MS, toMs: minuteMs + MINUTE_MS };
    const firstMs =
      this.#firsts.get(key) ?? firstFailure(this.#segments, service, route, stretch) ?? minuteMs;
    this.#firsts.set(key, firstMs);
    return firstMs;
  }

  #find(service: string, at: { readonly route?: string; readonly peer?: string }): Exemplar | null {
    const key = JSON.stringify([service, at]);
    if (!this.#known.has(key))
      this.#known.set(key, this.#known.size < MAX_EXAMPLES ? this.#search(service, at) : null);
    return this.#known.get(key) ?? null;
  }

  #search(
    service: string,
    { route, peer }: { readonly route?: string; readonly peer?: string },
  ): Exemplar | null {
    const traces = listTraces(this.#segments, {
      ...{ service, route, error: true, limit: LOOKED_AT, ...this.#stretch },
      search: route === undefined ? "kind:client" : undefined,
    });
    for (const { traceId } of traces) {
      const spans = getTrace(this.#segments, traceId) ?? [];
      const calleeOf = (span: Span): string =>
        spans.find(({ parentSpanId }) => parentSpanId === span.spanId)?.service ?? peerOf(span);
      const failed = spans.find(
        (span) =>
          span.error &&
          span.service === service &&
          (route === undefined ? isOutbound(span) && calleeOf(span) === peer : span.name === route),
      );
      if (failed !== undefined) return exemplarOf(failed);
    }
    return null;
  }
}

function exemplarOf({ traceId, spanId, startMs, attributes, events }: Span): Exemplar {
  const thrown = events.find(({ name }) => name === "exception")?.attributes["exception.type"];
  const status = attributes["http.response.status_code"] ?? attributes["http.status_code"];
  const type = thrown ?? attributes["error.type"];
  const error = typeof type === "string" && !/^\d+$/.test(type) ? type : undefined;
  return {
    ...{ traceId, spanId, at: isoTime(startMs), failed: true },
    status: typeof status === "number" ? status : (error ?? "error"),
    ...(error === undefined ? {} : { error }),
  };
}

const classOf = (status: number | string): string =>
  typeof status === "number" ? `${Math.floor(status / 100)}xx` : status;
