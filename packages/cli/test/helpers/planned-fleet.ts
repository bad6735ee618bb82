import type { Series } from "../../src/sources/live/traffic-document.ts";
import { series } from "./fake-service.ts";

/** Who calls whom, by number; service 0 is the entry. */
export type Plan = readonly (readonly number[])[];

/** How many services each of {@link PLANS} has. */
export const FLEET_SIZE = 300;

const children = (of: (i: number) => number[]): Plan =>
  Array.from({ length: FLEET_SIZE }, (_, i) => of(i).filter((child) => child < FLEET_SIZE));

/** Three shapes of a fleet. */
export const PLANS: Readonly<Record<"tree" | "mesh" | "chain", Plan>> = {
  tree: children((i) => [1, 2, 3, 4, 5, 6].map((k) => 6 * i + k)),
  // Each of a layer of twenty calls seven of the next.
  mesh: children((i) => {
    if (i === 0) return [1, 2, 3, 4, 5, 6, 7];
    const layer = Math.floor((i - 1) / 20);
    return [0, 1, 2, 3, 4, 5, 6].map((k) => 1 + 20 * (layer + 1) + ((i + 3 * k) % 20));
  }),
  chain: children((i) => [i + 1]),
};

/** What becomes of requests. */
export type Harm = "fails" | "is slow";

const QUICK_BIN = 4;
const SLOW_BIN = 9;

/** A series in two windows. */
export function windows(side: "server" | "client", peer: string, route: string, harm?: Harm): Series[] {
  return [60, 600].map((windowS) => {
    const count = windowS * 5;
    // It has been slow for the last minute only.
    const late = harm === "is slow" ? 60 * 5 : 0;
    const bins = (
      [
        [QUICK_BIN, count - late],
        [SLOW_BIN, late],
      ] as const
    ).filter(([, n]) => n > 0);
    const failures = harm === "fails" ? windowS : 0;
    return series(side, peer, route, { windowS, count, failures, latency: { gamma: 2, bins } });
  });
}

/** The series of each service, by number, where requests on one way to `murderer` fail or are slow. */
export function fleetSeries(
  plan: Plan,
  murderer: number,
  harm: Harm,
  hostOf: (service: number) => string,
): Series[][] {
  const callers = plan.map((_, i) => plan.flatMap((all, from) => (all.includes(i) ? [from] : [])));
  const trail = new Set([murderer]);
  // One way: what fails for one caller fails for one of its callers.
  for (let i = murderer; i !== 0; i = callers[i]![0]!) trail.add(callers[i]![0]!);
  return plan.map((callees, i) => {
    const inbound = i === 0 ? ["bot"] : callers[i]!.map((from) => `s${from}`);
    return [
      ...inbound.flatMap((caller, k) =>
        windows("server", caller, "GET /", trail.has(i) && k === 0 ? harm : undefined),
      ),
      ...callees.flatMap((to) => {
        const isTrail = trail.has(i) && trail.has(to) && callers[to]![0] === i;
        return windows("client", hostOf(to), "GET", isTrail ? harm : undefined);
      }),
    ];
  });
}
