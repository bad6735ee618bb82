import { explainingRefusal } from "./find-refusing.ts";
import type { Before, Graph, GraphNode } from "./graph.ts";
import type { Suspect } from "./suspect.ts";
import { accuse, failedTraces, isFailing, shares, total } from "./suspect.ts";
import { unmadeCalls, usualCallFailures, usualFailures } from "./usual.ts";

// What a service's callees leave unexplained must be this part of its failures to be its own doing.
const MIN_OWN_PART = 0.3;

/** Services that fail more than they always did and more than their callees explain, and callees that refuse them. */
export function findFailing(graph: Graph, before: Before): Suspect[] {
  return [...graph.values()].flatMap((node) => {
    const usual = before.usual.get(node.name);
    const routes = failingRoutes(node, usual);
    const failing = node.inbound.filter(({ route }) => routes.includes(route));
    const { count, failures } = total(failing);
    const asUsual = usualFailures(failing, usual);
    const below = total(node.outbound).failures - usualCallFailures(node.outbound, usual);
    const own = failures - asUsual - Math.max(0, below) - unmadeCalls(node, before.normal);
    if (!isFailing({ count, failures: own + asUsual }, asUsual)) return [];
    if (own < (failures - asUsual) * MIN_OWN_PART) return [];
    const refusal = explainingRefusal(graph, before, node, own);
    if (refusal !== null) return [refusal];
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
function failingRoutes({ inbound }: GraphNode, usual: GraphNode | undefined): string[] {
  const single = inbound.filter((call) => isFailing(call.counts, usualFailures([call], usual)));
  const whole = shares(inbound, ({ route }) => route).filter((share) => {
    const calls = inbound.filter(({ route }) => route === share.name);
    return isFailing(share, usualFailures(calls, usual));
  });
  return [...new Set([...single.map(({ route }) => route), ...whole.map(({ name }) => name)])];
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
