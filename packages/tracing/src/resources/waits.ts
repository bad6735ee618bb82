import type { Agent } from "node:http";
import { watchedPools } from "@whodunit/core";
import { aimOf } from "../running/aim.ts";
import type { WindowSeconds } from "../traffic/slots.ts";
import { WINDOWS } from "../traffic/slots.ts";

/** Who waits for a connection, and for which. */
export interface Waits {
  /** `sockets` of Node's HTTP client; `pool`: one told by `watchPool`, given to a probe of health, or of node-redis. */
  readonly kind: "sockets" | "pool";
  /** The host and port that the sockets lead to, or the pool's name; of node-redis the server's, as traffic has it. */
  readonly name: string;
  /** How many wait, on average over the window: times its seconds, the time that was waited. */
  readonly waiting: number;
  /** How many connections there may be; null where it is not known. */
  readonly size: number | null;
}

// What waits is told of this many, the fullest.
const TOLD_MAX = 8;
const KEPT_MAX = 32;
// Any request waits a little.
const WAITING_MIN = 0.05;
const AGENTS_MAX = 64;

type AgentInternals = Agent & {
  readonly requests: Readonly<Record<string, readonly { readonly destroyed: boolean }[] | undefined>>;
};

// As a request comes by, nothing but a look whether the agent is known.
const seen = new WeakSet<Agent>();
const agents: WeakRef<Agent>[] = [];

/** How many sockets an agent may have to an origin: no more than to all together. */
const limitOf = ({ maxSockets, maxTotalSockets = Number.POSITIVE_INFINITY }: Agent): number =>
  Math.min(maxSockets, maxTotalSockets);

/** Has an agent of Node's HTTP client be looked at whose number of sockets is limited. */
export function watchAgent(agent: unknown): void {
  const one = agent as Agent | undefined | null | false;
  if (!one || limitOf(one) === Number.POSITIVE_INFINITY || seen.has(one)) return;
  seen.add(one);
  const gone = agents.findIndex((ref) => ref.deref() === undefined);
  if (gone !== -1) agents[gone] = new WeakRef(one);
  else if (agents.length < AGENTS_MAX) agents.push(new WeakRef(one));
}

// By name: how long those waited whose client shows no queue, since the last look.
const waited: Readonly<Record<Waits["kind"], Map<string, number>>> = { sockets: new Map(), pool: new Map() };
const PEERS_MAX = 256;

/** Counts for how long somebody waited for a connection of a client that shows no queue. */
export function addWaited(kind: Waits["kind"], name: string, ms: number): void {
  const waitedMs = waited[kind];
  const known = waitedMs.get(name);
  if (known !== undefined) waitedMs.set(name, known + ms);
  else if (waitedMs.size < PEERS_MAX) waitedMs.set(name, ms);
}

/** What of the time was waited: so many on average. */
function waitedSince(elapsedMs: number): Waits[] {
  const waits = (["sockets", "pool"] as const).flatMap((kind) =>
    [...waited[kind]].map(([name, ms]): Waits => ({ kind, name, waiting: ms / elapsedMs, size: null })),
  );
  for (const waitedMs of Object.values(waited)) waitedMs.clear();
  return waits;
}

function waitingForSockets(): Waits[] {
  return agents.flatMap((ref) => {
    const agent = ref.deref() as AgentInternals | undefined;
    if (agent === undefined) return [];
    return Object.entries(agent.requests ?? {}).map(([key, requests = []]): Waits => {
      // Node's name of an origin: `host:port:localAddress:…`.
      const name = key.split(":").slice(0, 2).join(":");
      // What is given up stays in the queue until a socket is free.
      const waiting = requests.filter(({ destroyed }) => !destroyed).length;
      return { kind: "sockets", name, waiting, size: limitOf(agent) };
    });
  });
}

// What fetch asks, and whatever goes by it: set by undici's setGlobalDispatcher().
const DISPATCHER = Symbol.for("undici.globalDispatcher.1");

/** What undici tells of an origin: of several connections and who waits for one, or of the only one. */
interface OriginStats {
  readonly connected: number | boolean;
  readonly queued?: number;
  readonly pending: number;
}

