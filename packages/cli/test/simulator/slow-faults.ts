import {
  callsOf,
  type FaultKind,
  isLeaf,
  isOn,
  LONG,
  leadsTo,
  place,
  recently,
  shareDatabase,
  strikeAt,
  strikeLeaf,
  strikePeer,
  way,
} from "./scene.ts";
import type { Behaviour } from "./simulate.ts";

/** Faults that make requests slow. */
export const SLOW_FAULTS: Readonly<Record<string, FaultKind>> = {
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
  "a slow leaf while a hundredth fails everywhere": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), { harm: { extraMs: 500 }, span: LONG });
    if (strike === null) return null;
    const harm: Behaviour["harm"] = (moment, random) =>
      strike.behaviour.harm?.(moment, random) ?? (random.chance(0.01) ? { status: 500 } : undefined);
    return { ...strike, behaviour: { harm } };
  },
  "a caller that waits 1 ms": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    const timeoutMs: Behaviour["timeoutMs"] = (name, to) =>
      name === found.caller.name && leadsTo(found, to) ? 1 : undefined;
    return { behaviour: { timeoutMs }, culprits: [{ service: found.caller.name }] };
  },
  "an external API has slow moments": (scene) =>
    strikeLeaf(scene, "external", { share: 0.04, harm: { extraMs: 1_500 }, from: -300, span: LONG }),
  "all ways of one service slow": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = recently(scene.random);
    const isHers: Behaviour["harm"] = (moment) =>
      moment.at >= from && (moment.service === name || moment.caller === name) ? { wayMs: 250 } : undefined;
    return { behaviour: { harm: isHers }, culprits: [{ service: name }] };
  },
  "a pool of one": (scene) => {
    const found = way(scene, ({ caller }) => caller.depth >= 2);
    if (found === null) return null;
    found.caller.pool = 1;
    const from = recently(scene.random);
    const holdMs = (42_000 * found.caller.instances.length) / callsOf(scene, found.caller);
    // Each call holds the only socket longer, for seven tenths of the time altogether: the others wait for it, and the callee
    // sees nothing of that.
    const hold: Behaviour["harm"] = (moment) =>
      moment.at >= from && moment.caller === found.caller.name ? { holdMs } : undefined;
    return { behaviour: { harm: hold }, culprits: [{ service: found.caller.name }] };
  },
  "a slow leaf for six minutes, and nobody remembers": (scene) =>
    strikeAt(scene, place(scene, isLeaf), {
      ...{ harm: { extraMs: 600 }, from: -360, span: { calmS: 600, fullS: 600 } },
    }),
  "a slow leaf for eight minutes, and nobody remembers": (scene) =>
    strikeAt(scene, place(scene, isLeaf), {
      ...{ harm: { extraMs: 600 }, from: -480, span: { calmS: 660, fullS: 660 } },
    }),
  "a slow leaf at six requests a minute": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), {
      ...{ harm: { extraMs: 800 }, from: -300, span: LONG },
    });
    return strike === null ? null : { ...strike, behaviour: { ...strike.behaviour, rps: () => 0.1 } };
  },
  "a service without enough processor time": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = -scene.random.integer(60, 300);
    const slowMs = scene.random.pick([60, 120]);
    // Whoever waits for a processor is late to work, and late to see that an answer has come.
    const harm: Behaviour["harm"] = (moment) =>
      moment.at < from
        ? undefined
        : moment.service === name
          ? { extraMs: slowMs }
          : moment.caller === name
            ? { wayMs: slowMs }
            : undefined;
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "a slow network around one service": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = -scene.random.integer(60, 300);
    const isHers: Behaviour["harm"] = (moment) =>
      moment.at >= from && (moment.service === name || moment.caller === name) ? { wayMs: 150 } : undefined;
    return { behaviour: { harm: isHers }, culprits: [{ service: name }] };
  },
  "sockets run out": (scene) => {
    const found = way(scene, ({ caller }) => caller.depth >= 2 && caller.instances.length === 1);
    if (found === null) return null;
    const { name } = found.caller;
    const calls = scene.usual.get(`${name}>${found.callee.name}`) ?? 0;
    const from = recently(scene.random);
    // The callee takes nine tenths of what one socket can do: of many sockets nobody sees anything.
    for (const route of found.callee.routes) Object.assign(route, { workMs: 54_000 / calls - 10 });
    return {
      behaviour: { pool: (service, at) => (service === name && at >= from ? 1 : undefined) },
      culprits: [{ service: name }],
      span: LONG,
    };
  },
  "a slow leaf that callers give up and ask again": (scene) => {
    const found = way(scene, ({ callee }) => isLeaf(callee));
    if (found === null) return null;
    for (const call of found.calls) Object.assign(call, { timeoutMs: 300, retries: 2, fallback: false });
    const from = recently(scene.random);
    const slow: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && moment.service === found.callee.name ? { extraMs: random.around(350) } : undefined;
    return { behaviour: { harm: slow }, culprits: [{ service: found.callee.name }] };
  },
  "one slow instance of three": (scene) => {
    const where = place(scene, ({ instances }) => instances.length === 3);
    const bad = where?.service.instances[0]?.id;
    return strikeAt(scene, where, { harm: { extraMs: 500 }, also: ({ instance }) => instance === bad });
  },
  "a database that several share is slow": (scene) => {
    const name = shareDatabase(scene);
    return name === null
      ? null
      : strikePeer(name, { share: 1, harm: { extraMs: 300 }, from: recently(scene.random) });
  },
  "a slow service in the middle whose callee is a little slow": (scene) => {
    const found = way(scene, ({ caller }) => caller.depth >= 2);
    if (found === null) return null;
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = (moment) =>
      moment.at < from
        ? undefined
        : moment.service === found.caller.name
          ? { extraMs: 600 }
          : moment.service === found.callee.name
            ? { extraMs: 15 }
            : undefined;
    return { behaviour: { harm }, culprits: [{ service: found.caller.name }] };
  },
};
