import {
  type FaultKind,
  isAbove,
  isLeaf,
  isOn,
  LONG,
  place,
  recently,
  shareDatabase,
  strikeAt,
  strikeLeaf,
  strikePeer,
  way,
} from "./scene.ts";
import type { Behaviour } from "./simulate.ts";

/** Faults that make requests fail. */
export const FAILING_FAULTS: Readonly<Record<string, FaultKind>> = {
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
    for (const call of found.calls) Object.assign(call, { refusalFails: true, fallback: false });
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
  "a breaker opens": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    for (const call of found.calls) {
      call.breaks = true;
    }
    const from = recently(scene.random);
    const fail: Behaviour["harm"] = (moment) =>
      moment.at >= from && moment.service === found.callee.name ? { status: 503 } : undefined;
    return { behaviour: { harm: fail }, culprits: [{ service: found.callee.name }] };
  },
  "a breaker opens now and then": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    for (const call of found.calls) call.breaks = true;
    const from = recently(scene.random);
    const fail: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && moment.service === found.callee.name && random.chance(0.6)
        ? { status: 503 }
        : undefined;
    return { behaviour: { harm: fail }, culprits: [{ service: found.callee.name }] };
  },
  "a database that several share fails": (scene) => {
    const name = shareDatabase(scene);
    return name === null
      ? null
      : strikePeer(name, { share: 0.4, harm: { error: "ECONNREFUSED" }, from: recently(scene.random) });
  },
  "a service that crashes and starts again": (scene) => {
    const where = place(scene, ({ depth, instances }) => depth >= 2 && instances.length === 1);
    if (where === null) return null;
    const { name } = where.service;
    const from = -scene.random.integer(60, 300);
    const down: Behaviour["harm"] = ({ at, service }) =>
      at >= from && service === name && (at - from) % 30 < 8 ? { error: "ECONNREFUSED" } : undefined;
    return { behaviour: { harm: down }, culprits: [{ service: name }] };
  },
  "two of a hundred requests fail": (scene) =>
    strikeAt(scene, place(scene), { share: 0.02, from: -scene.random.integer(60, 400), span: LONG }),
  "errors while clocks differ by minutes": (scene) => {
    for (const { instances } of scene.services) {
      for (const instance of instances) {
        Object.assign(instance, { clockAheadS: scene.random.integer(-150, 150) });
      }
    }
    const strike = strikeAt(scene, place(scene), { share: 0.3 });
    return strike === null ? null : { behaviour: strike.behaviour, culprits: strike.culprits };
  },
  "errors deep inside while load grows threefold": (scene) => {
    const strike = strikeAt(
      scene,
      place(scene, ({ depth }) => depth >= 3),
      { share: 0.3 },
    );
    if (strike === null) return null;
    return { ...strike, behaviour: { ...strike.behaviour, rps: (at) => (at > -180 ? 12 : 4) } };
  },
  "a fault on each of two services of one way": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isOn(found, moment) && random.chance(0.3)
        ? { status: 503 }
        : moment.at >= from && moment.service === found.caller.name && random.chance(0.4)
          ? { status: 500 }
          : undefined;
    return {
      behaviour: { harm },
      culprits: [{ service: found.caller.name }, { service: found.callee.name }],
    };
  },
};
