import {
  type FaultKind,
  isAt,
  isLeaf,
  isOn,
  leafCall,
  place,
  recently,
  strikeAt,
  strikePeer,
  way,
} from "./scene.ts";
import type { Behaviour, Span } from "./simulate.ts";

/**
 * What those inject who publish sets of faults (RCAEval, Nezha, PetShop, Online Boutique, Train Ticket, Sock Shop): a hog
 * of CPU, memory or disk, a delay or a loss on all that a service sends and gets, sockets that are gone, wrong code; some
 * of it under few requests, in processes that nobody remembers, and among services that do not know Whodunit.
 */
const NOT_REMEMBERED: Span = { calmS: 600, fullS: 600 };
const SLOWLY: Required<Pick<Behaviour, "rps">> = { rps: () => 1 };

/** All that a service sends and gets: on the way to it, and from it to others. */
const isAround = (name: string, { service, caller }: { service: string; caller: string }): boolean =>
  service === name || caller === name;

/** Those of them that the rules were tuned on. */
export const INJECTED_FAULTS: Readonly<Record<string, FaultKind>> = {
  "a quota of processor time that is used up": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = recently(scene.random);
    // What is out of its quota stands still for the rest of a tenth of a second, wherever it is.
    const harm: Behaviour["harm"] = (moment, random) =>
      moment.at < from || !isAround(name, moment) || random.chance(0.4)
        ? undefined
        : moment.service === name
          ? { extraMs: random.integer(30, 180) }
          : { wayMs: random.integer(10, 90) };
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "memory runs out, and the process is killed": (scene) => {
    const where = place(scene, ({ depth, instances }) => depth >= 2 && instances.length === 1);
    if (where === null) return null;
    const { name } = where.service;
    const from = -scene.random.integer(70, 300);
    const harm: Behaviour["harm"] = ({ at, service }) => {
      if (at < from || service !== name) return undefined;
      const aliveS = (at - from) % 60;
      return aliveS > 56 ? { error: "ECONNREFUSED" } : { extraMs: 8 * aliveS };
    };
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "a slow service that does not know Whodunit": (scene) => {
    const where = place(scene, (service) => service.instances.length === 1 && isLeaf(service));
    if (where === null) return null;
    where.service.isDark = true;
    const strike = strikeAt(scene, where, { harm: { extraMs: 400 } });
    return strike === null
      ? null
      : { behaviour: strike.behaviour, culprits: [{ service: where.service.instances[0]!.id }] };
  },
  "errors for which callers have something else": (scene) => {
    const found = way(scene);
    if (found === null) return null;
    for (const call of found.calls) Object.assign(call, { fallback: true });
    const from = recently(scene.random);
    const fail: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isOn(found, moment) && random.chance(0.4) ? { status: 500 } : undefined;
    return { behaviour: { harm: fail }, culprits: [{ service: found.callee.name }] };
  },
  "four of a hundred requests late since eight minutes, and ten minutes are remembered": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), {
      ...{ harm: { extraMs: 700 }, share: 0.04, from: -480, span: { calmS: 1_100, fullS: 1_100 } },
    });
    return strike === null ? null : { ...strike, behaviour: { ...strike.behaviour, rps: () => 2.5 } };
  },
  "none, with long tails everywhere": () => ({
    behaviour: {
      harm: (_moment, random) => ({ extraMs: random.around(8, 1.3), wayMs: random.around(1, 1.3) }),
    },
    culprits: [],
  }),
  "none, with a minute of tails at one service": (scene) => {
    const where = place(scene, isLeaf);
    const from = -scene.random.integer(40, 70);
    const harm: Behaviour["harm"] = (moment, random) =>
      where !== null && moment.at >= from && isAt(where, moment) && random.chance(0.03)
        ? { extraMs: random.integer(110, 200) }
        : undefined;
    return where === null
      ? null
      : { behaviour: { harm, rps: () => 2.5 }, culprits: [], span: { calmS: 1_100, fullS: 1_100 } };
  },
};

