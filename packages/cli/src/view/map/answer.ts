import type { MapAnswer } from "../page/browser/answers.ts";
import type { StoreCounts } from "../store/store-counts.ts";
import { blameOf } from "./blame.ts";
import { BOX, createMapLayout, edgeKey } from "./layout.ts";
import { buildServiceMap } from "./service-map.ts";
import type { MapWindowS } from "./tally.ts";
import type { MapTraffic } from "./traffic.ts";

/** Builds what answers `GET /api/map`: the service map with places for all that is on it. */
export function createMapAnswer(
  traffic: MapTraffic,
  counts: () => StoreCounts,
): (windowS: MapWindowS) => Promise<MapAnswer> {
  const layOut = createMapLayout();
  return async (windowS) => {
    const window = traffic.read(windowS);
    const map = buildServiceMap(window);
    const layout = await layOut(map);
    const blame = blameOf(map);
    const edges = map.edges.map((edge) => {
      const { line = [], at = null } = layout.edges.get(edgeKey(edge.from, edge.to)) ?? {};
      return { ...edge, line, at };
    });
    return {
      windowS,
      nodes: map.nodes.map((node) => ({
        ...node,
        blamed: blame.some(({ name, caller }) => name === node.name && caller === null),
        at: layout.nodes.get(node.name) ?? null,
      })),
      edges,
      routes: map.routes,
      blame,
      width: layout.width,
      height: layout.height,
      box: BOX,
      notDrawn: edges.filter(({ at }) => at === null).length,
      notCounted: window.notCounted,
      counts: counts(),
    };
  };
}
