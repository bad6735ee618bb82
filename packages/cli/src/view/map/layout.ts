import type { Point } from "../page/browser/answers.ts";
import type { ServiceMap } from "./service-map.ts";

/** Where everything stands, in the map's units. */
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** The middles of the boxes, by name. */
  readonly nodes: ReadonlyMap<string, Point>;
  /** The lines and the middles of their labels, by {@link edgeKey}. */
  readonly edges: ReadonlyMap<string, { readonly line: readonly Point[]; readonly at: Point }>;
}

/** The size of a service's box. */
export const BOX: { readonly width: number; readonly height: number } = { width: 208, height: 64 };
const LABEL = { width: 132, height: 42 };

// A layout takes longer than its graph grows, and stops all else while it is made: 120 calls take 100 to 300 ms.
const MAX_EDGES = 120;
const MAX_NODES = 120;

/** The name of a call in a layout. */
export const edgeKey = (from: string, to: string): string => JSON.stringify([from, to]);

/** Lays maps out from callers to callees; made anew only when a service or a call comes or goes. */
export function createMapLayout(): (map: ServiceMap) => Promise<MapLayout> {
  let last: { readonly key: string; readonly layout: MapLayout } | null = null;
  return async (map) => {
    const { nodes, edges } = drawn(map);
    const key = JSON.stringify([nodes, edges]);
    if (last?.key !== key) last = { key, layout: await layOut(nodes, edges) };
    return last.layout;
  };
}

/** The names and calls there is room for, the worst and busiest first, in an order that stays. */
function drawn({ nodes, edges }: ServiceMap): { nodes: string[]; edges: (readonly [string, string])[] } {
  const names = new Set<string>();
  const calls = edges.filter(({ from, to }) => {
    // A line from a box to itself says nothing that the table does not say better.
    if (from === to) return false;
    const room = names.size + Number(!names.has(from)) + Number(!names.has(to)) <= MAX_NODES;
    if (room) names.add(from).add(to);
    return room;
  });
  for (const { name } of nodes) if (names.size < MAX_NODES) names.add(name);
  const shown = calls.slice(0, MAX_EDGES).map(({ from, to }) => [from, to] as const);
  return {
    nodes: [...names].sort(),
    edges: shown.sort(([a, b], [c, d]) => (edgeKey(a, b) < edgeKey(c, d) ? -1 : 1)),
  };
}

async function layOut(
  nodes: readonly string[],
  edges: readonly (readonly [string, string])[],
): Promise<MapLayout> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 28, edgesep: 24, ranksep: 44, marginx: 12, marginy: 12 });
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
