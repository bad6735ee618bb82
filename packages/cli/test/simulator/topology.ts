import type { Random } from "../../../../test/helpers/random.ts";

/** Whom a route calls. */
export type Target =
  | { readonly kind: "service"; readonly service: string; readonly route: string }
  /** Somebody else's HTTP API, known by its address. */
  | { readonly kind: "external"; readonly address: string }
  /** A database or a queue, known by the name of a span. */
  | { readonly kind: "peer"; readonly name: string };

/** One call that a route makes. */
export interface PlannedCall {
  readonly to: Target;
  readonly timeoutMs: number;
  readonly retries: number;
  /** Whether the route answers well when this call fails. */
  readonly fallback: boolean;
  /** How often the route makes it. */
  readonly probability: number;
  /** Whether the route answers 502 where the callee refuses with a 4xx. */
  refusalFails?: boolean;
  /** Whether the caller stops asking for a while when most of its calls failed, and fails at once instead. */
  breaks?: boolean;
  /** After how long a second call is made, the slower of both given up. */
  hedgeAfterMs?: number;
  /** The queue that takes it, so that nobody waits for the callee. */
  queue?: string;
}

/** One route and what it does. */
export interface PlannedRoute {
  readonly name: string;
  /** The median of its own work. */
  readonly workMs: number;
  /** Whether its calls go out together. */
  readonly parallel: boolean;
  readonly calls: PlannedCall[];
}

/** One service. The first of a topology is the entry. */
export interface PlannedService {
  readonly name: string;
  readonly depth: number;
  readonly instances: PlannedInstance[];
  readonly routes: PlannedRoute[];
  /** How many calls each instance makes at a time. @default 50 */
  pool?: number;
  /** Whether it does not know Whodunit: it tells nobody anything, and its callees not who asks. */
  isDark?: boolean;
}

/** One process of a service. */
export interface PlannedInstance {
  readonly id: string;
  readonly version: string;
  /** Seconds before now, so negative. Default: long ago. */
  readonly startedAt?: number;
  /** Seconds before now at which it ended. Default: it runs. */
  readonly endedAt?: number;
  /** Where it listens: the id of the instance whose address it took over. @default its own */
  readonly at?: string;
  /** How many seconds its clock is ahead. @default 0 */
  readonly clockAheadS?: number;
}

/** One of the instances that run at a moment, in seconds before now. */
export function pickAlive(
  instances: readonly PlannedInstance[],
  at: number,
  random: Random,
): PlannedInstance | undefined {
  const alive = instances.filter(
    ({ startedAt = Number.NEGATIVE_INFINITY, endedAt = 0 }) => at >= startedAt && at < endedAt,
  );
  return alive.length === 0 ? undefined : random.pick(alive);
}

const MAX_DEPTH = 6;

/**
 * Services in a tree, a chain or a flat fan, with fan-out, retries, fallbacks, databases, external APIs and circles.
 *
 * @param size how many; 4 to 9
 */
export function planTopology(random: Random, size: number = random.integer(4, 9)): PlannedService[] {
  const services: PlannedService[] = [];
  const shape = random.pick(["tree", "tree", "chain", "fan"]);
  for (let i = 0; i < size; i++) {
    const parents = services.filter(({ depth }) => depth < MAX_DEPTH);
    const near = { tree: parents, chain: parents.slice(-2), fan: parents.slice(0, 2) }[shape]!;
    const parent = i === 0 ? undefined : random.pick(near);
    const service = planService(random, `s${i}`, (parent?.depth ?? 0) + 1);
    services.push(service);
    if (parent !== undefined) callEveryRoute(random, parent, service);
  }
  addShortcuts(random, services);
  for (const service of services) addLeaves(random, service);
  return services;
}

function planService(random: Random, name: string, depth: number): PlannedService {
  const instances = depth === 1 ? 1 : random.pick([1, 1, 3]);
  return {
    name,
    depth,
    instances: Array.from({ length: instances }, (_, i) => ({ id: `${name}-${i}`, version: "1.0.0" })),
    routes: Array.from({ length: random.integer(1, 3) }, (_, i) => ({
      name: `${random.pick(["GET", "POST"])} /${name}/r${i}`,
      workMs: random.integer(2, 20),
      parallel: random.chance(0.3),
      calls: [],
    })),
  };
}

const plannedCall = (random: Random, to: Target, probability = 1): PlannedCall => ({
  to,
  timeoutMs: 2_000,
  retries: random.pick([0, 0, 0, 1, 2]),
  fallback: random.chance(0.1),
  probability,
});

function callEveryRoute(random: Random, parent: PlannedService, child: PlannedService): void {
  for (const { name } of child.routes) {
    const to: Target = { kind: "service", service: child.name, route: name };
    random.pick(parent.routes).calls.push(plannedCall(random, to, random.pick([1, 1, 0.6])));
  }
}

function addShortcuts(random: Random, services: readonly PlannedService[]): void {
  for (let i = 0; i < 2; i++) {
    const from = random.pick(services);
    const to = random.pick(services);
    if (from === to) continue;
    // Backwards it is a circle: rare calls, or the requests would never end.
    const probability = to.depth > from.depth ? 0.5 : 0.05;
    const target: Target = { kind: "service", service: to.name, route: random.pick(to.routes).name };
    random.pick(from.routes).calls.push(plannedCall(random, target, probability));
  }
}

function addLeaves(random: Random, service: PlannedService): void {
  const number = service.name.slice(1);
  if (random.chance(0.6)) {
    random.pick(service.routes).calls.push(plannedCall(random, { kind: "peer", name: `db-${number}` }));
  }
  if (random.chance(0.4)) {
    const address = `203.0.113.${number}:443`;
    random.pick(service.routes).calls.push(plannedCall(random, { kind: "external", address }));
  }
}
