import type { Random } from "../../../../test/helpers/random.ts";
import type { Verdict } from "../../src/index.ts";
import type { Behaviour, Harm, Moment, Span } from "./simulate.ts";
import type { PlannedCall, PlannedRoute, PlannedService, Target } from "./topology.ts";

/** A fault in a topology, and what must be said of it. */
export interface Strike {
  readonly behaviour: Behaviour;
  /** Who must be named, and nobody else; empty where nobody may be. */
  readonly culprits: readonly {
    readonly service: string;
    readonly route?: string;
    readonly instance?: string;
  }[];
  /** When it began, in seconds before now. */
  readonly from?: number;
  /** Instances that answer nobody, the command neither. */
  readonly down?: readonly string[];
  /** What the verdict must be otherwise. @default "culprit", or "nothing" without culprits */
  readonly verdict?: Verdict["verdict"];
  /** How long the services have been there. */
  readonly span?: Span;
}

/** What a fault is given to choose from. */
export interface Scene {
  readonly services: PlannedService[];
  readonly random: Random;
  /** Requests of the last minute by `service route`, and by `caller>callee`, when all is well. */
  readonly usual: ReadonlyMap<string, number>;
}

/** A kind of fault; null where this topology has no place for it. */
export type FaultKind = (scene: Scene) => Strike | null;

/** Long enough ago that the hour and the day before the last ten minutes are known. */
export const LONG: Span = { calmS: 14_400, fullS: 720 };

// Enough requests in the minute that three failures at the smallest share are no luck.
const BUSY = 75;

// A fault of a few seconds, or a rare one, must have hit so many requests that it is no noise by the rules.
const ENOUGH = 12;

/** A route of a service. */
export interface Place {
  readonly service: PlannedService;
  readonly route: PlannedRoute;
}

/** A busy route among the services that fit. */
export function place(
  { services, usual, random }: Scene,
  fits: (service: PlannedService) => boolean = () => true,
): Place | null {
  const places = services
    .filter(fits)
    .flatMap((service) => service.routes.map((route) => ({ service, route })))
    .filter(({ service, route }) => (usual.get(`${service.name} ${route.name}`) ?? 0) >= BUSY);
  return places.length === 0 ? null : random.pick(places);
}

/** Whether a service calls none of the others. */
export const isLeaf = ({ routes }: PlannedService): boolean =>
  routes.every(({ calls }) => calls.every(({ to }) => to.kind !== "service"));

/** A moment in the last minutes. */
export const recently = (random: Random): number => -random.integer(20, 160);

/** Whether a moment is at this place. */
export const isAt = ({ service, route }: Place, moment: Moment): boolean =>
  moment.service === service.name && moment.route === route.name;

/** How a fault strikes at a place. */
export interface How {
  readonly share?: number;
  /** How many requests of the last minute are harmed at least, whatever the share. @default 12 */
  readonly atLeast?: number;
  readonly harm?: Harm;
  readonly from?: number;
  readonly also?: (moment: Moment) => boolean;
  readonly span?: Span;
}

/** Requests at a place are harmed, in a share of cases, from some moment on. */
export function strikeAt(scene: Scene, where: Place | null, how: How = {}): Strike | null {
  if (where === null) return null;
  const { share = 1, atLeast = ENOUGH, harm = { status: 500 }, also = () => true, span } = how;
  const from = how.from ?? recently(scene.random);
  const requests =
    (scene.usual.get(`${where.service.name} ${where.route.name}`) ?? 0) * Math.min(1, -from / 60);
  const chance = Math.max(share, Math.min(1, atLeast / requests));
  return {
    behaviour: {
      harm: (moment, random) =>
        moment.at >= from && isAt(where, moment) && also(moment) && random.chance(chance) ? harm : undefined,
    },
    culprits: [{ service: where.service.name, route: where.route.name }],
    from,
    ...(span === undefined ? {} : { span }),
  };
}

/** A busy callee that is none of the services, by its name. */
export function leafCall({ services, usual }: Scene, kind: "external" | "peer"): string | null {
  const targets = services.flatMap(({ routes }) => routes.flatMap(({ calls }) => calls.map(({ to }) => to)));
  const names = targets.flatMap((to) =>
    to.kind === "service" || to.kind !== kind ? [] : [to.kind === "peer" ? to.name : to.address],
  );
  return names.find((name) => (usual.get(name) ?? 0) >= BUSY) ?? null;
}

