import { type FaultKind, LONG, place, type Scene, type Strike, strikeAt } from "./scene.ts";
import type { Moment } from "./simulate.ts";
import { planTopology } from "./topology.ts";

const REFUSED_PART = 0.2;
// So long that no caller gives up: of twenty services whose moments add up some requests take more than two seconds.
const PATIENT_MS = 20_000;

/** Worlds in which nobody is at fault, and nobody may be named. */
export const QUIET_WORLDS: Readonly<Record<string, FaultKind>> = {
  "none, with noise, refusals and clients that leave": ({ random }) => {
    const noise = random.pick([0, 0.001]);
    return {
      behaviour: {
        harm: (_moment, own) =>
          own.chance(noise) ? { status: 500 } : own.chance(REFUSED_PART) ? { status: 404 } : undefined,
        clientsLeave: 0.1,
      },
      culprits: [],
    };
  },
  "none, with a rush of requests": () => ({
    behaviour: { rps: (now) => (now > -60 ? 16 : 4) },
    culprits: [],
  }),
  "none, with a hundredth that always fails": (scene) => {
    const where = place(scene);
    const strike = strikeAt(scene, where, {
      share: 0.015,
      atLeast: 0,
      from: Number.NEGATIVE_INFINITY,
      span: LONG,
    });
    return strike === null ? null : { ...strike, culprits: [] };
  },
  "none, with a service that is always slow": (scene) => {
    const where = place(scene);
    const how = { harm: { extraMs: 700 }, from: Number.NEGATIVE_INFINITY, span: LONG };
    const strike = strikeAt(scene, where, how);
    return strike === null ? null : { ...strike, culprits: [] };
  },
  "none, with hedged calls": (scene) => {
    for (const { routes } of scene.services) {
      for (const { calls } of routes) for (const call of calls) call.hedgeAfterMs = 15;
    }
    return { behaviour: {}, culprits: [], span: LONG };
  },
  "none, with errors that are over": (scene) => {
    const where = place(scene);
    const strike = strikeAt(scene, where, { share: 0.5, from: -300, also: ({ at }) => at < -120 });
    return strike === null ? null : { behaviour: strike.behaviour, culprits: [] };
  },
  "none, with slowness that is over": (scene) => {
    const strike = strikeAt(scene, place(scene), {
      ...{ harm: { extraMs: 600 }, from: -300, also: ({ at }: Moment) => at < -120 },
    });
    return strike === null ? null : { behaviour: strike.behaviour, culprits: [] };
  },
  "none, with late requests everywhere": () => ({
    behaviour: {
      harm: (_moment, random) => (random.chance(0.03) ? { extraMs: random.around(300, 1) } : undefined),
    },
    culprits: [],
  }),
  "none, with late requests everywhere, at six a minute": () => ({
    behaviour: {
      harm: (_moment, random) => (random.chance(0.05) ? { extraMs: random.around(300, 1) } : undefined),
      rps: () => 0.1,
    },
    culprits: [],
  }),
  "none, with other requests than before": (scene) => {
    const entry = scene.services[0]!;
    if (entry.routes.length < 2) return null;
    const slow = entry.routes[0]!;
    Object.assign(slow, { workMs: 400 });
    return {
      behaviour: {
        entryRoute: (at, routes, random) =>
          random.chance(at > -90 ? 0.9 : 0.1) ? 0 : random.integer(1, routes - 1),
      },
      culprits: [],
    };
  },
  "none, with latencies that come and go": () => ({
    behaviour: { harm: ({ at }) => ({ extraMs: 25 * (1 + Math.sin(at / 97)) }) },
    culprits: [],
  }),
  "none, with clocks that differ and one that fails as always": (scene) => {
    for (const { instances } of scene.services) {
      for (const instance of instances) {
        Object.assign(instance, { clockAheadS: scene.random.integer(-150, 150) });
      }
    }
    const strike = strikeAt(scene, place(scene), {
      ...{ share: 0.01, atLeast: 0, from: Number.NEGATIVE_INFINITY, span: LONG },
    });
    return strike === null ? null : { ...strike, culprits: [] };
  },
  "none, with late requests everywhere in a large fleet, at six a minute": largeFleet,
  "none, with late requests everywhere in a large fleet, at six a minute, and hours are remembered": (
    scene,
  ) => {
    return { ...largeFleet(scene), span: LONG };
  },
};

function largeFleet({ services, random }: Scene): Strike {
  services.splice(0, services.length, ...planTopology(random, random.integer(18, 30)));
  for (const { routes } of services) {
    for (const { calls } of routes) for (const call of calls) Object.assign(call, { timeoutMs: PATIENT_MS });
  }
  return {
    behaviour: {
      harm: (_moment, own) => (own.chance(0.05) ? { extraMs: own.around(300, 1) } : undefined),
      rps: () => 0.1,
    },
    culprits: [],
  };
}
