import type { MapAnswer, MapEdge, Point } from "./answers.ts";
import { svg } from "./dom.ts";
import { shortLatency, shortRates, spokenRates } from "./rates.ts";

const LABEL = { width: 124, height: 42 };
// Half the stretch that a line runs level under its label.
const LEVEL = 46;
const CORNER = 6;

/** Draws the calls of one service to another: a line, its numbers above and below. */
export function drawCall(call: MapEdge, flow: MapAnswer["flow"], href: string): SVGElement {
  const { x, y } = call.at!;
  const left = x - LABEL.width / 2;
  const top = y - LABEL.height / 2;
  return svg(
    "a",
    {
      class: `edge ${call.state}`,
      href,
      "aria-label": `${call.from} calls ${call.to}: ${spokenRates(call)}`,
    },
    svg("path", {
      d: flow === "right" ? curve(levelAt(call.line, call.at!)) : cornered(call.line),
      "stroke-width": (1.5 + Math.log10(1 + call.perSecond)).toFixed(2),
      "marker-end": `url(#head-${call.state})`,
    }),
    svg("rect", { x: left, y: top, ...LABEL, rx: 4 }),
    svg("text", { class: "rates middle", x, y: y - 6 }, shortRates(call)),
    " ",
    svg("text", { class: "rates middle faint", x, y: y + 15 }, shortLatency(call)),
  );
}

function levelAt(line: readonly Point[], { x, y }: Point): Point[] {
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

/** A smooth line through the points, level at each of them. */
function curve(points: readonly Point[]): string {
  return points
    .map((to, i) => {
      const from = points[i - 1];
      if (from === undefined) return `M${to.x} ${to.y}`;
      const half = (from.x + to.x) / 2;
      return `C${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`;
    })
    .join("");
}

/** A line along the points, its corners rounded. */
function cornered(points: readonly Point[]): string {
  return points
    .map(({ x, y }, i) => {
      const [before, after] = [points[i - 1], points[i + 1]];
      if (before === undefined) return `M${x} ${y}`;
      if (after === undefined) return `L${x} ${y}`;
      const from = toward({ x, y }, before);
      const to = toward({ x, y }, after);
      return `L${from.x} ${from.y}Q${x} ${y} ${to.x} ${to.y}`;
    })
    .join("");
}

/** A point a corner's radius from one point on the way to another. */
function toward(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
