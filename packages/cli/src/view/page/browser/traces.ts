import type { MapRoute, TraceLine, TracesAnswer } from "./answers.ts";
import { byId, h, keep } from "./dom.ts";
import { count, cut, dated, ms, things } from "./format.ts";
import type { Filter } from "./place.ts";

const SERVICES_SHOWN = 6;

/** Shows the list of traces. */
export function showTraces(
  { traces }: TracesAnswer,
  filtered: boolean,
  linkOf: (traceId: string) => string,
): void {
  const longestMs = Math.max(...traces.map(({ durationMs }) => durationMs), 0.001);
  keep(
    byId("traces"),
    traces,
    ({ traceId }) => traceId,
    (trace) => lineOf(trace, linkOf),
  );
  for (const { traceId, durationMs } of traces) {
    const bar = document.getElementById(`length-${traceId}`);
    if (bar !== null) bar.style.width = `${Math.max(1, (durationMs / longestMs) * 100)}%`;
  }
  const nothing = filtered ? "No trace fits the filter." : "No traces yet.";
  byId("traces-note").textContent =
    traces.length === 0 ? nothing : `${things(traces.length, "trace")}, the latest first`;
}

function lineOf(trace: TraceLine, linkOf: (traceId: string) => string): HTMLTableRowElement {
  const { traceId, root, services, errors, spans, startMs, durationMs } = trace;
  const chips = services
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, SERVICES_SHOWN)
    .map(({ name, errors: failed }) => h("span", { class: failed > 0 ? "chip bad" : "chip" }, cut(name, 24)));
  const more = services.length - chips.length;
  return h(
    "tr",
    { class: errors > 0 ? "failing" : "" },
    h("td", { class: "number time" }, dated(startMs)),
    h(
      "th",
      { scope: "row", class: "wide" },
      h("a", { href: linkOf(traceId) }, `${root.service}  ${root.name}`),
    ),
    h("td", {}, h("span", { class: "chips" }, ...chips, more > 0 ? `+${more}` : null)),
    h("td", { class: "number" }, count(spans)),
    h(
      "td",
      { class: "number failures" },
      errors === 0 ? "" : h("span", { "aria-label": things(errors, "failed span") }, `✗ ${count(errors)}`),
    ),
    h(
      "td",
      { class: "length" },
      h("span", { class: "number" }, ms(durationMs)),
      h("span", { class: "gauge", "aria-hidden": "true" }, h("span", { id: `length-${traceId}` })),
    ),
  );
}

/** Has the filter's fields say what the address says, and offers what there is to choose. */
export function showFilter(filter: Filter, routes: readonly MapRoute[]): void {
  const services = [...new Set(routes.map(({ service }) => service))];
  const own = routes.filter(({ service }) => filter.service === "" || service === filter.service);
  offer(byId("filter-service"), "All services", services, filter.service);
  offer(byId("filter-route"), "All routes", [...new Set(own.map(({ route }) => route))], filter.route);
  byId<HTMLInputElement>("filter-error").checked = filter.error;
  const search = byId<HTMLInputElement>("filter-search");
  if (document.activeElement !== search) search.value = filter.search;
  const minMs = byId<HTMLInputElement>("filter-min");
  if (document.activeElement !== minMs) minMs.value = filter.minMs > 0 ? String(filter.minMs) : "";
  const maxMs = byId<HTMLInputElement>("filter-max");
  if (document.activeElement !== maxMs) maxMs.value = filter.maxMs < Infinity ? String(filter.maxMs) : "";
}

function offer(select: HTMLSelectElement, all: string, names: readonly string[], chosen: string): void {
  const known = names.includes(chosen) || chosen === "" ? names : [...names, chosen];
  keep(
    select,
    ["", ...known.toSorted()],
    (name) => name,
    (name) => h("option", { value: name }, name === "" ? all : cut(name, 80)),
  );
  select.value = chosen;
}

/** Tells when the reader changes the filter. */
export function onFilter(changed: (filter: Filter) => void): void {
  const form = byId<HTMLFormElement>("filter");
  const service = byId<HTMLSelectElement>("filter-service");
  const route = byId<HTMLSelectElement>("filter-route");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    // Another service has other routes.
    if (event.target === service) route.value = "";
    const minMs = byId<HTMLInputElement>("filter-min").valueAsNumber;
    const maxMs = byId<HTMLInputElement>("filter-max").valueAsNumber;
    changed({
      service: service.value,
      route: route.value,
      search: byId<HTMLInputElement>("filter-search").value,
      error: byId<HTMLInputElement>("filter-error").checked,
      minMs: minMs > 0 ? minMs : 0,
      maxMs: maxMs > 0 ? maxMs : Infinity,
    });
  });
}
