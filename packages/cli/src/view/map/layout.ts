import { inColumn } from "./column-layout.ts";
import { inLayers } from "./layered-layout.ts";
import { edgeKey, type MapLayout } from "./places.ts";
import type { ServiceMap } from "./service-map.ts";

// A layout takes longer than its graph grows, and stops all else while it is made: 120 calls take 100 to 300 ms.
const MAX_EDGES = 120;
const MAX_NODES = 120;

/** Where calls go on a map: from left to right, or on a narrow page down one column. */
export type MapFlow = "right" | "down";

/** Lays maps out from callers to callees; made anew only when a service or a call comes or goes. */
export function createMapLayout(flow: MapFlow): (map: ServiceMap) => Promise<MapLayout> {
  let last: { readonly key: string; readonly layout: MapLayout } | null = null;
  return async (map) => {
    const { nodes, edges } = drawn(map);
    const key = JSON.stringify([nodes, edges]);
    if (last?.key !== key)
      last = { key, layout: await (flow === "right" ? inLayers : inColumn)(nodes, edges) };
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
