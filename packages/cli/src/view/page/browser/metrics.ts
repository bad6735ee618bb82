import type { FoundMetric, MetricsAnswer } from "./answers.ts";
import { byId, h, keep, svg } from "./dom.ts";
import { count, cut, mebibytes, ms, things } from "./format.ts";
import type { MetricFilter } from "./place.ts";

const SPARK = { width: 180, height: 30 };
const ROWS_SHOWN = 200;

/** Shows metrics by service, each with its course. */
export function showMetrics({ metrics }: MetricsAnswer, filter: MetricFilter): void {
  const sought = filter.find.toLowerCase();
  const found = metrics.filter(
    (metric) =>
      (filter.service === "" || metric.service === filter.service) &&
      `${metric.name} ${attributesText(metric)}`.toLowerCase().includes(sought),
  );
  keep(
    byId("metrics"),
    found.slice(0, ROWS_SHOWN),
    ({ service, name, unit, kind, series }) => JSON.stringify([service, name, unit, kind, series]),
    drawMetric,
  );
  const left = found.length - ROWS_SHOWN;
  byId("metrics-note").textContent =
    metrics.length === 0
      ? "No metric in this time. They come by OTLP: POST /v1/metrics."
      : `${things(found.length, "series", "series")}${left > 0 ? `, ${count(ROWS_SHOWN)} of them shown: find what you look for` : ""}`;
  showFilter(filter, [...new Set(metrics.map(({ service }) => service))]);
}

function drawMetric(metric: FoundMetric): HTMLTableRowElement {
  const latest = metric.values.findLast((value) => value !== null) ?? null;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, cut(metric.service, 32)),
    h("td", { class: "wide" }, cut(metric.name, 100), h("small", {}, ` ${cut(attributesText(metric), 160)}`)),
    h("td", { class: "number" }, latest === null ? "-" : measured(latest, metric)),
    h("td", {}, drawSpark(metric)),
  );
}

function drawSpark(metric: FoundMetric): SVGElement {
  const known = metric.values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const flat = most === least;
  const y = (value: number): number =>
    flat ? SPARK.height / 2 : 3 + (1 - (value - least) / (most - least)) * (SPARK.height - 6);
  const x = (i: number): number => 3 + (i / Math.max(1, metric.values.length - 1)) * (SPARK.width - 6);
  const places = metric.values.flatMap((value, i) => (value === null ? [] : [[x(i), y(value)] as const]));
  const last = places.at(-1)!;
  return svg(
    "svg",
    {
      class: "spark",
      role: "img",
      "aria-label": `least ${measured(least, metric)}, most ${measured(most, metric)}, last ${measured(known.at(-1)!, metric)}`,
      viewBox: `0 0 ${SPARK.width} ${SPARK.height}`,
      ...SPARK,
    },
    svg("polyline", {
      points: places.map(([at, height]) => `${at.toFixed(1)},${height.toFixed(1)}`).join(" "),
    }),
    svg("circle", { cx: last[0].toFixed(1), cy: last[1].toFixed(1), r: 2.5 }),
  );
}

function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000_000 || (size > 0 && size < 0.001)) return value.toExponential(2);
  return value.toLocaleString("en-GB", { maximumFractionDigits: size >= 100 ? 0 : 3 });
}

/** A value with its unit; bytes and seconds as people read them. */
function measured(value: number, metric: FoundMetric): string {
  const each = metric.kind === "sum" ? "/min" : "";
  if (metric.unit === "By") return `${mebibytes(value)}${each}`;
  if (metric.unit === "s" || metric.unit === "ms")
    return `${ms(metric.unit === "s" ? value * 1_000 : value)}${each}`;
  return `${figure(value)} ${unitOf(metric)}`;
}

const unitOf = ({ kind, unit }: FoundMetric): string =>
  `${unit === "1" ? "" : cut(unit, 24)}${kind === "sum" ? "/min" : ""}`;

const attributesText = ({ series }: FoundMetric): string =>
  Object.entries(series)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");

function showFilter({ service, find }: MetricFilter, services: readonly string[]): void {
  const select = byId<HTMLSelectElement>("metrics-service");
  const known = services.includes(service) || service === "" ? services : [...services, service];
  keep(
    select,
    ["", ...known.toSorted()],
    (name) => name,
    (name) => h("option", { value: name }, name === "" ? "All services" : cut(name, 80)),
  );
  select.value = service;
  const field = byId<HTMLInputElement>("metrics-find");
  if (document.activeElement !== field) field.value = find;
}

/** Tells when the reader looks for others. */
export function onMetricFilter(changed: (filter: MetricFilter) => void): void {
  const form = byId<HTMLFormElement>("metrics-filter");
  const tell = (): void =>
    changed({
      service: byId<HTMLSelectElement>("metrics-service").value,
      find: byId<HTMLInputElement>("metrics-find").value,
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell();
  });
  form.addEventListener("input", tell);
}
