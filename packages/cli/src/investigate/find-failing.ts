import type { Graph, GraphNode } from "./graph.ts";
import type { Suspect } from "./suspect.ts";
import { accuse, failedTraces, isFailing, shares, total } from "./suspect.ts";

// What a service's callees leave unexplained must be this part of its failures to be its own doing.
const MIN_OWN_PART = 0.3;

/** Services that fail more than their callees explain. */
export function findFailing(graph: Graph): Suspect[] {
  return [...graph.values()].flatMap((node) => {
    const routes = failingRoutes(node);
    const failing = node.inbound.filter(({ route }) => routes.includes(route));
    const { count, failures } = total(failing);
    const own = failures - total(node.outbound).failures;
    if (!isFailing({ count, failures: own }) || own < failures * MIN_OWN_PART) return [];
    const guilty = unexplainedRoutes(node, routes);
    return [
      accuse(
        node.name,
        true,
        "errors",
        node.inbound.filter(({ route }) => guilty.has(route)),
      ),
    ];
  });
}

// A route may fail for one caller only, and be well on the whole.
function failingRoutes({ inbound }: GraphNode): string[] {
  const single = inbound.filter(({ counts }) => isFailing(counts)).map(({ route }) => route);
  const whole = shares(inbound, ({ route }) => route).filter(isFailing);
  return [...new Set([...single, ...whole.map(({ name }) => name)])];
}

// A route whose last failed request failed further down, too, is explained by what is down there.
function unexplainedRoutes({ inbound, outbound }: GraphNode, routes: readonly string[]): Set<string> {
  const below = new Set(failedTraces(outbound));
  const own = routes.filter((name) => {
    const traces = failedTraces(inbound.filter(({ route }) => route === name));
    return !traces.some((traceId) => below.has(traceId));
  });
  return new Set(own.length > 0 ? own : routes);
}