/** Requests to such a callee are harmed. */
export function strikeLeaf(
  scene: Scene,
  kind: "external" | "peer",
  { share = 1, harm = { status: 503 }, from = recently(scene.random), span }: Omit<How, "also">,
): Strike | null {
  const leaf = leafCall(scene, kind);
  if (leaf === null) return null;
  const strike = strikePeer(leaf, { share, harm, from });
  return span === undefined ? strike : { ...strike, span };
}

/** One service that calls another, busily. */
export interface Way {
  readonly caller: PlannedService;
  readonly callee: PlannedService;
  /** The calls of the one to the other. */
  readonly calls: readonly PlannedCall[];
}

/** A busy way from one service to another. */
export function way(
  { services, usual, random }: Scene,
  fits: (way: Way) => boolean = () => true,
): Way | null {
  const ways = services.flatMap((caller) => {
    const calls = caller.routes.flatMap((route) => route.calls);
    const byCallee = Map.groupBy(calls, ({ to }) => (to.kind === "service" ? to.service : ""));
    return [...byCallee].flatMap(([name, all]): Way[] => {
      const callee = services.find((one) => one.name === name);
      return callee === undefined ? [] : [{ caller, callee, calls: all }];
    });
  });
  const busy = ways
    .filter(({ caller, callee }) => caller.depth < callee.depth)
    .filter(({ caller, callee }) => (usual.get(`${caller.name}>${callee.name}`) ?? 0) >= BUSY)
    .filter(fits);
  return busy.length === 0 ? null : random.pick(busy);
}

/** How many calls a service makes in a minute when all is well. */
export function callsOf({ usual }: Scene, { name, routes }: PlannedService): number {
  const keys = routes.flatMap(({ calls }) =>
    calls.map(({ to }) =>
      to.kind === "service" ? `${name}>${to.service}` : to.kind === "peer" ? to.name : to.address,
    ),
  );
  return [...new Set(keys)].reduce((sum, key) => sum + (usual.get(key) ?? 0), 0);
}

/** Whether a moment is a request on this way. */
export const isOn = ({ caller, callee }: Way, moment: Moment): boolean =>
  moment.caller === caller.name && moment.service === callee.name;

/** Whether a target is the callee of this way. */
export const leadsTo = ({ callee }: Way, to: Target): boolean =>
  to.kind === "service" && to.service === callee.name;

/** Whether the one service, or one that it calls, calls the other. */
export function isAbove({ services }: Scene, above: PlannedService, below: PlannedService): boolean {
  const seen = new Set<string>();
  const walk = (service: PlannedService): boolean =>
    service.routes
      .flatMap(({ calls }) => calls)
      .some(({ to }) => {
        if (to.kind !== "service" || seen.has(to.service)) return false;
        seen.add(to.service);
        return to.service === below.name || walk(services.find(({ name }) => name === to.service)!);
      });
  return walk(above);
}

/** Makes one database of those of the busiest two services that have one; null where fewer do. */
export function shareDatabase({ services, usual }: Scene): string | null {
  const calls = services.flatMap(({ name, routes }) =>
    routes.flatMap((route) =>
      route.calls.flatMap((call) =>
        call.to.kind === "peer" && (usual.get(call.to.name) ?? 0) >= BUSY ? [{ name, call }] : [],
      ),
    ),
  );
  if (new Set(calls.map(({ name }) => name)).size < 2) return null;
  for (const { call } of calls) Object.assign(call, { to: { kind: "peer", name: "shared-db" } });
  return "shared-db";
}

/** Requests to a callee of this name are harmed. */
export function strikePeer(
  name: string,
  { share, harm, from }: { readonly share: number; readonly harm: Harm; readonly from: number },
): Strike {
  return {
    behaviour: {
      harm: (moment, own) =>
        moment.at >= from && moment.service === name && own.chance(share) ? harm : undefined,
    },
    culprits: [{ service: name }],
  };
}
