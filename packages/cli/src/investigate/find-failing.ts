import type { Before } from "./before.ts";
import { metAgain } from "./circle.ts";
import { explainingRefusal } from "./find-refusing.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { Suspect } from "./suspect.ts";
import { accuse, failedTraces, isFailing, shares, total } from "./suspect.ts";
import { failsMore, unmadeCalls, usualOf, usualOfCalls } from "./usual.ts";

// What a service's callees leave unexplained must be this part of its failures to be its own doing.
const MIN_OWN_PART = 0.3;

/** Services that fail more than they always did and more than their callees explain, and callees that refuse them. */
export function findFailing(graph: Graph, before: Before): Suspect[] {
  return [...graph.values()].flatMap((node) => {
    const usual = before.usual.get(node.name);
    const routes = failingRoutes(node, usual);
    const failing = node.inbound.filter(({ route }) => routes.includes(route));
    const { count, failures } = total(failing);
    const { failures: asUsual, known } = usualOf(failing, usual);
    const own = failures - asUsual - failuresBelow(node, usual) - unmadeCalls(node, before.normal, routes);
    if (!isFailing({ count, failures: own + asUsual }, asUsual, known)) return [];
    // What failed in it once failed each time that a request comes by, in a circle or by its own call.
    const again = metAgain(graph, node, (one) => failuresBelow(one, before.usual.get(one.name)));
    if (own < (failures - asUsual - again) * MIN_OWN_PART) return [];
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

// What fails less than usual at one callee explains nothing of what fails more at another.
function failuresBelow({ outbound }: GraphNode, usual: GraphNode | undefined): number {
  const callees = Map.groupBy(outbound, ({ callee }) => callee);
  return [...callees.values()].reduce((sum, calls) => {
    return sum + Math.max(0, total(calls).failures - usualOfCalls(calls, usual).failures);
  }, 0);
}

// A route may fail for one caller only, and be well on the whole.
function failingRoutes({ inbound }: GraphNode, usual: GraphNode | undefined): string[] {
  const single = inbound.filter((call) => failsMore([call], usualOf([call], usual)));
  const whole = shares(inbound, ({ route }) => route).filter((share) => {
    const calls = inbound.filter(({ route }) => route === share.name);
    return failsMore(calls, usualOf(calls, usual));
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
