import { ageS } from "../services/age.ts";
import { peerKey } from "../sources/live/address.ts";
import { addUp, successOf } from "../sources/live/counts.ts";
import { quantile } from "../sources/live/latency.ts";
import type { Survey } from "../sources/live/survey.ts";
import { type SurveyOptions, survey } from "../sources/live/survey.ts";
import type { Series, WindowS } from "../sources/live/traffic-document.ts";

/** Which edges. */
export interface EdgesOptions extends SurveyOptions {
  /** @default 60 */
  readonly windowS?: WindowS;
}

/** One caller and one callee. */
export interface EdgeRow {
  readonly src: string;
  readonly dst: string;
  /** Whose numbers these are: the callee's own where it tells, else the caller's. */
  readonly seenBy: "src" | "dst";
  /** 0 to 1; null without traffic. */
  readonly success: number | null;
  readonly rps: number | null;
  readonly latencyMsP50: number | null;
  readonly latencyMsP95: number | null;
  readonly latencyMsP99: number | null;
}

/** Who calls whom. */
export interface Edges {
  readonly windowS: WindowS;
  readonly rows: readonly EdgeRow[];
  readonly survey: Survey;
}

/** Asks the services at `urls`, and those they call, who calls whom. */
export async function edges(urls: readonly string[], options: EdgesOptions = {}): Promise<Edges> {
  const windowS = options.windowS ?? 60;
  const asked = await survey(urls, options);
  return { windowS, rows: edgeRows(asked, windowS), survey: asked };
}

interface Seen {
  readonly src: string;
  readonly dst: string;
  readonly seenBy: "src" | "dst";
  readonly series: Series;
  readonly seconds: number;
}

function edgeRows({ services, names }: Survey, windowS: WindowS): EdgeRow[] {
  const seen = services.flatMap(({ name, instances }) =>
    instances.flatMap(({ document }): Seen[] => {
      const seconds = Math.min(windowS, ageS(document));
      return document.series
        .filter((series) => series.windowS === windowS)
        .map((series) =>
          series.side === "server"
            ? { src: series.peer, dst: name, seenBy: "dst", series, seconds }
            : {
                src: name,
                dst: names.get(peerKey(series.peer) ?? "") ?? series.peer,
                seenBy: "src",
                series,
                seconds,
              },
        );
    }),
  );
  const groups = Map.groupBy(seen, ({ src, dst }) => JSON.stringify([src, dst]));
  return [...groups.values()].map(edgeRow).sort(byNames);
}

function edgeRow(all: readonly Seen[]): EdgeRow {
  const { src, dst } = all[0]!;
  const seenBy = all.some((one) => one.seenBy === "dst") ? "dst" : "src";
  const told = all.filter((one) => one.seenBy === seenBy);
  const counts = addUp(told.map(({ series }) => series));
  return {
    src,
    dst,
    seenBy,
    success: successOf(counts),
    rps:
      counts.count === 0 ? null : told.reduce((sum, { series, seconds }) => sum + series.count / seconds, 0),
    latencyMsP50: quantile(counts.latency, 0.5),
    latencyMsP95: quantile(counts.latency, 0.95),
    latencyMsP99: quantile(counts.latency, 0.99),
  };
}

function byNames(a: EdgeRow, b: EdgeRow): number {
  const [one, two] = [`${a.src}\0${a.dst}`, `${b.src}\0${b.dst}`];
  return one < two ? -1 : one > two ? 1 : 0;
}
