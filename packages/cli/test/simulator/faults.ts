import {
  type FaultKind,
  isAbove,
  isLeaf,
  isOn,
  LONG,
  leadsTo,
  place,
  recently,
  strikeAt,
  strikeLeaf,
  way,
} from "./scene.ts";
import type { Behaviour } from "./simulate.ts";

const REFUSED_PART = 0.2;

/** The kinds of fault that the rules were tuned on, by name. Nobody may be named in those that begin with "none". */
export const FAULTS: Readonly<Record<string, FaultKind>> = {
  "errors on one route": (scene) =>
    strikeAt(scene, place(scene), { share: scene.random.pick([0.05, 0.2, 1]) }),
  "errors deep inside": (scene) =>
    strikeAt(
      scene,
      place(scene, ({ depth }) => depth >= 3),
      { share: 0.3 },
    ),
  "errors of the entry itself": (scene) =>
    strikeAt(
      scene,
      place(scene, ({ depth }) => depth === 1),
      { share: 0.2 },
    ),
  "errors on one instance of three": (scene) => {
    const where = place(scene, ({ instances }) => instances.length === 3);
    const bad = where?.service.instances[1]?.id;
    const strike = strikeAt(scene, where, { share: 0.5, also: ({ instance }) => instance === bad });
    return strike === null ? null : { ...strike, culprits: [{ ...strike.culprits[0]!, instance: bad! }] };
  },
  "errors for eight minutes": (scene) =>
    strikeAt(scene, place(scene), { share: 0.2, from: -480, span: LONG }),
  "errors of one caller only": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    const route = found.calls.map(({ to }) => (to.kind === "service" ? to.route : ""))[0]!;
    const where = { service: found.callee, route: found.callee.routes.find(({ name }) => name === route)! };
    return strikeAt(scene, where, { share: 0.4, also: ({ caller }) => caller === found.caller.name });
  },
  "a service crashes on some requests": (scene) =>
    strikeAt(
      scene,
      place(scene, ({ depth }) => depth >= 2),
      { share: 0.3, harm: { error: "ECONNRESET" } },
    ),
  "a service is down": (scene) => {
    const where = place(scene, ({ depth, instances }) => depth >= 2 && instances.length === 1);
    if (where === null) return null;
    const { name, instances } = where.service;
    const down = instances[0]!.id;
    const from = recently(scene.random);
    const refuse: Behaviour["harm"] = (moment) =>
      moment.at >= from && moment.service === name ? { error: "ECONNREFUSED" } : undefined;
    return {
      behaviour: { harm: refuse },
      culprits: [{ service: down }],
      down: [down],
    };
  },
  "an external API answers with errors": (scene) => strikeLeaf(scene, "external", { share: 0.3 }),
  "a database fails": (scene) => strikeLeaf(scene, "peer", { harm: { error: "ECONNREFUSED" } }),
  "two faults at once": (scene) => {
    const [one, two] = [place(scene), place(scene)];
    if (one === null || two === null || one.service === two.service) return null;
    if (isAbove(scene, one.service, two.service) || isAbove(scene, two.service, one.service)) return null;
    const strikes = [strikeAt(scene, one, { share: 0.3 })!, strikeAt(scene, two, { share: 0.3 })!];
    return {
      behaviour: {
        harm: (moment, random) =>
          strikes.map(({ behaviour }) => behaviour.harm?.(moment, random)).find(Boolean),
      },
      culprits: strikes.flatMap(({ culprits }) => culprits),
    };
  },
  "a callee refuses, and its caller fails": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    for (const call of found.calls) call.refusalFails = true;
    const from = recently(scene.random);
    const refuse: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isOn(found, moment) && random.chance(0.5) ? { status: 401 } : undefined;
    return { behaviour: { harm: refuse }, culprits: [{ service: found.callee.name }] };
  },
  "half of two requests a minute fail": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), { share: 0.5, from: -580, span: LONG });
    return strike === null ? null : { ...strike, behaviour: { ...strike.behaviour, rps: () => 2 / 60 } };
  },
  "new errors above errors of always": (scene) => {
    const noisy = place(scene);
    const strike = strikeAt(
      scene,
      place(scene, (service) => service !== noisy?.service),
      { share: 0.2, span: LONG },
    );
    if (noisy === null || strike === null) return null;
    const harm: Behaviour["harm"] = (moment, random) =>
      strike.behaviour.harm?.(moment, random) ??
      (moment.service === noisy.service.name && random.chance(0.03) ? { status: 500 } : undefined);
    return { ...strike, behaviour: { harm } };
  },
  "a slow leaf": (scene) =>
    strikeAt(scene, place(scene, isLeaf), { harm: { extraMs: scene.random.pick([300, 800]) } }),
  "a slow leaf for half an hour": (scene) =>
    strikeAt(scene, place(scene, isLeaf), { harm: { extraMs: 400 }, from: -1_800, span: LONG }),
  "a slow way between two services": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    const from = recently(scene.random);
    return {
      behaviour: {
        harm: (moment) => (moment.at >= from && isOn(found, moment) ? { wayMs: 500 } : undefined),
      },
      culprits: [{ service: found.callee.name }],
    };
  },
  "three of a hundred requests slow": (scene) =>
    strikeAt(scene, place(scene), {
      ...{ share: 0.03, harm: { extraMs: scene.random.pick([700, 2_000]) } },
      ...{ from: -scene.random.integer(90, 400), span: LONG },
    }),
  "a leaf too slow for its callers": (scene) =>
    strikeAt(scene, place(scene, isLeaf), { harm: { extraMs: 5_000 } }),
  "a caller that waits 1 ms": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    const timeoutMs: Behaviour["timeoutMs"] = (name, to) =>
      name === found.caller.name && leadsTo(found, to) ? 1 : undefined;
    return { behaviour: { timeoutMs }, culprits: [{ service: found.caller.name }] };
  },
  "a bad version takes over": (scene) => {
    const where = place(scene, ({ instances, depth }) => instances.length === 1 && depth >= 2);
    if (where === null) return null;
    const from = recently(scene.random);
    const { id } = where.service.instances[0]!;
    where.service.instances.splice(
      ...[0, 1],
      ...[
        { id, version: "1.0.0", endedAt: from },
        { id: `${id}-new`, version: "1.0.1", startedAt: from, at: id },
      ],
    );
    return strikeAt(scene, where, { share: 0.3, from, also: ({ version }) => version === "1.0.1" });
  },
  "a slow leaf while a hundredth fails everywhere": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), { harm: { extraMs: 500 }, span: LONG });
    if (strike === null) return null;
    const harm: Behaviour["harm"] = (moment, random) =>
      strike.behaviour.harm?.(moment, random) ?? (random.chance(0.01) ? { status: 500 } : undefined);
    return { ...strike, behaviour: { harm } };
  },
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
};
