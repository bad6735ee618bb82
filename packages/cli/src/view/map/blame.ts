import type { Blame } from "../page/browser/answers.ts";
import type { ServiceEdge, ServiceMap } from "./service-map.ts";
import { stateOf } from "./service-map.ts";

/**
 * Who is at fault on a map: what fails more often than what it calls explains, and the way to a service that
 * answers well although calls of it fail. The worst first; empty when nothing fails.
 */
export function blameOf({ nodes, edges, routes }: ServiceMap): Blame[] {
  const out = Map.groupBy(edges, ({ from }) => from);
  const guilty = nodes.filter(({ name, requests, failures }) => {
    const explained = (out.get(name) ?? []).reduce((sum, call) => sum + call.failures, 0);
    return stateOf(requests, failures - explained) === "failing";
  });
  const failing = new Set(nodes.filter(({ state }) => state === "failing").map(({ name }) => name));
  const broken = edges.filter(({ state, to }) => state === "failing" && !failing.has(to));
  return [
    ...guilty.map(({ name, requests, failures }) => ({
      name,
      caller: null,
      route: routes.find(({ service, state }) => service === name && state === "failing")?.route ?? null,
      requests,
      failures,
    })),
    ...broken.map(blameWay),
  ];
}

const blameWay = ({ from, to, requests, failures }: ServiceEdge): Blame => ({
  name: to,
  caller: from,
  route: null,
  requests,
  failures,
});
