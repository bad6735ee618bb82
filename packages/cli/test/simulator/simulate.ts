import { HEX, type Random } from "../../../../test/helpers/random.ts";
import { type CountedRequest, countRequests, type Documents } from "./count-requests.ts";
import { Places } from "./places.ts";
import {
  type PlannedCall,
  type PlannedInstance,
  type PlannedRoute,
  type PlannedService,
  pickAlive,
  type Target,
} from "./topology.ts";

/** What happens where a fault may strike. */
export interface Moment {
  /** Seconds before now, so negative. */
  readonly at: number;
  readonly caller: string;
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  /** The route, or the method or operation of a callee that is none of the services. */
  readonly route: string;
}

/** What a fault does to one request. */
export interface Harm {
  readonly status?: number;
  /** An error instead of an answer, such as a reset: the callee never sees the request. */
  readonly error?: string;
  /** Time that the callee takes. */
  readonly extraMs?: number;
  /** Time on the way there and back, which the callee does not see. */
  readonly wayMs?: number;
  /** Time for which the callee's only thread does nothing else. */
  readonly blockMs?: number;
  /** Time for which the caller keeps the socket once it has the answer, such as one whose body is read slowly. */
  readonly holdMs?: number;
}

/** A fault, struck anew for each request. */
export interface Behaviour {
  harm?(moment: Moment, random: Random): Harm | undefined;
  /** Another time-out of a caller's call. */
  timeoutMs?(caller: string, to: Target): number | undefined;
  /** How many of the entry's clients go away before the answer. @default 0 */
  readonly clientsLeave?: number;
  /** Whether a proxy between takes the callers' names away. */
  readonly anonymous?: boolean;
  /** Requests per second at the entry. @default 5 */
  rps?(at: number): number;
  /** Which of so many routes of the entry is asked. @default each as often as the others */
  entryRoute?(at: number, routes: number, random: Random): number;
  /** How many calls each instance of a service makes at a time. @default what is planned */
  pool?(service: string, at: number): number | undefined;
}

/** How long a simulation lasts, in seconds before now. */
export interface Span {
  /** Since when the services run, at a twentieth of the rate. */
  readonly calmS: number;
  /** Since when they run at the whole rate. */
  readonly fullS: number;
}

interface Outcome {
  /** What the callee counts. */
  readonly ms: number;
  /** What its caller waits for besides. */
  readonly wayMs: number;
  readonly holdMs?: number | undefined;
  readonly status: number | string;
  readonly failed: boolean;
  readonly error?: string | undefined;
  /** Tells the callee how its request ended. */
  readonly settle: (aborted: boolean) => void;
}

interface Called {
  readonly ms: number;
  readonly failed: boolean;
}

const RPS = 5;
const CALM_PART = 0.05;
const MAX_HOPS = 12;
const LOOP_PART = 0.2;
const QUEUE_MS = 3;
const TAKEN_AFTER_S = 0.05;
const SPAN: Span = { calmS: 1_200, fullS: 720 };

