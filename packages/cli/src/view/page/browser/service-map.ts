import type { MapAnswer, MapEdge, MapNode, Point, Rates } from "./answers.ts";
import { byId, h, keep, svg } from "./dom.ts";
import { cut, ms, percent, rate } from "./format.ts";

const STATES = ["ok", "few", "failing", "idle"] as const;
// Half the width of a label.
const LEVEL = 48;
const NAME_LENGTH = { alone: 25, besideFault: 15 };

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
  root.style.maxWidth = `${map.width}px`;
  // Below this the numbers cannot be read any more: the map is scrolled instead.
  root.style.minWidth = `${Math.round(map.width * 0.7)}px`;
  keep(
    lines,
    map.edges.filter(({ at }) => at !== null),
    ({ from, to }) => JSON.stringify([from, to]),
    (edge) => drawEdge(edge, linkOf),
  );
  keep(
    boxes,
    map.nodes.filter(({ at }) => at !== null),
    ({ name }) => name,
    (node) => drawNode(node, map.box, linkOf),
  );
  byId("map-note").textContent = [
    map.notDrawn > 0 ? `${map.notDrawn} more calls are in the table only.` : "",
    map.notCounted > 0 ? `${map.notCounted} spans were of too many routes and callees to be counted.` : "",
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

const spoken = ({ state, perSecond, success, p95Ms }: Rates): string =>
  state === "idle"
    ? "no requests"
    : `${rate(perSecond).replace("/s", " requests per second")}, ${percent(success)} success, p95 ${ms(p95Ms)}`;

const short = ({ state, perSecond, success }: Rates): string =>
  state === "idle" ? "-" : `${rate(perSecond)}  ${state === "ok" ? "" : "✗ "}${percent(success)}`;

function drawNode(node: MapNode, box: MapAnswer["box"], linkOf: LinkOf): SVGElement {
  const { x, y } = node.at!;
  const left = x - box.width / 2;
  const top = y - box.height / 2;
  const role = node.kind === "peer" ? ", which sends no spans" : "";
  const fault = node.blamed ? ", at fault" : "";
  return svg(
    "a",
    {
      class: `node ${node.state} ${node.kind}${node.blamed ? " blamed" : ""}`,
      href: linkOf(node.kind === "peer" ? "" : node.name, node.state === "failing"),
      "aria-label": `${node.name}${role}${fault}: ${spoken(node)}`,
    },
    svg("title", {}, node.name),
    svg("rect", { x: left, y: top, width: box.width, height: box.height, rx: 8 }),
    svg(
      "text",
      { class: "name", x: left + 12, y: top + 25 },
      cut(node.name, node.blamed ? NAME_LENGTH.besideFault : NAME_LENGTH.alone),
    ),
    svg("text", { class: "rates", x: left + 12, y: top + 47 }, short(node)),
    svg(
      "text",
      { class: "rates end", x: left + box.width - 12, y: top + 47 },
      node.state === "idle" ? "" : ms(node.p95Ms),
    ),
    node.blamed
      ? svg("text", { class: "fault end", x: left + box.width - 12, y: top + 25 }, "AT FAULT")
      : null,
  );
}

function drawEdge(edge: MapEdge, linkOf: LinkOf): SVGElement {
  const { x, y } = edge.at!;
  return svg(
    "a",
    {
      class: `edge ${edge.state}`,
      href: linkOf(edge.from, edge.state === "failing"),
      "aria-label": `${edge.from} calls ${edge.to}: ${spoken(edge)}`,
    },
    svg("title", {}, `${edge.from} → ${edge.to}`),
    svg("path", {
      d: curve(flatAt(edge.line, edge.at!)),
      "stroke-width": (1.5 + Math.log10(1 + edge.perSecond)).toFixed(2),
      "marker-end": `url(#head-${edge.state})`,
    }),
    svg("rect", { x: x - 60, y: y - 21, width: 120, height: 42, rx: 4 }),
    svg("text", { class: "rates middle", x, y: y - 6 }, short(edge)),
    svg(
      "text",
      { class: "rates middle faint", x, y: y + 15 },
      edge.state === "idle" ? "" : `p95 ${ms(edge.p95Ms)}`,
    ),
  );
}

/** The line made level where its label stands, above and below which the text has room. */
function flatAt(line: readonly Point[], { x, y }: Point): Point[] {
  const half = Math.sign((line.at(-1)?.x ?? 0) - (line[0]?.x ?? 0)) * LEVEL;
  return line.flatMap((point) =>
    point.x === x && point.y === y
      ? [
          { x: x - half, y },
          { x: x + half, y },
        ]
      : [point],
  );
}

/** A smooth line that begins and ends at the first and last point and is drawn to those between. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (first === undefined || last === undefined) return "";
  const parts = [`M${first.x} ${first.y}`];
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    const end = next === undefined ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    parts.push(`Q${point.x} ${point.y} ${end.x} ${end.y}`);
  });
  return parts.length === 1 ? `${parts[0]}L${last.x} ${last.y}` : parts.join("");
}

/** Shows what to do while nothing has come. */
export function showEmptyMap(): void {
  drawing = null;
  byId("map-note").textContent = "";
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
