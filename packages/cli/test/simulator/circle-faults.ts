import { type FaultKind, recently, type Scene, way } from "./scene.ts";
import type { Behaviour, Moment } from "./simulate.ts";
import type { PlannedCall, PlannedRoute, PlannedService } from "./topology.ts";

/** Services that call each other in a circle, on routes of their own from the second time on. */
interface Circle {
  /** In the order in which a request comes by. */
  readonly members: readonly PlannedService[];
  /** Where it ends, at the last member. */
  readonly end: PlannedRoute;
  /** The call that leads there. */
  readonly lastCall: PlannedCall;
  /** Outsiders ask for what they always did, and for nothing that stands within the circle. */
  readonly asked: Pick<Behaviour, "entryRoute">;
}

// So long that no caller gives up: of so many that wait for each other some would be late by chance.
const PATIENT_MS = 20_000;

const callTo = (service: string, route: string): PlannedCall => ({
  to: { kind: "service", service, route },
  ...{ timeoutMs: 2_000, retries: 0, fallback: false, probability: 1 },
});

/** Lets a busy way lead on, by as many services as the circle is long, back to where it comes from, so many times. */
function circleOf({ services, ...scene }: Scene, length: 2 | 3, rounds: number): Circle | null {
  const { random } = scene;
  const found = way({ services, ...scene }, ({ caller }) => caller.depth <= 2);
  if (found === null) return null;
  const { caller, callee, calls } = found;
  const others = services.filter((one) => one !== caller && one !== callee && one !== services[0]);
  if (others.length === 0) return null;
  const members = [caller, callee, random.pick(others)].slice(0, length);
  const askedRoutes = services[0]!.routes.length;
  const reached = new Set(calls.map(({ to }) => (to.kind === "service" ? to.route : "")));
  let last = callee.routes.filter(({ name }) => reached.has(name));
  let lastCall = calls[0]!;
  const onward = [...members.slice(2), ...Array.from({ length: rounds }, () => members).flat()];
  for (const [step, service] of onward.entries()) {
    const name = `GET /${service.name}/again${step}`;
    const route: PlannedRoute = { name, workMs: random.integer(2, 20), parallel: false, calls: [] };
    service.routes.push(route);
    lastCall = callTo(service.name, name);
    for (const one of last) one.calls.push(lastCall);
    last = [route];
  }
  const entryRoute: Behaviour["entryRoute"] = (_at, _routes, own) => own.integer(0, askedRoutes - 1);
  return { members, end: last[0]!, lastCall, asked: { entryRoute } };
}

interface Harmed {
  readonly length: 2 | 3;
  readonly rounds: number;
  readonly harm: Behaviour["harm"];
  /** Only the requests at the circle's end. @default all of one member */
  readonly atEnd?: boolean;
}

/** Harms the requests of a member of a circle. */
function strikeCircle(scene: Scene, { length, rounds, harm, atEnd = false }: Harmed) {
  const circle = circleOf(scene, length, rounds);
  if (circle === null) return null;
  const { members, end, asked } = circle;
  const { name } = atEnd ? members.at(-1)! : scene.random.pick(members);
  const from = recently(scene.random);
  const isHers = ({ at, service, route }: Moment): boolean =>
    at >= from && service === name && (!atEnd || route === end.name);
  const behaviour: Behaviour = {
    ...asked,
    harm: (moment, random) => (isHers(moment) ? harm?.(moment, random) : undefined),
  };
  return { circle, behaviour, culprits: [{ service: name }] };
}

