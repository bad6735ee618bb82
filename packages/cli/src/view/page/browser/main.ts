import type {
  Counts,
  LinesAnswer,
  MapAnswer,
  NamesAnswer,
  TracesAnswer,
  WaterfallAnswer,
} from "./answers.ts";
import { byId } from "./dom.ts";
import { onLineFilter, showLineFilter, showLines, showNames } from "./lines.ts";
import {
  type Filter,
  filterQuery,
  fragmentOf,
  linesFragmentOf,
  NO_FILTER,
  type Place,
  readPlace,
} from "./place.ts";
import { startPoll } from "./poll.ts";
import { showEmptyMap, showMap } from "./service-map.ts";
import { showCounts, showLink, showVerdict } from "./status.ts";
import { showTables } from "./tables.ts";
import { showTraceLines } from "./trace-lines.ts";
import { onFilter, showFilter, showTraces } from "./traces.ts";
import { leaveWaterfall, showGone, showWaterfall } from "./waterfall.ts";

const LISTED = 50;
const TIMEOUT_MS = 10_000;
const LINES_STEP = 200;
const MAX_LINES = 1_000;

let place: Place = readPlace(location.hash);
let paused = false;
let lineLimit = LINES_STEP;

async function ask<T>(path: string): Promise<T | null> {
  const answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`The receiver answered ${answer.status}`);
  return answer.json() as Promise<T>;
}

async function refresh(): Promise<boolean> {
  try {
    if (place.traceId !== null) await showTrace(place, place.traceId);
    else await (place.view === "lines" ? showLinesView(place) : showOverview(place));
    showLink(paused ? "paused" : "live");
    return true;
  } catch (error) {
    showLink(
      "lost",
      `No answer from the receiver: what stands here is old. ${error instanceof Error ? error.message : ""}`,
    );
    return false;
  }
}

async function showOverview(asked: Place): Promise<void> {
  const query = filterQuery(asked.filter);
  query.set("limit", String(LISTED));
  const [map, traces] = await Promise.all([
    ask<MapAnswer>(`/api/map?windowS=${asked.windowS}`),
    ask<TracesAnswer>(`/api/traces?${query}`),
  ]);
  if (asked !== place || map === null || traces === null) return;
  showCounts(map.counts);
  showVerdict(map);
  if (map.nodes.length === 0) showEmptyMap();
  else showMap(map, (service, error) => overviewOf({ ...NO_FILTER, service, error }));
  byId("tables").hidden = map.nodes.length === 0;
  showTables(map, (service, route, error) => overviewOf({ ...NO_FILTER, service, route, error }));
  showFilter(asked.filter, map.routes);
  const filtered = fragmentOf({ ...asked, windowS: 60 }) !== "#/";
  showTraces(traces, filtered, traceOf);
}

const overviewOf = (filter: Filter): string =>
  fragmentOf({ ...place, view: "overview", traceId: null, filter });
const traceOf = (traceId: string): string => fragmentOf({ ...place, view: "trace", traceId });

async function showLinesView(asked: Place): Promise<void> {
  const query = new URLSearchParams({ limit: String(lineLimit) });
  if (asked.lines.search !== "") query.set("search", asked.lines.search);
  if (asked.lines.attention) query.set("level", "error");
  const [counts, lines, names] = await Promise.all([
    ask<Counts>("/api/counts"),
    ask<LinesAnswer>(`/api/lines?${query}`),
    ask<NamesAnswer>("/api/names"),
  ]);
  if (asked !== place || counts === null || lines === null || names === null) return;
  showCounts(counts);
  showLineFilter(asked.lines);
  showLines(lines, Math.min(lineLimit, MAX_LINES), traceOf);
  showNames(names, (name) => linesFragmentOf({ search: `name:${JSON.stringify(name)}`, attention: false }));
}

async function showTrace(asked: Place, traceId: string): Promise<void> {
  const [counts, waterfall, lines] = await Promise.all([
    ask<Counts>("/api/counts"),
    ask<WaterfallAnswer>(`/api/traces/${traceId}/waterfall`),
    ask<LinesAnswer>(`/api/lines?trace=${traceId}&limit=${MAX_LINES}`),
  ]);
  if (asked !== place || counts === null) return;
  showCounts(counts);
  showTraceLines(lines?.lines ?? [], traceOf);
  if (waterfall === null) showGone(traceId);
  else showWaterfall(waterfall);
}

function enter(next: Place): void {
  const filterChanged = JSON.stringify(next.filter) !== JSON.stringify(place.filter);
  const fromTrace = place.traceId !== null;
  place = next;
  const inTrace = place.traceId !== null;
  const inLines = !inTrace && place.view === "lines";
  byId("overview").hidden = inTrace || inLines;
  byId("lines-view").hidden = !inLines;
  lineLimit = LINES_STEP;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a")) {
    const isHere = link.getAttribute("href") === (inLines ? "#/lines" : "#/");
    if (isHere && !inTrace) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("trace").hidden = !inTrace;
  byId<HTMLAnchorElement>("back").href = fragmentOf({ ...place, view: "overview", traceId: null });
  for (const choice of document.querySelectorAll<HTMLInputElement>("input[name=window]"))
    choice.checked = Number(choice.value) === place.windowS;
  if (!inTrace) leaveWaterfall();
  // A click on the map asks for traces, which may stand below the fold.
  if (!inTrace && !fromTrace && filterChanged && document.activeElement?.closest("#filter") === null)
    byId("traces-heading").scrollIntoView({ block: "start" });
  if (inTrace) scrollTo(0, 0);
  poll.now();
}

const poll = startPoll(refresh);
addEventListener("hashchange", () => enter(readPlace(location.hash)));
onFilter((filter) => history.replaceState(null, "", overviewOf(filter)));
byId("filter").addEventListener("change", () => enter(readPlace(location.hash)));
byId("window").addEventListener("change", (event) => {
  const windowS = (event.target as HTMLInputElement).value === "600" ? 600 : 60;
  history.replaceState(null, "", fragmentOf({ ...place, windowS }));
  enter(readPlace(location.hash));
});
onLineFilter((lines) => {
  history.replaceState(null, "", linesFragmentOf(lines));
  enter(readPlace(location.hash));
});
byId("older").addEventListener("click", () => {
  lineLimit = Math.min(MAX_LINES, lineLimit + LINES_STEP);
  poll.now();
});
byId("pause").addEventListener("click", (event) => {
  paused = !paused;
  (event.currentTarget as HTMLElement).setAttribute("aria-pressed", String(paused));
  showLink(paused ? "paused" : "live");
  poll.pause(paused);
});
enter(place);
