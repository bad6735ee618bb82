import {
  type FaultKind,
  isAt,
  isLeaf,
  isOn,
  LONG,
  place,
  recently,
  strikeAt,
  strikeLeaf,
  way,
} from "./scene.ts";
import type { Behaviour } from "./simulate.ts";

/**
 * The kinds of fault that were not looked at while the rules were tuned: they say what the rules are worth on what
 * nobody thought of. Nobody may be named in those that begin with "none".
 */
export const UNSEEN_FAULTS: Readonly<Record<string, FaultKind>> = {
  "errors for two hours": (scene) => strikeAt(scene, place(scene), { share: 0.1, from: -7_200, span: LONG }),
  "an external API hangs": (scene) =>
    strikeLeaf(scene, "external", { share: 0.5, harm: { extraMs: 30_000 } }),
  "a database slow for eight minutes": (scene) =>
    strikeLeaf(scene, "peer", { harm: { extraMs: 400 }, from: -480, span: LONG }),
  "a slow service in the middle for two hours": (scene) =>
    strikeAt(
      scene,
      place(scene, ({ depth }) => depth === 2),
      { harm: { extraMs: 500 }, from: -7_200, span: LONG },
    ),
  "a leaf that hangs now and then": (scene) =>
    strikeAt(scene, place(scene, isLeaf), { share: 0.2, harm: { extraMs: 60_000 } }),
  "a callee sheds load, and its caller fails": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    for (const call of found.calls) call.refusalFails = true;
    const from = -scene.random.integer(60, 400);
    const shed: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isOn(found, moment) && random.chance(0.25) ? { status: 429 } : undefined;
    return { behaviour: { harm: shed }, culprits: [{ service: found.callee.name }], span: LONG };
  },
  "a slow callee that is hedged": (scene) => {
    const found = way(scene, ({ callee }) => isLeaf(callee));
    if (found === null) return null;
    for (const call of found.calls) call.hedgeAfterMs = 100;
    const from = recently(scene.random);
    const slow: Behaviour["harm"] = (moment) =>
      moment.at >= from && moment.service === found.callee.name ? { extraMs: 400 } : undefined;
    return { behaviour: { harm: slow }, culprits: [{ service: found.callee.name }] };
  },
  "load grows until one service queues": (scene) => {
    const where = place(scene, ({ depth, instances }) => depth >= 2 && instances.length === 1);
    if (where === null) return null;
    const { name } = where.service;
    const perSecond = (scene.usual.get(`${name} ${where.route.name}`) ?? 60) / 60;
    // At the usual rate the thread is less than half busy; at two and a half times of it, it cannot keep up.
    const blockMs = 430 / perSecond;
    const harm: Behaviour["harm"] = (moment) =>
      moment.service === name && moment.route === where.route.name ? { blockMs } : undefined;
    return {
      behaviour: { harm, rps: (at) => (at > -60 ? 12 : 5) },
      culprits: [{ service: name }],
    };
  },
  "retries against a failing leaf": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), { share: 0.6 });
    for (const { routes } of scene.services) {
      for (const { calls } of routes) for (const call of calls) Object.assign(call, { retries: 3 });
    }
    return strike;
  },
  "a slow version beside a good one": (scene) => {
    const where = place(scene, ({ instances }) => instances.length === 3);
    if (where === null) return null;
    const from = -scene.random.integer(60, 200);
    const { id } = where.service.instances[2]!;
    where.service.instances.splice(2, 1, { id, version: "2.0.0", startedAt: from });
    const strike = strikeAt(scene, where, {
      harm: { extraMs: 600 },
      from,
      also: ({ version }) => version === "2.0.0",
    });
    return strike;
  },
  "a slow version takes over": (scene) => {
    const where = place(scene, ({ instances, depth }) => instances.length === 1 && depth >= 2);
    if (where === null) return null;
    const from = -scene.random.integer(25, 300);
    const { id } = where.service.instances[0]!;
    where.service.instances.splice(
      ...[0, 1],
      ...[
        { id, version: "1.0.0", endedAt: from },
        { id: `${id}-new`, version: "1.0.1", startedAt: from, at: id },
      ],
    );
    return strikeAt(scene, where, {
      harm: { extraMs: 500 },
      from,
      also: ({ version }) => version === "1.0.1",
    });
  },
  "the loop stands still now and then": (scene) =>
    strikeAt(
      scene,
      place(scene, ({ instances, depth }) => instances.length === 1 && depth >= 2),
      {
        ...{ share: 0.15, harm: { blockMs: 400 } },
        ...{ from: -scene.random.integer(60, 300), span: LONG },
      },
    ),
  "a database fails under one instance": (scene) => {
    const where = place(scene, ({ instances }) => instances.length === 3);
    const bad = where?.service.instances[0]?.id;
    return strikeAt(scene, where, {
      share: 0.4,
      harm: { status: 503 },
      also: ({ instance }) => instance === bad,
    });
  },
  "none, with everything started anew": (scene) => {
    for (const service of scene.services) {
      if (service.depth === 1) continue;
      const from = -scene.random.integer(30, 500);
      const old = service.instances.splice(0);
      for (const { id } of old) {
        service.instances.push(
          { id, version: "1.0.0", endedAt: from },
          { id: `${id}-new`, version: "1.0.1", startedAt: from, at: id },
        );
      }
    }
    return { behaviour: {}, culprits: [] };
  },
  "none, with load that doubles": () => ({
    behaviour: { rps: (at) => 4 * (1 + Math.max(0, at + 600) / 600) },
    culprits: [],
  }),
  "none, with few requests": () => ({ behaviour: { rps: () => 4 / 60 }, culprits: [], span: LONG }),
  "latency that grows with time": (scene) => {
    const where = place(scene, isLeaf);
    if (where === null) return null;
    const harm: Behaviour["harm"] = (moment) =>
      moment.at >= -600 && isAt(where, moment) ? { extraMs: 0.7 * (moment.at + 600) } : undefined;
    return { behaviour: { harm }, culprits: [{ service: where.service.name }], span: LONG };
  },
  "a second in ten is lost": (scene) =>
    strikeAt(scene, place(scene), {
      harm: { extraMs: 900 },
      from: -scene.random.integer(90, 400),
      also: ({ at }) => (at + 10_000) % 10 < 1,
      span: LONG,
    }),
  "a callee no longer has what its caller needs": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    for (const call of found.calls) call.refusalFails = true;
    const from = recently(scene.random);
    const refuse: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isOn(found, moment) && random.chance(0.35) ? { status: 404 } : undefined;
    return { behaviour: { harm: refuse }, culprits: [{ service: found.callee.name }] };
  },
  "a certificate that has run out": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = recently(scene.random);
    const refuse: Behaviour["harm"] = ({ at, service }) =>
      at >= from && service === name ? { error: "CERT_HAS_EXPIRED" } : undefined;
    return { behaviour: { harm: refuse }, culprits: [{ service: name }] };
  },
  "a name that is not found half of the time": (scene) =>
    strikeLeaf(scene, "external", { share: 0.5, harm: { error: "EAI_AGAIN" } }),
  "two slow leaves": (scene) => {
    const [one, two] = [place(scene, isLeaf), place(scene, isLeaf)];
    if (one === null || two === null || one.service === two.service) return null;
    const strikes = [one, two].map((at) => strikeAt(scene, at, { harm: { extraMs: 500 }, from: -120 })!);
    return {
      behaviour: {
        harm: (moment, random) =>
          strikes.map(({ behaviour }) => behaviour.harm?.(moment, random)).find(Boolean),
      },
      culprits: strikes.flatMap(({ culprits }) => culprits),
    };
  },
  "errors and slowness of one service": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = (moment, random) =>
      moment.at < from || moment.service !== name
        ? undefined
        : random.chance(0.2)
          ? { status: 500, extraMs: 400 }
          : { extraMs: 400 };
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "a slow leaf at a quarter of the load": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), { harm: { extraMs: 300 }, from: -90 });
    return strike === null ? null : { ...strike, behaviour: { ...strike.behaviour, rps: () => 1.2 } };
  },
  "one of three instances hangs": (scene) => {
    const where = place(scene, ({ instances }) => instances.length === 3);
    const bad = where?.service.instances[1]?.id;
    const strike = strikeAt(scene, where, {
      harm: { extraMs: 60_000 },
      also: ({ instance }) => instance === bad,
    });
    return strike === null
      ? null
      : { behaviour: strike.behaviour, culprits: [{ service: where!.service.name }] };
  },
  "a lossy way": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    const from = -scene.random.integer(60, 300);
    const lost: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isOn(found, moment) && random.chance(0.15) ? { wayMs: 1_000 } : undefined;
    return { behaviour: { harm: lost }, culprits: [{ service: found.callee.name }], span: LONG };
  },
  "a database that fails after each restart": (scene) =>
    strikeLeaf(scene, "peer", { share: 0.15, harm: { error: "ECONNRESET" }, from: -240, span: LONG }),
  "none, with a bad version that was taken back": (scene) => {
    const where = place(scene, ({ instances, depth }) => instances.length === 1 && depth >= 2);
    if (where === null) return null;
    const { id } = where.service.instances[0]!;
    where.service.instances.splice(
      ...[0, 1],
      ...[
        { id, version: "1.0.0", endedAt: -400 },
        { id: `${id}-bad`, version: "1.0.1", startedAt: -400, endedAt: -180, at: id },
        { id: `${id}-back`, version: "1.0.0", startedAt: -180, at: id },
      ],
    );
    const strike = strikeAt(scene, where, {
      share: 0.5,
      from: -400,
      also: ({ version }) => version === "1.0.1",
    });
    return strike === null ? null : { behaviour: strike.behaviour, culprits: [] };
  },
  "none, with one request a minute and some refused": () => ({
    behaviour: {
      harm: (_moment, random) => (random.chance(0.1) ? { status: 404 } : undefined),
      rps: () => 1 / 60,
    },
    culprits: [],
    span: LONG,
  }),
  "none, with bursts": () => ({
    behaviour: { rps: (at) => ((at + 10_000) % 40 < 8 ? 15 : 1) },
    culprits: [],
  }),
  "none, with clients that leave by the half": () => ({
    behaviour: { clientsLeave: 0.5 },
    culprits: [],
  }),
};