/** Faults among services that call each other in a circle, which the rules were tuned on. */
export const CIRCLE_FAULTS: Readonly<Record<string, FaultKind>> = {
  "errors of one of two in a circle": (scene) =>
    strikeCircle(scene, {
      ...{ length: 2, rounds: 2 },
      harm: (_moment, random) => (random.chance(0.2) ? { status: 500 } : undefined),
    }),
  "errors at the end of a circle of three": (scene) =>
    strikeCircle(scene, {
      ...{ length: 3, rounds: 1, atEnd: true },
      harm: (_moment, random) => (random.chance(0.3) ? { status: 500 } : undefined),
    }),
  "errors at the end of five rounds of two": (scene) =>
    strikeCircle(scene, {
      ...{ length: 2, rounds: 4, atEnd: true },
      harm: (_moment, random) => (random.chance(0.3) ? { status: 500 } : undefined),
    }),
  "a slow one of two in a circle": (scene) =>
    strikeCircle(scene, { length: 2, rounds: 2, harm: () => ({ extraMs: 200 }) }),
  "a slow one of two in five rounds": (scene) =>
    strikeCircle(scene, { length: 2, rounds: 4, harm: () => ({ extraMs: 150 }) }),
  "the end of a circle hangs": (scene) =>
    strikeCircle(scene, { length: 2, rounds: 1, atEnd: true, harm: () => ({ extraMs: 5_000 }) }),
  "none, with a circle of three and late requests": (scene) => {
    const circle = circleOf(scene, 3, 2);
    if (circle === null) return null;
    const calls = scene.services.flatMap(({ routes }) => routes.flatMap((route) => route.calls));
    for (const call of calls) Object.assign(call, { timeoutMs: PATIENT_MS });
    const harm: Behaviour["harm"] = (_moment, random) =>
      random.chance(0.03) ? { extraMs: random.around(300, 1) } : undefined;
    return { behaviour: { ...circle.asked, harm }, culprits: [] };
  },
};

/** Those that were not looked at. */
export const UNSEEN_CIRCLE_FAULTS: Readonly<Record<string, FaultKind>> = {
  "a slow one of three in a circle": (scene) =>
    strikeCircle(scene, { length: 3, rounds: 2, harm: () => ({ extraMs: 150 }) }),
  "one of three in a circle hangs now and then": (scene) =>
    strikeCircle(scene, {
      ...{ length: 3, rounds: 1 },
      harm: (_moment, random) => (random.chance(0.1) ? { extraMs: 30_000 } : undefined),
    }),
  "what stands at the end of a circle refuses, and its caller fails": (scene) => {
    const strike = strikeCircle(scene, {
      ...{ length: 2, rounds: 1, atEnd: true },
      harm: (_moment, random) => (random.chance(0.5) ? { status: 401 } : undefined),
    });
    if (strike !== null) strike.circle.lastCall.refusalFails = true;
    return strike;
  },
  "a database below a circle is slow": (scene) => {
    const circle = circleOf(scene, 2, 1);
    if (circle === null) return null;
    circle.end.calls.push({ ...callTo("", ""), to: { kind: "peer", name: "db-of-circle" } });
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = ({ at, service }) =>
      at >= from && service === "db-of-circle" ? { extraMs: 300 } : undefined;
    return { behaviour: { ...circle.asked, harm }, culprits: [{ service: "db-of-circle" }] };
  },
  "errors of one of two that call each other as often as not": (scene) => {
    const found = way(scene, ({ caller }) => caller.depth === 1);
    if (found === null) return null;
    const { caller, callee } = found;
    const back = { ...callTo(caller.name, caller.routes[0]!.name), probability: 0.5 };
    callee.routes[0]!.calls.push(back);
    const { name } = scene.random.pick([caller, callee]);
    const from = recently(scene.random);
    const harm: Behaviour["harm"] = ({ at, service }, random) =>
      at >= from && service === name && random.chance(0.15) ? { status: 500 } : undefined;
    return { behaviour: { harm }, culprits: [{ service: name }] };
  },
  "none, with a circle of two": (scene) => {
    const circle = circleOf(scene, 2, 2);
    if (circle === null) return null;
    const harm: Behaviour["harm"] = (_moment, random) =>
      random.chance(0.002) ? { status: 500 } : random.chance(0.1) ? { status: 404 } : undefined;
    return { behaviour: { ...circle.asked, harm }, culprits: [] };
  },
};
