import type { Series } from "../../src/index.ts";
import type { Random } from "./random.ts";
import { Recorder } from "./recorder.ts";
import type { PlannedCall, PlannedRoute, PlannedService, Target } from "./topology.ts";

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
  readonly extraMs?: number;
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
}

interface Outcome {
  readonly ms: number;
  readonly status: number | string;
  readonly failed: boolean;
  readonly error?: string | undefined;
  /** Tells the callee how its request ended. */
  readonly settle: (aborted: boolean) => void;
}

const DURATION_S = 360;
const RPS = 5;
const MAX_HOPS = 12;

/** Lets six minutes of requests through the services; returns what each instance counted, by its id. */
export function simulate(
  services: readonly PlannedService[],
  addressOf: (instance: string) => string,
  behaviour: Behaviour,
  random: Random,
): Map<string, Series[]> {
  const byName = new Map(services.map((service) => [service.name, service]));
  const recorders = new Map(
    services.flatMap(({ instances }) => instances.map(({ id }) => [id, new Recorder()])),
  );

  function serve(
    caller: string,
    name: string,
    routeName: string,
    instance: PlannedService["instances"][number],
    at: number,
    traceId: string,
    hops: number,
  ): Outcome {
    const service = byName.get(name)!;
    const route = service.routes.find((one) => one.name === routeName)!;
    const moment = {
      at,
      caller,
      service: name,
      instance: instance.id,
      version: instance.version,
      route: routeName,
    };
    const harm = behaviour.harm?.(moment, random);
    if (harm?.error !== undefined) {
      const ms = random.around(2) + (harm.extraMs ?? 0);
      return { ms, status: harm.error, failed: true, error: harm.error, settle: () => {} };
    }
    const ownMs = random.around(route.workMs) + (harm?.extraMs ?? 0);
    const below =
      hops < MAX_HOPS
        ? callAll(service.name, instance.id, route, at, traceId, hops)
        : { ms: 0, failed: false };
    const status = harm?.status ?? (below.failed ? 500 : 200);
    const failed = status >= 500;
    const ms = ownMs + below.ms;
    const error = harm?.status !== undefined && failed ? "OwnError" : undefined;
    const settle = (aborted: boolean): void => {
      recorders
        .get(instance.id)!
        .add("server", behaviour.anonymous === true ? "unknown" : caller, routeName, {
          at: at + ms / 1_000,
          ms,
          status,
          failed,
          aborted,
          error,
          traceId,
        });
    };
    return { ms, status, failed, error, settle };
  }

  function callAll(
    name: string,
    instance: string,
    route: PlannedRoute,
    at: number,
    traceId: string,
    hops: number,
  ): { ms: number; failed: boolean } {
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
  ): { ms: number; failed: boolean } {
    let ms = 0;
    for (let attempt = 0; ; attempt++) {
      const one = callOnce(name, instance, call, at + ms / 1_000, traceId, hops);
      ms += one.ms;
      if (!one.failed || attempt >= call.retries) return { ms, failed: one.failed };
    }
  }

  function callOnce(
    name: string,
    instance: string,
    { to, timeoutMs }: PlannedCall,
    at: number,
    traceId: string,
    hops: number,
  ): { ms: number; failed: boolean } {
    const { peer, method, outcome } = reach(name, to, at, traceId, hops);
    const waitMs = behaviour.timeoutMs?.(name, to) ?? timeoutMs;
    const late = outcome.ms > waitMs;
    outcome.settle(late);
    const ms = late ? waitMs : outcome.ms;
    const failed = late || outcome.failed;
    const status = late ? "TimeoutError" : outcome.status;
    const error = late ? "TimeoutError" : typeof outcome.status === "string" ? outcome.error : undefined;
    recorders.get(instance)!.add("client", peer, method, {
      at: at + ms / 1_000,
      ms,
      status,
      failed,
      aborted: false,
      error,
      traceId,
    });
    return { ms, failed };
  }

  function reach(
    caller: string,
    to: Target,
    at: number,
    traceId: string,
    hops: number,
  ): { peer: string; method: string; outcome: Outcome } {
    if (to.kind === "service") {
      const instance = random.pick(byName.get(to.service)!.instances);
      const outcome = serve(caller, to.service, to.route, instance, at, traceId, hops + 1);
      return { peer: addressOf(instance.id), method: to.route.split(" ")[0]!, outcome };
    }
    const peer = to.kind === "external" ? to.address : to.name;
    const method = to.kind === "external" ? "POST" : "query";
    const moment = { at, caller, service: peer, instance: peer, version: "", route: method };
    const harm = behaviour.harm?.(moment, random) ?? {};
    const status = harm.error ?? harm.status ?? (to.kind === "peer" ? "ok" : 200);
    const failed = harm.error !== undefined || (harm.status ?? 200) >= 500;
    const ms = random.around(to.kind === "peer" ? 4 : 40) + (harm.extraMs ?? 0);
    return { peer, method, outcome: { ms, status, failed, error: harm.error, settle: () => {} } };
  }

  const entry = services[0]!;
  const gapS = (at: number): number => -Math.log(1 - random.next()) / (behaviour.rps?.(at) ?? RPS);
  for (let at = -DURATION_S; at < 0; at += gapS(at)) {
    const route = random.pick(entry.routes);
    const outcome = serve("bot", entry.name, route.name, entry.instances[0]!, at, random.hex(32), 0);
    outcome.settle(random.chance(behaviour.clientsLeave ?? 0));
  }
  const nowMs = Date.now();
  return new Map([...recorders].map(([id, recorder]) => [id, recorder.series(nowMs)]));
}