/** Those that were not looked at. */
export const UNSEEN_INJECTED_FAULTS: Readonly<Record<string, FaultKind>> = {
  "a delay around one service at one request a second": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isAround(name, moment) ? { wayMs: random.around(200, 0.2) } : undefined;
    return { behaviour: { harm, ...SLOWLY }, culprits: [{ service: name }], span: NOT_REMEMBERED };
  },
  "packets of one service are lost": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = -scene.random.integer(60, 300);
    // A lost packet is sent again after a fifth of a second, one that opens a connection after a second.
    const harm: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isAround(name, moment) && random.chance(0.2)
        ? { wayMs: random.chance(0.15) ? 1_000 : 210 }
        : undefined;
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "a slow disk": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && moment.service === name && random.chance(0.4)
        ? { extraMs: random.around(250, 1) }
        : undefined;
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "a service that takes two of three connections": (scene) => {
    const where = place(scene, ({ depth }) => depth >= 2);
    if (where === null) return null;
    const { name } = where.service;
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && moment.service === name && random.chance(0.33)
        ? { error: random.pick(["ECONNRESET", "ECONNREFUSED"]) }
        : undefined;
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "errors at one request a second that nobody remembers": (scene) => {
    const strike = strikeAt(scene, place(scene), { share: 0.3, from: -120, span: NOT_REMEMBERED });
    return strike === null ? null : { ...strike, behaviour: { ...strike.behaviour, ...SLOWLY } };
  },
  "a slow leaf at one request a second that nobody remembers": (scene) => {
    const strike = strikeAt(scene, place(scene, isLeaf), {
      ...{ harm: { extraMs: 300 }, from: -90, span: NOT_REMEMBERED },
    });
    return strike === null ? null : { ...strike, behaviour: { ...strike.behaviour, ...SLOWLY } };
  },
  "a slow service behind one that does not know Whodunit": (scene) => {
    const found = way(
      scene,
      ({ caller, callee }) => caller.depth >= 2 && caller.instances.length === 1 && isLeaf(callee),
    );
    if (found === null) return null;
    found.caller.isDark = true;
    const from = recently(scene.random);
    const slow: Behaviour["harm"] = (moment) =>
      moment.at >= from && moment.service === found.callee.name ? { extraMs: 400 } : undefined;
    return { behaviour: { harm: slow }, culprits: [{ service: found.callee.name }] };
  },
  "a consumer of messages fails": (scene) => {
    const found = way(scene, ({ callee }) => isLeaf(callee));
    if (found === null) return null;
    for (const call of found.calls) call.queue = "messages";
    const from = recently(scene.random);
    const fail: Behaviour["harm"] = (moment, random) =>
      moment.at >= from && isOn(found, moment) && random.chance(0.4) ? { status: 500 } : undefined;
    return { behaviour: { harm: fail }, culprits: [{ service: found.callee.name }] };
  },
  "the entry itself is slow": (scene) =>
    strikeAt(
      scene,
      place(scene, ({ depth }) => depth === 1),
      { harm: { extraMs: 400 } },
    ),
  "a delay to one database at one request a second": (scene) => {
    const leaf = leafCall(scene, "peer");
    if (leaf === null) return null;
    const strike = strikePeer(leaf, { share: 1, harm: { extraMs: 250 }, from: recently(scene.random) });
    return { ...strike, behaviour: { ...strike.behaviour, ...SLOWLY }, span: NOT_REMEMBERED };
  },
  "none, at one request a second that nobody remembers": () => ({
    behaviour: SLOWLY,
    culprits: [],
    span: NOT_REMEMBERED,
  }),
  "none, with neighbours that take the processor for moments": () => ({
    behaviour: {
      harm: ({ at, service }) => {
        const phase = (service.charCodeAt(service.length - 1) * 7) % 60;
        return (at + 6_000 + phase) % 60 < 3 ? { extraMs: 80 } : undefined;
      },
    },
    culprits: [],
  }),
  "none, with a service that does not know Whodunit": (scene) => {
    const where = place(scene, ({ depth, instances }) => depth >= 2 && instances.length === 1);
    if (where === null) return null;
    where.service.isDark = true;
    return { behaviour: {}, culprits: [] };
  },
};
