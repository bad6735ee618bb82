import type {
  BesideAnswer,
  Counts,
  HealthAnswer,
  LinesAnswer,
  MapAnswer,
  MetricsAnswer,
  NamesAnswer,
  TracesAnswer,
  WaterfallAnswer,
} from "./answers.ts";
import { ask } from "./ask.ts";
import { showBeside } from "./beside.ts";
import { byId } from "./dom.ts";
import { showHealth } from "./health.ts";
import { showLines, showNames } from "./lines.ts";
import { showMetrics } from "./metrics.ts";
import { askOverTime, showOverTime } from "./over-time.ts";
import {
  type Filter,
  filterQuery,
  fragmentOf,
  NO_FILTER,
  type Place,
  readPlace,
  type Stretch,
  stretchQuery,
  type View,
} from "./place.ts";
import { showEmptyMap, showMap } from "./service-map.ts";
import { showCounts, showVerdict } from "./status.ts";
import { showTables } from "./tables.ts";
import { showTraceLines } from "./trace-lines.ts";
import { showFilter, showTraces } from "./traces.ts";
import { knownSpans, showGone, showWaterfall } from "./waterfall.ts";

const LISTED = 50;
export const LINES_STEP = 200;
export const MAX_LINES = 1_000;
const AROUND = 20;
const DAY_MS = 86_400_000;
const DAY_STEP_MINUTES = 30;
const MINUTE_MS = 60_000;
const MAX_STEPS = 120;
const narrow = matchMedia("(max-width: 700px)");

/** Where links of a place lead. */
interface Links {
  overview(filter: Filter, stretch?: Stretch | null): string;
  trace(traceId: string): string;
  around(id: string): string;
}

const linksOf = (place: Place): Links => ({
  overview: (filter, stretch = place.stretch) =>
    fragmentOf({ ...place, view: "overview", traceId: null, filter, stretch }),
  trace: (traceId) => fragmentOf({ ...place, view: "trace", traceId, find: "", beside: false }),
  around: (id) => fragmentOf({ ...place, view: "lines", lines: { ...place.lines, around: id } }),
});

/**
 * Asks for what a place shows, and shows it.
 *
 * @param isHere whether the reader is still there once the answers have come
 */
export async function showView(place: Place, lineLimit: number, isHere: () => boolean): Promise<void> {
  await SHOW[place.view](place, isHere, lineLimit);
}

const SHOW: Readonly<
  Record<View, (place: Place, isHere: () => boolean, lineLimit: number) => Promise<void>>
> = {
  async overview(place, isHere) {
    const { filter, stretch, windowS } = place;
    const links = linksOf(place);
    const query = new URLSearchParams([
      ...filterQuery(filter),
      ...stretchQuery(stretch),
      ["limit", String(LISTED)],
    ]);
    const window =
      stretch === null ? new URLSearchParams({ windowS: String(windowS) }) : stretchQuery(stretch);
    const [map, traces, overTime] = await Promise.all([
      ask<MapAnswer>(`/api/map?${window}&flow=${narrow.matches ? "down" : "right"}`),
      ask<TracesAnswer>(`/api/traces?${query}`),
      askOverTime(place),
    ]);
    if (!isHere() || map === null || traces === null || overTime === null) return;
    showCounts(map.counts);
    showVerdict(map);
    showOverTime(overTime, place, (chosen) => links.overview(filter, chosen));
    const isEmpty = map.nodes.length === 0;
    if (isEmpty) showEmptyMap(stretch !== null);
    else showMap(map, (service, error) => links.overview({ ...NO_FILTER, service, error }));
    byId("tables").hidden = isEmpty;
    showTables(map, (service, route, error) => links.overview({ ...NO_FILTER, service, route, error }));
    showFilter(filter, map.routes);
    const isFiltered = stretch !== null || filterQuery(filter).size > 0;
    showTraces(traces, isFiltered, links.trace);
  },

  async lines(place, isHere, lineLimit) {
    const { search, attention, around } = place.lines;
    const stretch = stretchQuery(place.stretch);
    const query = new URLSearchParams([["limit", String(lineLimit)], ...stretch]);
    if (search !== "") query.set("search", search);
    if (attention) query.set("level", "error");
    const [counts, lines, names] = await Promise.all([
      ask<Counts>("/api/counts"),
      around === ""
        ? ask<LinesAnswer>(`/api/lines?${query}`)
        : ask<LinesAnswer>(`/api/lines/${encodeURIComponent(around)}/around?each=${AROUND}`),
      ask<NamesAnswer>(`/api/names?${stretch}`),
    ]);
    if (!isHere() || counts === null || names === null) return;
    showCounts(counts);
    showLines(lines ?? { lines: [] }, Math.min(lineLimit, MAX_LINES), around, linksOf(place));
    showNames(names, place.stretch, (name) =>
      fragmentOf({
        ...place,
        lines: { search: `name:${JSON.stringify(name)}`, attention: false, around: "" },
      }),
    );
  },

  async health(place, isHere) {
    const asked = place.stretch ?? { fromMs: Date.now() - DAY_MS, toMs: Date.now() };
    const [counts, health] = await Promise.all([
      ask<Counts>("/api/counts"),
      ask<HealthAnswer>(`/api/health?${stretchQuery(asked)}`),
    ]);
    if (!isHere() || counts === null || health === null) return;
    showCounts(counts);
    const { overview } = linksOf({ ...readPlace(""), stretch: place.stretch });
    showHealth(health, place.stretch, (stretch, service, route) =>
      overview({ ...NO_FILTER, service, route, error: true }, stretch),
    );
  },

  async metrics(place, isHere) {
    const { stretch } = place;
    const asked = stretch ?? { fromMs: Date.now() - DAY_MS / 24, toMs: Date.now() };
    const minutes = (asked.toMs - asked.fromMs) / MINUTE_MS;
    const stepMinutes = minutes <= MAX_STEPS ? 1 : Math.max(DAY_STEP_MINUTES, Math.ceil(minutes / MAX_STEPS));
    const [counts, metrics] = await Promise.all([
      ask<Counts>("/api/counts"),
      ask<MetricsAnswer>(`/api/metrics?${stretchQuery(asked)}&stepMinutes=${stepMinutes}`),
    ]);
    if (!isHere() || counts === null || metrics === null) return;
    showCounts(counts);
    showMetrics(metrics, place.metrics);
  },

  async trace(place, isHere) {
    const { traceId, find, beside } = place;
    if (traceId === null) return;
    const [counts, waterfall, lines, good] = await Promise.all([
      ask<Counts>("/api/counts"),
      ask<WaterfallAnswer>(`/api/traces/${traceId}/waterfall?unless=${knownSpans(traceId)}`),
      ask<LinesAnswer>(`/api/lines?trace=${traceId}&limit=${MAX_LINES}`),
      beside ? ask<BesideAnswer>(`/api/traces/${traceId}/beside`) : null,
    ]);
    if (!isHere() || counts === null) return;
    showCounts(counts);
    showTraceLines(lines?.lines ?? [], linksOf(place));
    showBeside(beside ? (good ?? { good: null, steps: [] }) : null, linksOf(place).trace);
    if (waterfall === null) showGone(traceId);
    else showWaterfall(waterfall, find);
  },
};
