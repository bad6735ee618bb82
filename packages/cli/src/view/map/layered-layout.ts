import type { Point } from "../page/browser/answers.ts";
import { BOX, edgeKey, type MapLayout } from "./places.ts";

const LABEL = { width: 132, height: 42 };

/** Lays a map out in layers, from callers on the left to callees on the right. */
export async function inLayers(
  nodes: readonly string[],
  edges: readonly (readonly [string, string])[],
): Promise<MapLayout> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph();
  graph.setGraph({
    rankdir: "LR",
    nodesep: 28,
    edgesep: 24,
    ranksep: 44,
    marginx: 12,
    marginy: 12,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  // By number: the library keeps names as keys of objects, and a service may call itself __proto__.
  const id = new Map(nodes.map((name, i) => [name, String(i)]));
  for (const node of id.values()) graph.setNode(node, { ...BOX });
  for (const [from, to] of edges) graph.setEdge(id.get(from)!, id.get(to)!, { ...LABEL, labelpos: "c" });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const places = new Map(nodes.map((name) => [name, point(graph.node(id.get(name)!))]));
  return {
    width: Number.isFinite(width) ? width : 0,
    height: Number.isFinite(height) ? height : 0,
    nodes: places,
    edges: new Map(
      edges.map(([from, to]) => {
        const { points = [], ...label } = graph.edge(id.get(from)!, id.get(to)!) as Partial<Point> & {
          points?: Point[];
        };
        const line = fromSideToSide(places.get(from)!, points.slice(1, -1).map(point), places.get(to)!);
        return [edgeKey(from, to), { line, at: point(label) }];
      }),
    ),
  };
}

const BACK_Y = 16;

/** A line from the side of one box to the facing side of the other; one that goes back does so lower down. */
function fromSideToSide(from: Point, between: readonly Point[], to: Point): Point[] {
  const back = to.x < from.x;
  const side = (BOX.width / 2) * (back ? -1 : 1);
  const y = back ? BACK_Y : 0;
  return [{ x: from.x + side, y: from.y + y }, ...between, { x: to.x - side, y: to.y + y }];
}

const point = ({ x = 0, y = 0 }: Partial<Point>): Point => ({
  x: Math.round(x * 10) / 10,
  y: Math.round(y * 10) / 10,
});