/** Lets requests through the services; returns what each instance would answer on `/debug/traffic`, by its id. */
export function simulate(
  services: readonly PlannedService[],
  addressOf: (instance: string) => string,
  behaviour: Behaviour,
  random: Random,
  span: Span = SPAN,
  count: typeof countRequests = countRequests,
): Documents {
  const byName = new Map(services.map((service) => [service.name, service]));
  const routes = new Map(
    services.map(({ name, routes: all }) => [name, new Map(all.map((r) => [r.name, r]))]),
  );
  const requests: CountedRequest[] = [];
  const loops = new Places(1);
  const pools = new Map(services.map(({ name, pool = 50 }) => [name, new Places(pool)]));
  const broken = new Map<string, { failed: number; asked: number; until: number }>();

  function serve(
    caller: string,
    name: string,
    routeName: string,
    instance: PlannedInstance | undefined,
    at: number,
    traceId: string,
    hops: number,
  ): Outcome {
    const wayMs = random.around(0.6, 0.5);
    if (instance === undefined) return unanswered("ECONNREFUSED", wayMs);
    const route = routes.get(name)!.get(routeName)!;
    const { id, version } = instance;
    const harm = behaviour.harm?.(
      { at, caller, service: name, instance: id, version, route: routeName },
      random,
    );
    if (harm?.error !== undefined) return unanswered(harm.error, random.around(2) + (harm.extraMs ?? 0));
    // The part of the work that holds the only thread makes others wait before they are even seen.
    const workMs = random.around(route.workMs);
    const waitMs = loops.take(id, at, workMs * LOOP_PART + (harm?.blockMs ?? 0));
    const ownMs = workMs + (harm?.extraMs ?? 0) + (harm?.blockMs ?? 0);
    const below =
      hops < MAX_HOPS
        ? callAll(name, id, route, at + waitMs / 1_000, traceId, hops)
        : { ms: 0, failed: false };
    const status = harm?.status ?? (below.failed ? 502 : 200);
    const failed = status >= 500;
    const ms = ownMs + below.ms + waitMs / 2;
    const error = harm?.status !== undefined && failed ? "OwnError" : undefined;
    const settle = (aborted: boolean): void => {
      const isNamed = behaviour.anonymous !== true && byName.get(caller)?.isDark !== true;
      const peer = isNamed ? caller : "unknown";
      requests.push({
        ...{ instance: id, endedAt: at + ms / 1_000, side: "server", peer, route: routeName },
        ...{ ms, status, aborted, error, traceId },
      });
    };
    const onWayMs = wayMs + waitMs / 2 + (harm?.wayMs ?? 0);
    return { ms, wayMs: onWayMs, holdMs: harm?.holdMs, status, failed, error, settle };
  }

  function callAll(
    name: string,
    instance: string,
    route: PlannedRoute,
    at: number,
    traceId: string,
    hops: number,
  ): Called {
    let ms = 0;
    let failed = false;
    for (const call of route.calls) {
      if (!random.chance(call.probability)) continue;
      const one = callWithRetries(name, instance, call, route.parallel ? at : at + ms / 1_000, traceId, hops);
      ms = route.parallel ? Math.max(ms, one.ms) : ms + one.ms;
      if (!one.failed || call.fallback) continue;
      failed = true;
      if (!route.parallel) break;
    }
    return { ms, failed };
  }

  function callWithRetries(
    name: string,
    instance: string,
    call: PlannedCall,
    at: number,
    traceId: string,
    hops: number,
  ): Called {
    const key = `${instance}>${keyOf(call.to)}`;
    const state = broken.get(key) ?? { failed: 0, asked: 0, until: Number.NEGATIVE_INFINITY };
    if (call.breaks === true && at < state.until) return { ms: 0.1, failed: true };
    let ms = 0;
    for (let attempt = 0; ; attempt++) {
      const one = callOnce(name, instance, call, at + ms / 1_000, traceId, hops);
      ms += one.ms;
      if (one.failed && attempt < call.retries) continue;
      if (call.breaks === true) broken.set(key, breaker(state, at, one.failed));
      return { ms, failed: one.failed };
    }
  }

  function callOnce(
    name: string,
    instance: string,
    call: PlannedCall,
    at: number,
    traceId: string,
    hops: number,
  ): Called {
    const pool = pools.get(name)!;
    const sockets = behaviour.pool?.(name, at) ?? pool.size;
    if (call.queue !== undefined) {
      reach(name, call.to, at + TAKEN_AFTER_S, traceId, hops).outcome.settle(false);
      return count({ peer: call.queue, method: "publish" }, random.around(QUEUE_MS), "ok");
    }
    const start = at + pool.waitMs(instance, at, sockets) / 1_000;
    const limitMs = behaviour.timeoutMs?.(name, call.to) ?? call.timeoutMs;
    const queuedMs = (start - at) * 1_000;
    // Who has waited so long for a socket never sends.
    if (queuedMs >= limitMs) return count(peerOf(call.to, at), limitMs, "TimeoutError", limitMs);
    const first = reach(name, call.to, start, traceId, hops);
    const firstMs = first.outcome.ms + first.outcome.wayMs;
    if (call.hedgeAfterMs !== undefined && firstMs > call.hedgeAfterMs) {
      const second = reach(name, call.to, start + call.hedgeAfterMs / 1_000, traceId, hops);
      const secondMs = second.outcome.ms + second.outcome.wayMs + call.hedgeAfterMs;
      // The slower one is given up by its caller: no failure, and no success, to anybody.
      const [won, wonMs, lost] = secondMs < firstMs ? [second, secondMs, first] : [first, firstMs, second];
      lost.outcome.settle(true);
      return finish(won, wonMs);
    }
    return finish(first, firstMs);

    function finish({ outcome, ...peer }: ReturnType<typeof reach>, answeredMs: number): Called {
      const late = answeredMs + queuedMs > limitMs;
      outcome.settle(late);
      const ms = late ? limitMs : answeredMs + queuedMs;
      pool.hold(instance, start, ms - queuedMs + (outcome.holdMs ?? 0));
      return count(peer, ms, late ? "TimeoutError" : outcome.status, queuedMs);
    }

    function count(
      { peer, method }: { peer: string; method: string },
      ms: number,
      status: number | string,
      waitedMs = 0,
    ): Called {
      const error = typeof status === "string" && status !== "ok" ? status : undefined;
      requests.push({
        ...{ instance, endedAt: at + ms / 1_000, side: "client", peer, route: method },
        ...{ ms, status, aborted: false, error, traceId },
        // A database is not asked by sockets of an HTTP client.
        ...(call.to.kind === "peer" ? {} : { waited: { ms: waitedMs, sockets } }),
      });
      const refused = call.refusalFails === true && typeof status === "number" && status >= 400;
      return { ms, failed: error !== undefined || refused || Number(status) >= 500 };
    }
  }

  function peerOf(to: Target, at: number) {
    if (to.kind === "external") return { peer: to.address, method: "POST" };
    if (to.kind === "peer") return { peer: to.name, method: "query" };
    const { instances } = byName.get(to.service)!;
    const instance = pickAlive(instances, at, random);
    const { id, at: place } = instance ?? instances[0]!;
    return { peer: addressOf(place ?? id), method: to.route.split(" ")[0]!, instance };
  }

  function reach(caller: string, to: Target, at: number, traceId: string, hops: number) {
    const { instance, ...peer } = peerOf(to, at);
    if (to.kind === "service") {
      return { ...peer, outcome: serve(caller, to.service, to.route, instance, at, traceId, hops + 1) };
    }
    const moment = { at, caller, service: peer.peer, instance: peer.peer, version: "", route: peer.method };
    const harm = behaviour.harm?.(moment, random) ?? {};
    const status = harm.error ?? harm.status ?? (to.kind === "peer" ? "ok" : 200);
    const failed = harm.error !== undefined || (harm.status ?? 200) >= 500;
    const ms = random.around(to.kind === "peer" ? 4 : 40) + (harm.extraMs ?? 0);
    const told = { status, failed, error: harm.error, holdMs: harm.holdMs };
    return { ...peer, outcome: { ms, wayMs: 0, ...told, settle: () => {} } };
  }

  const entry = services[0]!;
  const gapS = (at: number): number => -Math.log(1 - random.next()) / (behaviour.rps?.(at) ?? RPS);
  for (let at = -span.calmS; at < 0; at += gapS(at)) {
    if (at < -span.fullS && !random.chance(CALM_PART)) continue;
    const asked = behaviour.entryRoute?.(at, entry.routes.length, random);
    const route = (asked === undefined ? random.pick(entry.routes) : entry.routes[asked]!).name;
    const outcome = serve("bot", entry.name, route, entry.instances[0], at, random.chars(32, HEX), 0);
    outcome.settle(random.chance(behaviour.clientsLeave ?? 0));
  }
  return count(services, requests, span.calmS);
}

const keyOf = (to: Target): string =>
  to.kind === "service" ? to.service : to.kind === "peer" ? to.name : to.address;

const unanswered = (error: string, ms: number): Outcome => ({
  ...{ ms, wayMs: 0, status: error, failed: true, error },
  settle: () => {},
});

// Opens for five seconds when half of the last ten calls failed.
function breaker(state: { failed: number; asked: number; until: number }, at: number, failed: boolean) {
  const asked = state.asked + 1;
  const all = state.failed + (failed ? 1 : 0);
  if (asked < 10) return { asked, failed: all, until: state.until };
  return { asked: 0, failed: 0, until: all >= 5 ? at + 5 : state.until };
}
