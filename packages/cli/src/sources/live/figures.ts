import { addUp, successOf } from "./counts.ts";
import { quantile } from "./latency.ts";
import { lifetimeS, type Series, type TrafficDocument } from "./traffic-document.ts";

/** What a table says of requests; null where there were none. */
export interface Figures {
  /** The share that ended well, 0 to 1. */
  readonly success: number | null;
  /** Requests a second. */
  readonly rps: number | null;
  readonly latencyMsP50: number | null;
  readonly latencyMsP95: number | null;
  readonly latencyMsP99: number | null;
}

/** A series, and how many seconds of its window the instance that counted it has been there. */
export interface Counted {
  readonly series: Series;
  readonly seconds: number;
}

/** The series of one window that an instance counted. */
export function countedIn(document: TrafficDocument, windowS: number): Counted[] {
  const seconds = Math.min(windowS, lifetimeS(document));
  return document.series
    .filter((series) => series.windowS === windowS)
    .map((series) => ({ series, seconds }));
}

/** The figures of several series of one window, which may come from several instances. */
export function figuresOf(counted: readonly Counted[]): Figures {
  const counts = addUp(counted.map(({ series }) => series));
  const perSecond = counted.reduce((sum, { series, seconds }) => sum + series.count / seconds, 0);
  return {
    success: successOf(counts),
    rps: counts.count === 0 ? null : perSecond,
    latencyMsP50: quantile(counts.latency, 0.5),
    latencyMsP95: quantile(counts.latency, 0.95),
    latencyMsP99: quantile(counts.latency, 0.99),
  };
}
