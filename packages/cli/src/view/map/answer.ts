import type { MapAnswer } from "../page/browser/answers.ts";
import type { StoreCounts } from "../store/store-counts.ts";
import { blameOf } from "./blame.ts";
import { createMapLayout, type MapFlow } from "./layout.ts";
import { BOX, edgeKey } from "./places.ts";
import { buildServiceMap } from "./service-map.ts";
import type { MapWindowS } from "./tally.ts";
import type { MapTraffic, TrafficWindow } from "./traffic.ts";

/** The traffic of a stretch of time, as the store has it. */
export interface StretchTraffic {
  readonly fromMs: number;
  readonly toMs: number;
  readonly window: TrafficWindow;
}

/** Draws up the map of the last minute or ten, or of a stretch. */
export type MapAnswerer = (asked: MapWindowS | StretchTraffic, flow: MapFlow) => Promise<MapAnswer>;

/** Builds what answers `GET /api/map`: the service map with places for all that is on it. */
export function createMapAnswer(traffic: MapTraffic, counts: () => StoreCounts): MapAnswerer {
  const layOut = { right: createMapLayout("right"), down: createMapLayout("down") };
  return async (asked, flow) => {
    const isLive = typeof asked === "number";
    const window = isLive ? traffic.read(asked) : asked.window;
    const map = buildServiceMap(window);
    const layout = await layOut[flow](map);
    const blame = blameOf(map);
    const edges = map.edges.map((edge) => {
      const { line = [], at = null } = layout.edges.get(edgeKey(edge.from, edge.to)) ?? {};
      return { ...edge, line, at };
    });
    return {
      windowS: isLive ? asked : window.seconds,
      stretch: isLive ? null : { fromMs: asked.fromMs, toMs: asked.toMs },
      flow,
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
