import { ageS } from "../services/age.ts";
import { peerKey } from "../sources/live/address.ts";
import { addUp, successOf } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Survey, SurveyOptions } from "../sources/live/survey.ts";
import { survey } from "../sources/live/survey.ts";
import type { Series, WindowS } from "../sources/live/traffic-document.ts";

/** Which requests to count. */
export interface StatOptions extends SurveyOptions {
  /** @default 60 */
  readonly windowS?: WindowS;
  /** Only requests of this caller. */
  readonly from?: string | undefined;
  /** Only requests to this callee, as their callers saw them. */
  readonly to?: string | undefined;
}

/** One row: a route of a service. Null where there was no traffic. */
export interface StatRow {
  readonly name: string;
  readonly route: string | null;
  /** 0 to 1. */
  readonly success: number | null;
  readonly rps: number | null;
  readonly latencyMsP50: number | null;
  readonly latencyMsP95: number | null;
  readonly latencyMsP99: number | null;
}

/** Success, rate and latency per route. */
export interface Stat {
  readonly windowS: WindowS;
  readonly rows: readonly StatRow[];
  readonly survey: Survey;
}

/** Asks the services at `urls` how their routes fare. */
export async function stat(urls: readonly string[], options: StatOptions = {}): Promise<Stat> {
  const windowS = options.windowS ?? 60;
  const asked = await survey(urls, { ...options, discover: false });
  return { windowS, rows: statRows(asked, windowS, options), survey: asked };
}

interface Seen {
  readonly series: Series;
  /** How many seconds of the window the instance has been there. */
  readonly seconds: number;
}

function statRows(asked: Survey, windowS: WindowS, options: StatOptions): StatRow[] {
  const { from, to } = options;
  const wanted = (series: Series): boolean => {
    if (series.windowS !== windowS) return false;
    if (to === undefined) return series.side === "server" && (from === undefined || series.peer === from);
    const callee = asked.names.get(peerKey(series.peer) ?? "") ?? series.peer;
    return series.side === "client" && (callee === to || series.peer === to);
  };
  const services = asked.services.filter(
    ({ name }) => to === undefined || from === undefined || name === from,
  );
  return services.flatMap(({ name, instances }) => {
    const routes = new Map<string, Seen[]>();
    for (const { document } of instances) {
      const seconds = Math.min(windowS, ageS(document));
      for (const series of document.series.filter(wanted)) {
        routes.set(series.route, [...(routes.get(series.route) ?? []), { series, seconds }]);
      }
    }
    if (routes.size === 0) return [statRow(name, null, [])];
    return [...routes].sort(byRoute).map(([route, seen]) => statRow(name, route, seen));
  });
}

const byRoute = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

function statRow(name: string, route: string | null, seen: readonly Seen[]): StatRow {
  const counts = addUp(seen.map(({ series }) => series));
  return {
    name,
    route,
    success: successOf(counts),
    rps:
      counts.count === 0 ? null : seen.reduce((sum, { series, seconds }) => sum + series.count / seconds, 0),
    latencyMsP50: quantile(counts.latency, 0.5),
    latencyMsP95: quantile(counts.latency, 0.95),
    latencyMsP99: quantile(counts.latency, 0.99),
  };
}
