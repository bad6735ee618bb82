import type { Graph, GraphNode, Outbound } from "./graph.ts";

/** Whom a service calls, near or far; itself where one of them calls it. */
export function reachedFrom(graph: Graph, name: string): Set<string> {
  const calledBy = (caller: string): string[] =>
    (graph.get(caller)?.outbound ?? []).map(({ callee }) => callee);
  const found = new Set(calledBy(name));
  // A set is walked on to what is added meanwhile: a chain of services may be longer than a stack is deep.
  for (const service of found) for (const callee of calledBy(service)) found.add(callee);
  return found;
}

/** The calls of a service that lead back to it, at once or by way of others. */
export const callsInCircle = (graph: Graph, { name, outbound }: GraphNode): readonly Outbound[] =>
  outbound.filter(({ callee }) => callee === name || reachedFrom(graph, callee).has(name));

const BACK = "";

/**
 * How much of what a service's calls pass on to it is its own, met once more each time that a request comes by: no more than
 * is passed on all the way round (the greatest flow).
 *
 * @param below what these calls of a service pass on to it
 */
export function metAgain(graph: Graph, node: GraphNode, below: (caller: GraphNode) => number): number {
  if (!reachedFrom(graph, node.name).has(node.name)) return 0;
  const left = new Map<string, Map<string, number>>();
  const leftOf = (name: string): Map<string, number> => {
    const known = left.get(name);
    if (known !== undefined) return known;
    const caller = graph.get(name);
    const calls = Map.groupBy(caller?.outbound ?? [], ({ callee }) => (callee === node.name ? BACK : callee));
    const own = new Map([...calls].map(([callee, outbound]) => [callee, below({ ...caller!, outbound })]));
    left.set(name, own);
    return own;
  };
  const add = (from: string, to: string, more: number): void =>
    void leftOf(from).set(to, (leftOf(from).get(to) ?? 0) + more);
  for (let again = 0; ; ) {
    const from = new Map([[node.name, BACK]]);
    // A map is walked on to what is added meanwhile, so the shortest way round comes first.
    for (const [name] of from) {
      for (const [callee, some] of leftOf(name)) if (some > 0 && !from.has(callee)) from.set(callee, name);
    }
    if (!from.has(BACK)) return again;
    const steps = [];
    for (let to = BACK; to !== node.name; to = from.get(to)!) steps.push([from.get(to)!, to] as const);
    const least = Math.min(...steps.map(([one, to]) => leftOf(one).get(to)!));
    for (const [one, to] of steps) {
      add(one, to, -least);
      add(to, one, least);
    }
    again += least;
  }
}
