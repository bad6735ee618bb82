import { onChooseTime } from "./charts.ts";
import { byId } from "./dom.ts";
import { onLineFilter, showLineFilter } from "./lines.ts";
import { onMetricFilter } from "./metrics.ts";
import { onTimeForm, showStretch } from "./over-time.ts";
import { fragmentOf, NO_FILTER, type Place, readPlace, type Stretch, type View } from "./place.ts";
import { startPoll } from "./poll.ts";
import { showLink } from "./status.ts";
import { onFilter } from "./traces.ts";
import { LINES_STEP, MAX_LINES, showView } from "./views.ts";
import { leaveWaterfall, onFind } from "./waterfall.ts";

let place: Place = readPlace(location.hash);
let paused = false;
let lineLimit = LINES_STEP;

async function refresh(): Promise<boolean> {
  const asked = place;
  try {
    await showView(asked, lineLimit, () => asked === place);
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

const ELEMENTS: Readonly<Record<View, string>> = {
  overview: "overview",
  lines: "lines-view",
  health: "health-view",
  metrics: "metrics-view",
  trace: "trace",
};

function enter(next: Place): void {
  const filterChanged = JSON.stringify(next.filter) !== JSON.stringify(place.filter);
  const before = place.view;
  place = next;
  for (const [view, id] of Object.entries(ELEMENTS)) byId(id).hidden = view !== place.view;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a")) {
    const view = link.dataset.view as View;
    // Another view keeps the chosen time.
    link.href = fragmentOf({ ...readPlace(""), view, stretch: place.stretch });
    if (view === place.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  lineLimit = LINES_STEP;
  byId<HTMLAnchorElement>("back").href = fragmentOf({ ...place, view: "overview", traceId: null });
  for (const choice of document.querySelectorAll<HTMLInputElement>("input[name=window]"))
    choice.checked = Number(choice.value) === place.windowS;
  byId("window").hidden = place.stretch !== null;
  showLineFilter(place.lines, fragmentOf({ ...place, lines: { ...place.lines, around: "" } }));
  showStretch(place.stretch, fragmentOf({ ...place, stretch: null }));
  if (place.view !== "trace") leaveWaterfall();
  // A click on the map asks for traces, which may stand below the fold.
  const isClick = filterChanged && document.activeElement?.closest("#filter") === null;
  if (place.view === "overview" && before === "overview" && isClick)
    byId("traces-heading").scrollIntoView({ block: "start" });
  if (place.view !== before) scrollTo(0, 0);
  poll.now();
}

/** Goes on from the place to another: `push` where Back should lead here again. */
function change(to: Partial<Place>, push = false): void {
  const fragment = fragmentOf({ ...place, ...to });
  if (push) history.pushState(null, "", fragment);
  else history.replaceState(null, "", fragment);
  enter(readPlace(location.hash));
}

const poll = startPoll(refresh);
const chooseTime = (stretch: Stretch): void => change({ stretch }, true);
addEventListener("hashchange", () => enter(readPlace(location.hash)));
addEventListener("popstate", () => enter(readPlace(location.hash)));
onFilter((filter) => change({ filter: { ...NO_FILTER, ...filter } }));
onLineFilter((lines) => change({ lines }));
onMetricFilter((metrics) => change({ metrics }));
onChooseTime(chooseTime);
onTimeForm(chooseTime);
onFind((find) => change({ find }));
byId("beside-open").addEventListener("click", () => change({ beside: !place.beside }));
byId("window").addEventListener("change", (event) =>
  change({ windowS: (event.target as HTMLInputElement).value === "600" ? 600 : 60 }),
);
byId("range").addEventListener("change", (event) =>
  change({ range: (event.target as HTMLInputElement).value === "day" ? "day" : "hour" }),
);
byId("compare").addEventListener("change", (event) =>
  change({ compare: (event.target as HTMLInputElement).checked }),
);
byId("time-details").addEventListener("toggle", () => poll.now());
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
matchMedia("(max-width: 700px)").addEventListener("change", () => poll.now());
enter(place);
