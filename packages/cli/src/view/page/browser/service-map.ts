import type { MapAnswer, MapNode } from "./answers.ts";
import { byId, h, keep, svg } from "./dom.ts";
import { cut, things } from "./format.ts";
import { drawCall } from "./map-call.ts";
import { shortLatency, shortRates, spokenRates } from "./rates.ts";

const STATES = ["ok", "few", "failing", "idle"] as const;
const NAME_LENGTH = 22;
const MIN_SCALE = 0.7;

let drawing: {
  readonly root: SVGSVGElement;
  readonly lines: SVGGElement;
  readonly boxes: SVGGElement;
} | null = null;

/** Where a click on a part of the map leads. */
export type LinkOf = (service: string, error: boolean) => string;

/** Draws the service map. Each service and each call is a link to its traces. */
export function showMap(map: MapAnswer, linkOf: LinkOf): void {
  drawing ??= createDrawing();
  const { root, lines, boxes } = drawing;
  root.setAttribute("viewBox", `0 0 ${map.width} ${map.height}`);
  root.dataset.flow = map.flow;
  root.style.maxWidth = `${map.width}px`;
  // Below this the numbers cannot be read any more: the map is scrolled instead.
  root.style.minWidth = `${Math.round(map.width * MIN_SCALE)}px`;
  keep(
    lines,
    map.edges.filter(({ at }) => at !== null),
    ({ from, to }) => JSON.stringify([from, to]),
    (edge) => drawCall(edge, map.flow, linkOf(edge.from, edge.state === "failing")),
  );
  keep(
    boxes,
    map.nodes.filter(({ at }) => at !== null),
    ({ name }) => name,
    (node) => drawNode(node, map.box, linkOf),
  );
  byId("map-note").textContent = [
    map.notDrawn > 0 ? `In the table only: ${things(map.notDrawn, "more call")}.` : "",
    map.notCounted > 0
      ? `Not counted, for there are too many routes and callees: ${things(map.notCounted, "span")}.`
      : "",
  ].join(" ");
}

function createDrawing(): { root: SVGSVGElement; lines: SVGGElement; boxes: SVGGElement } {
  const heads = STATES.map((state) =>
    svg(
      "marker",
      {
        id: `head-${state}`,
        class: state,
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 9,
        markerHeight: 9,
        markerUnits: "userSpaceOnUse",
        orient: "auto",
      },
      svg("path", { d: "M0 0 8 4 0 8Z" }),
    ),
  );
  const lines = svg("g");
  const boxes = svg("g");
  const root = svg(
    "svg",
    { class: "map", role: "group", "aria-label": "Service map; the calls are in the table below" },
    svg("defs", {}, ...heads),
    lines,
    boxes,
  );
  byId("map").replaceChildren(root);
  return { root, lines, boxes };
}

function drawNode(node: MapNode, box: MapAnswer["box"], linkOf: LinkOf): SVGElement {
  const { x, y } = node.at!;
  const left = x - box.width / 2;
  const top = y - box.height / 2;
  const shown = cut(node.name, NAME_LENGTH);
  const more = [node.kind === "peer" ? "sends no spans" : "", shown === node.name ? "" : node.name].filter(
    Boolean,
  );
  return svg(
    "a",
    {
      class: `node ${node.state} ${node.kind}${node.blamed ? " blamed" : ""}`,
      href: linkOf(node.kind === "peer" ? "" : node.name, node.state === "failing"),
      "aria-label": [`${shown} ${spokenRates(node)}${node.blamed ? " at fault" : ""}`, ...more].join(", "),
    },
    shown === node.name ? null : svg("title", {}, node.name),
    svg("rect", { x: left, y: top, width: box.width, height: box.height, rx: 8 }),
    svg("text", { class: "name", x: left + 12, y: top + 26 }, shown),
    " ",
    svg("text", { class: "rates", x: left + 12, y: top + 47 }, shortRates(node)),
    " ",
    svg("text", { class: "rates end", x: left + box.width - 12, y: top + 47 }, shortLatency(node)),
    " ",
    node.blamed ? drawFault(left + box.width - 12, top) : null,
  );
}

/** The badge of who is at fault, on the upper edge of its box. */
const drawFault = (right: number, top: number): SVGElement =>
  svg(
    "g",
    { class: "fault" },
    svg("rect", { x: right - 70, y: top - 9, width: 70, height: 18, rx: 9 }),
    svg("text", { class: "middle", x: right - 35, y: top + 4 }, "AT FAULT"),
  );

/** Shows what to do while nothing has come, or that nothing came in the time that was chosen. */
export function showEmptyMap(isChosen: boolean): void {
  drawing = null;
  byId("map-note").textContent = "";
  if (isChosen) {
    byId("map").replaceChildren(h("div", { class: "empty" }, h("p", {}, "No spans in this time.")));
    return;
  }
  byId("map").replaceChildren(
    h(
      "div",
      { class: "empty" },
      h("p", {}, h("strong", {}, "No spans yet."), " Start a service with this in its environment:"),
      h("pre", {}, `OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin}`),
      h(
        "p",
        {},
        "OTLP over HTTP, as protobuf or JSON. Exporters send every five seconds unless told otherwise.",
      ),
    ),
  );
}
