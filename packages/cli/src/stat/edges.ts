import { peerKey } from "../sources/live/address.ts";
import { type Counted, countedIn, type Figures, figuresOf } from "../sources/live/figures.ts";
import type { Survey } from "../sources/live/survey.ts";
import { type Reached, reachedIn } from "../sources/reached.ts";
import { askSource, type SourceOptions } from "../sources/source.ts";

/** Which edges. */
export interface EdgesOptions extends SourceOptions {}

/** One caller and one callee. */
export interface EdgeRow extends Figures {
  readonly src: string;
  readonly dst: string;
  /** Whose numbers these are: the callee's own where it tells, else the caller's. */
  readonly seenBy: "src" | "dst";
}

/** Who calls whom. */
export interface Edges extends Reached {
  readonly windowS: number;
  readonly rows: readonly EdgeRow[];
}

/** Asks the services at `urls`, and those they call, or a store, who calls whom. */
export async function edges(urls: readonly string[], options: EdgesOptions = {}): Promise<Edges> {
  const windowS = options.windowS ?? 60;
  const { survey } = await askSource(urls, options, "edges");
  return { windowS, rows: edgeRows(survey, windowS), ...reachedIn(survey) };
}

interface Call extends Counted {
  readonly src: string;
  readonly dst: string;
  readonly seenBy: "src" | "dst";
}

function edgeRows({ services, names }: Survey, windowS: number): EdgeRow[] {
  const calls = services.flatMap(({ name, instances }) =>
    instances.flatMap(({ document }) =>
      countedIn(document, windowS).map((counted): Call => {
        const { side, peer } = counted.series;
        if (side === "server") return { src: peer, dst: name, seenBy: "dst", ...counted };
        return { src: name, dst: names.get(peerKey(peer) ?? "") ?? peer, seenBy: "src", ...counted };
      }),
    ),
  );
  const edges = Map.groupBy(calls, ({ src, dst }) => JSON.stringify([src, dst]));
  return [...edges.values()].map(edgeRow).sort(byNames);
}

function edgeRow(calls: readonly Call[]): EdgeRow {
  const { src, dst } = calls[0]!;
  const seenBy = calls.some((call) => call.seenBy === "dst") ? "dst" : "src";
  return { src, dst, seenBy, ...figuresOf(calls.filter((call) => call.seenBy === seenBy)) };
}

function byNames(a: EdgeRow, b: EdgeRow): number {
  const [one, two] = [`${a.src}\0${a.dst}`, `${b.src}\0${b.dst}`];
  return one < two ? -1 : one > two ? 1 : 0;
}
