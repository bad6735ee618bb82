import type { Verdict } from "../../src/index.ts";
import type { Random } from "./random.ts";
import type { Behaviour, Moment } from "./simulate.ts";
import type { PlannedRoute, PlannedService, Target } from "./topology.ts";

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

// Enough requests in the minute that three failures at the smallest share are no luck.
const BUSY = 75;

// A fault of a few seconds, or a rare one, must have hit so many requests that it is no noise by the rules.
const ENOUGH = 12;

interface Place {
  readonly service: PlannedService;
  readonly route: PlannedRoute;
}

function busyPlaces(
  { services, usual }: Scene,
  fits: (service: PlannedService) => boolean = () => true,
): Place[] {
  return services
    .filter(fits)
    .flatMap((service) => service.routes.map((route) => ({ service, route })))
    .filter(({ service, route }) => (usual.get(`${service.name} ${route.name}`) ?? 0) >= BUSY);
}

function place(scene: Scene, fits?: (service: PlannedService) => boolean): Place | null {
  const places = busyPlaces(scene, fits);
  return places.length === 0 ? null : scene.random.pick(places);
}

const isLeaf = ({ routes }: PlannedService): boolean => routes.every(({ calls }) => calls.length === 0);

const start = (random: Random): number => -random.integer(20, 160);

const at = ({ service, route }: Place, moment: Moment): boolean =>
  moment.service === service.name && moment.route === route.name;

/** Requests at a place fail, in a share of cases, from some moment on. */
function errorsAt(
  scene: Scene,
  where: Place | null,
  share: number,
  also: (moment: Moment) => boolean = () => true,
  harm: ReturnType<NonNullable<Behaviour["harm"]>> = { status: 500 },
): Strike | null {
  if (where === null) return null;
  const from = start(scene.random);
  const chance = Math.max(
    share,
    ENOUGH / ((scene.usual.get(`${where.service.name} ${where.route.name}`) ?? 0) * Math.min(1, -from / 60)),
  );
  return {
    behaviour: {
      harm: (moment, random) =>
        moment.at >= from && at(where, moment) && also(moment) && random.chance(chance) ? harm : undefined,
    },
    culprits: [{ service: where.service.name, route: where.route.name }],
    from,
  };
}

function leafCall({ services, usual }: Scene, kind: "external" | "peer"): (Target & { name: string }) | null {
  const calls = services.flatMap(({ routes }) => routes.flatMap((route) => route.calls));
  const names = calls.flatMap(({ to }) =>
    to.kind !== kind
      ? []
      : [{ ...to, name: to.kind === "peer" ? to.name : (to as { address: string }).address }],
  );
  return names.find(({ name }) => (usual.get(name) ?? 0) >= BUSY) ?? null;
}

function leafFault(
  scene: Scene,
  kind: "external" | "peer",
  harm: NonNullable<ReturnType<NonNullable<Behaviour["harm"]>>>,
  share: number,
): Strike | null {
  const leaf = leafCall(scene, kind);
  if (leaf === null) return null;
  const from = start(scene.random);
  return {
    behaviour: {
      harm: (moment, random) =>
        moment.at >= from && moment.service === leaf.name && random.chance(share) ? harm : undefined,
    },
    culprits: [{ service: leaf.name }],
  };
}

function slowAt(scene: Scene, where: Place | null, extraMs: number): Strike | null {
  return errorsAt(scene, where, 1, () => true, { extraMs });
}