function waitingForFetch(): Waits[] {
  try {
    const { stats } = (globalThis as { [DISPATCHER]?: { readonly stats?: object } })[DISPATCHER] ?? {};
    return Object.entries(stats ?? {}).flatMap(([origin, told]) => waitingFor(origin, told as OriginStats));
  } catch {
    // A dispatcher of the service's own.
    return [];
  }
}

function waitingFor(origin: string, { connected, pending, queued }: OriginStats): Waits[] {
  const url = URL.parse(origin);
  const waiting = queued ?? (connected === true ? pending : 0);
  if (url === null || typeof waiting !== "number") return [];
  const { host, port } = aimOf(url);
  return [{ kind: "sockets", name: `${host}:${port}`, waiting, size: Number(connected) || null }];
}

const waitingForPools = (): Waits[] =>
  watchedPools().map(({ name, waiting, size }) => ({ kind: "pool", name, waiting, size }));

/** Slots of seconds by name: how many waited at each sample. */
interface Kept {
  readonly kind: Waits["kind"];
  readonly name: string;
  size: number | null;
  /** Sums by slot of each window, and the slot's number. */
  readonly sums: Float64Array;
  readonly epochs: Float64Array;
}

/** Who waits now, and on average did since the last look. */
export const lookWhoWaits = (elapsedMs: number): Waits[] => [
  ...waitingForSockets(),
  ...waitingForFetch(),
  ...waitedSince(elapsedMs),
  ...waitingForPools(),
];

const SLOTS = WINDOWS.reduce((sum, { slots }) => sum + slots, 0);

/** How many waited for sockets and pools, in the windows of traffic. */
export class WaitWindows {
  readonly #kept = new Map<string, Kept>();

  /** Adds what was seen at one look. */
  add(nowMs: number, all: readonly Waits[]): void {
    for (const { kind, name, waiting, size } of all) {
      if (waiting < WAITING_MIN) continue;
      const kept = this.#keptOf({ kind, name, size }, nowMs);
      if (kept === undefined) continue;
      kept.size = size;
      let first = 0;
      for (const { slotMs, slots } of WINDOWS) {
        const epoch = Math.floor(nowMs / slotMs);
        const at = first + (epoch % slots);
        if (kept.epochs[at] !== epoch) kept.sums[at] = 0;
        kept.epochs[at] = epoch;
        kept.sums[at]! += waiting;
        first += slots;
      }
    }
  }

  /** @param samples how many samples the window had */
  read(windowS: WindowSeconds, nowMs: number, samples: number): Waits[] {
    const index = WINDOWS.findIndex((one) => one.windowS === windowS);
    const { slotMs, slots } = WINDOWS[index]!;
    const first = WINDOWS.slice(0, index).reduce((sum, one) => sum + one.slots, 0);
    const oldest = Math.floor(nowMs / slotMs) - slots;
    return [...this.#kept.values()]
      .map(({ kind, name, size, sums, epochs }): Waits => {
        let sum = 0;
        for (let at = first; at < first + slots; at++) if (epochs[at]! > oldest) sum += sums[at]!;
        return { kind, name, size, waiting: Math.round((10 * sum) / samples) / 10 };
      })
      .filter(({ waiting }) => waiting > 0)
      .sort((a, b) => b.waiting - a.waiting)
      .slice(0, TOLD_MAX);
  }

  // What waits for one of so many is told apart from what may have waited to be connected.
  #keptOf({ kind, name, size }: Omit<Waits, "waiting">, nowMs: number): Kept | undefined {
    const key = `${kind} ${size === null} ${name}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#kept.size >= KEPT_MAX && !this.#forgetOne(nowMs)) return undefined;
    const kept = {
      ...{ kind, name, size },
      sums: new Float64Array(SLOTS),
      epochs: new Float64Array(SLOTS).fill(-1),
    };
    this.#kept.set(key, kept);
    return kept;
  }

  #forgetOne(nowMs: number): boolean {
    const longest = WINDOWS.at(-1)!;
    const oldest = Math.floor(nowMs / longest.slotMs) - longest.slots;
    for (const [key, { epochs }] of this.#kept) {
      if (epochs.subarray(SLOTS - longest.slots).every((epoch) => epoch <= oldest))
        return this.#kept.delete(key);
    }
    return false;
  }
}
