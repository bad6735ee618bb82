import uPlot from "uplot";
import type { Change, TimePoint } from "./answers.ts";
import { byId, h } from "./dom.ts";
import { minuteOfDay, ms, percent, rate } from "./format.ts";
import type { Stretch } from "./place.ts";

/** What the charts show. */
export interface OverTime extends Stretch {
  readonly points: readonly TimePoint[];
  /** Those of the hour, or day, before; null where nobody asked. */
  readonly before: readonly TimePoint[] | null;
  readonly stepMinutes: number;
  readonly changes: readonly Change[];
  readonly stretch: Stretch | null;
}

interface Measure {
  readonly title: string;
  readonly colour: string;
  readonly of: (point: TimePoint, stepMinutes: number) => number | null;
  readonly say: (value: number) => string;
  readonly max?: number;
}

const MEASURES: readonly Measure[] = [
  {
    title: "Requests",
    colour: "--s0",
    of: ({ requests }, stepMinutes) => requests / (stepMinutes * 60),
    say: (value) => (value === 0 ? "0/s" : rate(value)),
  },
  {
    title: "Success",
    colour: "--ok",
    of: ({ requests, failures }) => (requests === 0 ? null : (requests - failures) / requests),
    say: percent,
    max: 1,
  },
  { title: "Latency p95", colour: "--s1", of: ({ p95Ms }) => p95Ms, say: ms },
];

const HEIGHT = 150;
const CLICK_PX = 3;
const GAP_PX = 34;

interface Chart {
  readonly measure: Measure;
  readonly plot: uPlot;
  readonly frame: HTMLElement;
  readonly now: HTMLElement;
}

let charts: readonly Chart[] = [];
let shown: OverTime | null = null;
let drawnAs = "";
let choose: (stretch: Stretch) => void = () => {};

/** Tells when the reader chooses a time, by a click on a step or a drag over some. */
export function onChooseTime(chosen: (stretch: Stretch) => void): void {
  choose = chosen;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => shown !== null && showCharts(shown));
  new ResizeObserver(([entry]) => {
    for (const { plot, frame } of charts)
      if (entry !== undefined) plot.setSize({ width: frame.clientWidth, height: HEIGHT });
  }).observe(byId("charts"));
}

/** Draws rate, success and latency over time. */
export function showCharts(overTime: OverTime): void {
  shown = overTime;
  const { points, before, stepMinutes } = overTime;
  const scheme = getComputedStyle(document.documentElement).getPropertyValue("--text");
  const as = `${scheme} ${before !== null}`;
  if (as !== drawnAs) build(before !== null);
  drawnAs = as;
  const times = points.map(({ atMs }) => atMs / 1_000);
  for (const { measure, plot, frame, now } of charts) {
    const values = points.map((point) => measure.of(point, stepMinutes));
    const earlier =
      before === null ? [] : [points.map((_one, i) => before[i] && measure.of(before[i], stepMinutes))];
    plot.setData([times, values, ...earlier] as uPlot.AlignedData);
    now.textContent = readout(measure, values, plot.cursor.idx ?? null);
    frame.setAttribute("aria-label", spoken(measure, points, values));
  }
}

function build(compared: boolean): void {
  for (const { plot } of charts) plot.destroy();
  const container = byId("charts");
  const made = MEASURES.map((measure) => {
    const now = h("span", { class: "now" });
    const frame = h("div", { class: "plot", role: "img" });
    return {
      measure,
      now,
      frame,
      figure: h("figure", { class: "card" }, h("figcaption", {}, measure.title, now), frame),
    };
  });
  container.replaceChildren(...made.map(({ figure }) => figure));
  charts = made.map(({ measure, now, frame }) => ({
    measure,
    now,
    frame,
    plot: new uPlot(
      optionsOf(measure, compared, frame.clientWidth, now),
      [[], [], ...(compared ? [[]] : [])],
      frame,
    ),
  }));
}