/** The kinds of fault, by name. */
export const FAULTS: Readonly<Record<string, FaultKind>> = {
  "errors on one route": (scene) => errorsAt(scene, place(scene), scene.random.pick([0.05, 0.2, 1])),
  "errors deep inside": (scene) =>
    errorsAt(
      scene,
      place(scene, ({ depth }) => depth >= 3),
      0.3,
    ),
  "errors of the entry itself": (scene) =>
    errorsAt(
      scene,
      place(scene, ({ depth }) => depth === 1),
      0.2,
    ),
  "errors on one instance of three": (scene) => {
    const where = place(scene, ({ instances }) => instances.length === 3);
    const bad = where?.service.instances[1]?.id;
    const strike = errorsAt(scene, where, 0.5, ({ instance }) => instance === bad);
    return strike === null ? null : { ...strike, culprits: [{ ...strike.culprits[0]!, instance: bad! }] };
  },
  "a bad version": (scene) => {
    const where = place(scene, ({ instances }) => instances.length === 3);
    if (where === null) return null;
    const bad = where.service.instances[2]!;
    where.service.instances[2] = { ...bad, version: "2.0.0" };
    const strike = errorsAt(scene, where, 1, ({ version }) => version === "2.0.0")!;
    return { ...strike, culprits: [{ ...strike.culprits[0]!, instance: bad.id }] };
  },
  "one caller only": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const callers = scene.services.filter(({ routes }) =>
      routes.some(({ calls }) =>
        calls.some(({ to }) => to.kind === "service" && to.service === where.service.name),
      ),
    );
    const caller = scene.random.pick(callers).name;
    if ((scene.usual.get(`${caller}>${where.service.name}`) ?? 0) < BUSY) return null;
    return errorsAt(scene, where, 0.4, (moment) => moment.caller === caller);
  },
  "a slow leaf": (scene) => slowAt(scene, place(scene, isLeaf), scene.random.pick([300, 800])),
  "a slow service in the middle": (scene) =>
    slowAt(
      scene,
      place(scene, ({ depth }) => depth === 2),
      500,
    ),
  "a leaf too slow for its callers": (scene) => slowAt(scene, place(scene, isLeaf), 5_000),
  "a leaf that hangs now and then": (scene) =>
    errorsAt(scene, place(scene, isLeaf), 0.2, () => true, { extraMs: 60_000 }),
  "a caller that waits 1 ms": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const callers = scene.services.filter(
      ({ name, routes }) =>
        (scene.usual.get(`${name}>${where.service.name}`) ?? 0) >= BUSY &&
        routes.some(({ calls }) =>
          calls.some(({ to }) => to.kind === "service" && to.service === where.service.name),
        ),
    );
    if (callers.length === 0) return null;
    const caller = scene.random.pick(callers).name;
    const impatient = (name: string, to: Target) =>
      name === caller && to.kind === "service" && to.service === where.service.name;
    return {
      behaviour: { timeoutMs: (name, to) => (impatient(name, to) ? 1 : undefined) },
      culprits: [{ service: caller }],
    };
  },
  "an external API answers with errors": (scene) => leafFault(scene, "external", { status: 503 }, 0.3),
  "an external API hangs": (scene) => leafFault(scene, "external", { extraMs: 30_000 }, 0.5),
  "a database fails": (scene) => leafFault(scene, "peer", { error: "ECONNREFUSED" }, 1),
  "a database is slow": (scene) => leafFault(scene, "peer", { extraMs: 400 }, 1),
  "a service crashes on some requests": (scene) =>
    errorsAt(
      scene,
      place(scene, ({ depth }) => depth >= 2),
      0.3,
      () => true,
      { error: "ECONNRESET" },
    ),
  "a service is down": (scene) => {
    const where = place(scene, ({ depth, instances }) => depth >= 2 && instances.length === 1);
    if (where === null) return null;
    const { name, instances } = where.service;
    const down = instances[0]!.id;
    return {
      behaviour: { harm: (moment) => (moment.service === name ? { error: "ECONNREFUSED" } : undefined) },
      culprits: [{ service: down }],
      down: [down],
    };
  },
  "two faults at once": (scene) => {
    const [one, two] = [place(scene), place(scene)];
    if (one === null || two === null || one.service === two.service) return null;
    if (isBelow(scene, one.service, two.service) || isBelow(scene, two.service, one.service)) return null;
    const strikes = [errorsAt(scene, one, 0.3)!, errorsAt(scene, two, 0.3)!];
    return {
      behaviour: {
        harm: (moment, random) =>
          strikes.map(({ behaviour }) => behaviour.harm?.(moment, random)).find(Boolean),
      },
      culprits: strikes.flatMap(({ culprits }) => culprits),
    };
  },
  "none, with noise, refusals and clients that leave": ({ random }) => {
    const noise = random.pick([0, 0.001]);
    return {
      behaviour: {
        harm: (_moment, own) =>
          own.chance(noise) ? { status: 500 } : own.chance(0.2) ? { status: 404 } : undefined,
        clientsLeave: 0.1,
      },
      culprits: [],
    };
  },
  "none, with a rush of requests": () => ({
    behaviour: { rps: (now) => (now > -60 ? 16 : 4) },
    culprits: [],
  }),
};

// A failure below hides behind one above it in the counts of a single route: those two are tested apart.
function isBelow({ services }: Scene, above: PlannedService, below: PlannedService): boolean {
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
