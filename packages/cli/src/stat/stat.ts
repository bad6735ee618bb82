import { peerKey } from "../sources/live/address.ts";
import { type Counted, countedIn, type Figures, figuresOf } from "../sources/live/figures.ts";
import type { Survey } from "../sources/live/survey.ts";
import type { Series } from "../sources/live/traffic-document.ts";
import { type Reached, reachedIn } from "../sources/reached.ts";
import { askSource, type SourceOptions } from "../sources/source.ts";

/** Which requests to count. */
export interface StatOptions extends SourceOptions {
  /** Only requests of this caller. */
  readonly from?: string | undefined;
  /** Only requests to this callee, as their callers saw them. */
  readonly to?: string | undefined;
}

/** One row: a route of a service; null where the service had no traffic. */
export interface StatRow extends Figures {
  readonly name: string;
  readonly route: string | null;
}

/** Success, rate and latency per route. */
export interface Stat extends Reached {
  readonly windowS: number;
  readonly rows: readonly StatRow[];
}

/** Asks the services at `urls`, or a store, how routes fare. */
export async function stat(urls: readonly string[], options: StatOptions = {}): Promise<Stat> {
  const windowS = options.windowS ?? 60;
  const { survey } = await askSource(
    urls,
    { ...options, discover: false },
    options.to === undefined ? "stat" : "calls",
  );
  return { windowS, rows: statRows(survey, windowS, options), ...reachedIn(survey) };
}

function statRows(asked: Survey, windowS: number, options: StatOptions): StatRow[] {
  const { from, to } = options;
  const wanted = (series: Series): boolean => {
    if (to === undefined) return series.side === "server" && (from === undefined || series.peer === from);
    const callee = asked.names.get(peerKey(series.peer) ?? "") ?? series.peer;
    return series.side === "client" && (callee === to || series.peer === to);
  };
  const services = asked.services.filter(
    ({ name }) => to === undefined || from === undefined || name === from,
  );
  return services.flatMap(({ name, instances }) => {
    const counted = instances.flatMap(({ document }) => countedIn(document, windowS));
    const routes = Map.groupBy(
      counted.filter(({ series }) => wanted(series)),
      ({ series }) => series.route,
    );
    if (routes.size === 0) return [statRow(name, null, [])];
    return [...routes].sort(byRoute).map(([route, own]) => statRow(name, route, own));
  });
}

const byRoute = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

const statRow = (name: string, route: string | null, counted: readonly Counted[]): StatRow => ({
  name,
  route,
  ...figuresOf(counted),
});
