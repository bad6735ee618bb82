import { BOX, edgeKey, type MapLayout } from "./places.ts";

type Call = readonly [from: string, to: string];

const MARGIN = 8;
const GAP = 20;
const CALL = { height: 44, inset: 14, labelWidth: 124 };
const LANE_WIDTH = 9;
// Beyond this lines run over one another: their ends still tell them apart.
const MAX_LANES = 12;

/**
 * Lays a map out in one column, as wide as a phone whatever is on it: each service under its callers, its calls under
 * it in a line each, and to the left of all of them the ways to who is called.
 */
export function inColumn(nodes: readonly string[], calls: readonly Call[]): MapLayout {
  const rows = new Map<
    string,
    { readonly top: number; readonly calls: readonly (readonly [Call, number])[] }
  >();
  let y = MARGIN;
  for (const name of callersFirst(nodes, calls)) {
    const top = y;
    y += BOX.height;
    const start = y - CALL.height / 2;
    const own = calls
      .filter(([from]) => from === name)
      .map((call, i) => [call, start + (i + 1) * CALL.height] as const);
    y += own.length * CALL.height;
    rows.set(name, { top, calls: own });
    y += GAP;
  }
  const middle = (name: string): number => rows.get(name)!.top + BOX.height / 2;
  const ways = [...rows.values()].flatMap((row) =>
    row.calls.map(([[from, to], at]) => ({ from, to, at, end: middle(to) })),
  );
  const lanes = inLanes(ways);
  const left = MARGIN + Math.max(0, ...[...lanes.values()].map((lane) => lane + 1)) * LANE_WIDTH;
  const edges = ways.map((way) => {
    const { from, to, at, end } = way;
    const laneX = left - (lanes.get(way)! + 1) * LANE_WIDTH;
    const stemX = left + CALL.inset;
    const line = [
      { x: stemX, y: rows.get(from)!.top + BOX.height },
      { x: stemX, y: at },
      { x: laneX, y: at },
      { x: laneX, y: end },
      { x: left, y: end },
    ];
    return [edgeKey(from, to), { line, at: { x: stemX + 6 + CALL.labelWidth / 2, y: at } }] as const;
  });
  return {
    width: left + BOX.width + MARGIN,
    height: Math.max(0, y - GAP) + MARGIN,
    nodes: new Map([...rows.keys()].map((name) => [name, { x: left + BOX.width / 2, y: middle(name) }])),
    edges: new Map(edges),
  };
}

/** Callers before those whom they call, as far as nobody calls in a circle. */
function callersFirst(nodes: readonly string[], calls: readonly Call[]): string[] {
  const callees = Map.groupBy(calls, ([from]) => from);
  const seen = new Set<string>();
  const lastFirst: string[] = [];
  const called = new Set(calls.map(([, to]) => to));
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, to] of (callees.get(name) ?? []).toReversed()) visit(to);
    lastFirst.push(name);
  };
  // Last those in a circle that nobody else calls.
  const entries = nodes.filter((name) => !called.has(name)).toReversed();
  for (const name of [...entries, ...nodes]) visit(name);
  return lastFirst.reverse();
}

/** A lane for each way, so that none runs over another that is beside it. */
function inLanes<W extends { readonly at: number; readonly end: number }>(
  ways: readonly W[],
): Map<W, number> {
  const lanes = new Map<W, number>();
  const length = ({ at, end }: W): number => Math.abs(end - at);
  for (const way of ways.toSorted((a, b) => length(a) - length(b))) {
    const [low, high] = [Math.min(way.at, way.end), Math.max(way.at, way.end)];
    const beside = [...lanes].filter(
      ([{ at, end }]) => Math.min(at, end) <= high && Math.max(at, end) >= low,
    );
    const taken = new Set(beside.map(([, lane]) => lane));
    let lane = 0;
    while (taken.has(lane) && lane < MAX_LANES - 1) lane += 1;
    lanes.set(way, lane);
  }
  return lanes;
}
