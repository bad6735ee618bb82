import type { MapAnswer, Rates } from "./answers.ts";
import { byId, type Child, h, keep } from "./dom.ts";
import { count, ms, percent, rate } from "./format.ts";

/** Shows the map's calls and the services' routes as tables, the worst first. */
export function showTables(
  { edges, routes }: MapAnswer,
  linkOf: (service: string, route: string, error: boolean) => string,
): void {
  keep(
    byId("calls"),
    edges.map(({ line, at, ...edge }) => edge),
    ({ from, to }) => JSON.stringify([from, to]),
    (edge) => row(edge, [edge.from, edge.to], linkOf(edge.from, "", edge.state === "failing")),
  );
  keep(
    byId("routes"),
    routes,
    ({ service, route }) => JSON.stringify([service, route]),
    (one) => row(one, [one.service, one.route], linkOf(one.service, one.route, one.state === "failing")),
  );
}

function row(rates: Rates, [first, second]: readonly [string, string], href: string): HTMLTableRowElement {
  const failing = rates.failures > 0 ? `✗ ${count(rates.failures)}` : "";
  return h(
    "tr",
    { class: rates.state },
    h("th", { scope: "row" }, h("a", { href }, first)),
    h("td", { class: "wide" }, second),
    cell(percent(rates.success), "success"),
    cell(failing, "failures"),
    cell(rate(rates.perSecond)),
    cell(ms(rates.p95Ms)),
  );
}

const cell = (child: Child, more: string = ""): HTMLTableCellElement =>
  h("td", { class: `number ${more}` }, child);