function optionsOf(measure: Measure, compared: boolean, width: number, now: HTMLElement): uPlot.Options {
  const faint = colourOf("--faint");
  const axis = {
    stroke: faint,
    grid: { stroke: colourOf("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  const line = {
    stroke: colourOf(measure.colour),
    width: 1.5,
    fill: `${colourOf(measure.colour)}22`,
    points: { show: true, size: 5, filter: alone },
  };
  return {
    width: Math.max(width, 120),
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false }, sync: { key: "time" }, y: false },
    scales: {
      x: { time: true, range: () => [(shown?.fromMs ?? 0) / 1_000, (shown?.toMs ?? 1) / 1_000] },
      y: { range: (_plot, _min, max) => [0, measure.max ?? (max > 0 ? max * 1.1 : 1)] },
    },
    axes: [
      { ...axis, size: 28, space: 60, values: (_plot, ticks) => ticks.map((at) => minuteOfDay(at * 1_000)) },
      {
        ...axis,
        size: 58,
        space: GAP_PX,
        values: (_plot, ticks) => ticks.map((value) => measure.say(value)),
      },
    ],
    series: [
      {},
      line,
      ...(compared ? [{ stroke: faint, width: 1.5, dash: [4, 4], points: { show: false } }] : []),
    ],
    hooks: {
      drawClear: [drawStretch],
      draw: [drawChanges],
      setCursor: [
        (plot) => {
          now.textContent = readout(measure, plot.data[1] ?? [], plot.cursor.idx ?? null);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected >= CLICK_PX)
            chooseSteps(plot.posToVal(left, "x"), plot.posToVal(left + selected, "x"));
        },
      ],
      ready: [
        (plot) =>
          plot.over.addEventListener("click", () => {
            const at = plot.data[0][plot.cursor.idx ?? -1];
            if (at !== undefined) chooseSteps(at, at);
          }),
      ],
    },
  };
}

/** Chooses whole steps: a click is one of them. */
function chooseSteps(fromS: number, toS: number): void {
  const stepMs = (shown?.stepMinutes ?? 1) * 60_000;
  const first = Math.floor((fromS * 1_000) / stepMs);
  const last = Math.max(first, Math.ceil((toS * 1_000) / stepMs) - 1);
  choose({ fromMs: first * stepMs, toMs: (last + 1) * stepMs });
}

function drawStretch(plot: uPlot): void {
  if (shown === null || shown.stretch === null) return;
  const { left, top, width, height } = plot.bbox;
  const x = (at: number): number =>
    Math.min(left + width, Math.max(left, plot.valToPos(at / 1_000, "x", true)));
  const [from, to] = [x(shown.stretch.fromMs), x(shown.stretch.toMs)];
  plot.ctx.fillStyle = colourOf("--hover");
  plot.ctx.fillRect(from, top, to - from, height);
  plot.ctx.fillStyle = colourOf("--link");
  for (const edge of [from, to]) plot.ctx.fillRect(edge - 1, top, 2, height);
}

function drawChanges(plot: uPlot): void {
  const { left, top, width, height } = plot.bbox;
  plot.ctx.fillStyle = colourOf("--few");
  for (const { atMs } of shown?.changes ?? []) {
    const x = Math.round(plot.valToPos(atMs / 1_000, "x", true));
    if (!(x >= left && x <= left + width)) continue;
    plot.ctx.fillRect(x - 1, top, 2, height);
    plot.ctx.beginPath();
    plot.ctx.moveTo(x - 6, top);
    plot.ctx.lineTo(x + 6, top);
    plot.ctx.lineTo(x, top + 9);
    plot.ctx.fill();
  }
}

/** The points that no line reaches: those beside which there is nothing. */
const alone: uPlot.Series.Points.Filter = (plot, series) => {
  const values = plot.data[series] ?? [];
  const isThere = (i: number): boolean => values[i] !== null && values[i] !== undefined;
  return [...values.keys()].filter((i) => isThere(i) && !isThere(i - 1) && !isThere(i + 1));
};

type Numbers = ArrayLike<number | null | undefined>;

function readout({ say }: Measure, values: Numbers, at: number | null): string {
  const value = at === null ? lastOf(values) : values[at];
  return value === null || value === undefined ? "-" : say(value);
}

function lastOf(values: Numbers): number | null {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** The chart in words: its time, its least, its most and its last. */
function spoken(
  { title, say }: Measure,
  points: readonly TimePoint[],
  values: readonly (number | null)[],
): string {
  const known = values.filter((value) => value !== null);
  const [first, last] = [points[0], points.at(-1)];
  if (known.length === 0 || first === undefined || last === undefined) return `${title}: nothing`;
  const time = `from ${minuteOfDay(first.atMs)} to ${minuteOfDay(last.atMs)}`;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return `${title} ${time}: least ${say(least)}, most ${say(most)}, last ${say(known.at(-1)!)}`;
}

const colourOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
