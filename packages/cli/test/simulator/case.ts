import { createRandom, type Random } from "../../../../test/helpers/random.ts";
import type { Verdict } from "../../src/index.ts";
import type { Documents } from "./count-requests.ts";
import type { FaultKind, Strike } from "./scene.ts";
import { type Behaviour, simulate } from "./simulate.ts";
import { type PlannedService, planTopology } from "./topology.ts";

/**
 * The worlds in which each kind of fault strikes. Noisy: two requests of a thousand fail everywhere, always.
 * Balanced: of each service only the first instance can be asked, at the address that stands for all.
 * Anonymous: something between takes the callers' names away.
 */
export const WORLDS = ["plain", "noisy", "plain", "balanced", "anonymous"] as const;

/** One of {@link WORLDS}. */
export type World = (typeof WORLDS)[number];

const NOISE = 0.002;

/** A fault in a topology of its own. */
export interface Case {
  readonly name: string;
  readonly world: World;
  readonly services: readonly PlannedService[];
  readonly strike: Strike;
  readonly seed: number;
}

/** The cases of each kind, so many in each world; the same for the same seed. */
export function* casesOf(
  kinds: Readonly<Record<string, FaultKind>>,
  firstSeed: number,
  eachWorld: number,
): Iterable<Case> {
  for (const [index, [name, kind]] of Object.entries(kinds).entries()) {
    for (let i = 0; i < eachWorld * WORLDS.length; i++) {
      const seed = firstSeed + index * 1_000_003 + i * 7_919;
      yield findCase(name, kind, WORLDS[i % WORLDS.length]!, seed);
    }
  }
}

/** One case of each kind that is not left out, each kind in another world than the one before. */
export function* oneCaseOfEach(
  kinds: Readonly<Record<string, FaultKind>>,
  firstSeed: number,
  isLeftOut: (kind: string) => unknown,
): Iterable<Case> {
  for (const [index, [name, kind]] of Object.entries(kinds).entries()) {
    if (isLeftOut(name)) continue;
    yield findCase(name, kind, WORLDS[index % WORLDS.length]!, firstSeed + index * 1_000_003);
  }
}

/** A topology that has a place for this kind of fault. */
export function findCase(name: string, kind: FaultKind, world: World, firstSeed: number): Case {
  for (let seed = firstSeed; ; seed++) {
    const random = createRandom(seed);
    const services = planTopology(random);
    const calm = simulate(services, (id) => id, {}, createRandom(seed), { calmS: 180, fullS: 180 });
    const strike = kind({ services, random, usual: countUsual(services, calm) });
    if (strike !== null) return { name, world, services, strike, seed };
  }
}

interface CountedSeries {
  readonly side: string;
  readonly peer: string;
  readonly route: string;
  readonly windowS: number;
  readonly count: number;
}

function countUsual(services: readonly PlannedService[], documents: Documents): Map<string, number> {
  const usual = new Map<string, number>();
  const add = (key: string, count: number): void => void usual.set(key, (usual.get(key) ?? 0) + count);
  for (const { name, instances } of services) {
    for (const { id } of instances) {
      const { series } = documents.get(id) as { series: CountedSeries[] };
      for (const one of series) {
        if (one.windowS !== 60) continue;
        if (one.side === "client") add(one.peer, one.count);
        else {
          add(`${name} ${one.route}`, one.count);
          add(`${one.peer}>${name}`, one.count);
        }
      }
    }
  }
  return usual;
}

/** Which instances can be asked, by id: those that run, and of a balanced service the first. */
export function askable({ services, strike, world }: Case): ReadonlySet<string> {
  const down = new Set(strike.down);
  const all = services.flatMap(({ instances, isDark }) => {
    if (isDark === true) return [];
    const running = instances.filter(({ endedAt = 0 }) => endedAt >= 0);
    return world === "balanced" ? running.slice(0, 1) : running;
  });
  return new Set(all.map(({ id }) => id).filter((id) => !down.has(id)));
}

/** Where each instance is reached, when those that can be asked listen at `listening`, and the dead at a place of their own. */
export function placeInstances(
  { services, world }: Case,
  listening: (id: string) => string,
): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const { instances } of services) {
    for (const { id, at } of instances) {
      if (at === undefined)
        places.set(
          id,
          world === "balanced" ? (places.get(instances[0]!.id) ?? listening(id)) : listening(id),
        );
    }
    for (const { id, at } of instances) if (at !== undefined) places.set(id, places.get(at)!);
  }
  return places;
}

/** What each instance would answer. */
export function runCase(
  { services, strike, seed, world }: Case,
  places: ReadonlyMap<string, string>,
  count?: Parameters<typeof simulate>[5],
): Documents {
  const struck = { ...strike.behaviour, anonymous: world === "anonymous" };
  const behaviour = world === "noisy" ? withNoise(struck) : struck;
  return simulate(services, (id) => places.get(id)!, behaviour, createRandom(seed + 1), strike.span, count);
}

function withNoise(behaviour: Behaviour): Behaviour {
  const noise = (random: Random) => (random.chance(NOISE) ? { status: 500 } : undefined);
  return { ...behaviour, harm: (moment, random) => behaviour.harm?.(moment, random) ?? noise(random) };
}

/** How a verdict fares: the right name first, nobody named, or an innocent named; and what it said. */
export interface Judgement {
  readonly first: "right" | "none" | "wrong";
  /** Whether somebody is named who has done nothing. */
  readonly innocent: boolean;
  /** What is wrong with it besides; null when nothing is. */
  readonly story: string | null;
}

/** Judges a verdict, or what is the same of it. */
export function judge(
  verdict: Pick<Verdict, "verdict" | "culprits">,
  { strike, world }: Case,
  places: ReadonlyMap<string, string>,
): Judgement {
  const { culprits, from } = strike;
  const nameOf = (service: string): string => places.get(service) ?? service;
  const guilty = new Set(culprits.map(({ service }) => nameOf(service)));
  const named = verdict.verdict === "culprit" ? verdict.culprits : [];
  const said = named.map(
    (one) => `${one.service} ${one.fault} [${one.routes.map(({ name }) => name)}] ${one.error}`,
  );
  const expected = culprits.map(({ service, route }) => `${service} ${route ?? ""}`);
  const story = `said ${verdict.verdict} ${JSON.stringify(said)}, want ${JSON.stringify(expected)}`;
  const innocent = named.some(({ service }) => !guilty.has(service));
  const [first] = named;
  if (first === undefined) return { first: "none", innocent, story: guilty.size === 0 ? null : story };
  if (!guilty.has(first.service)) return { first: "wrong", innocent, story };
  return {
    first: "right",
    innocent,
    story: innocent || named.length !== culprits.length ? story : details(),
  };

  function details(): string | null {
    for (const { service, route, instance } of culprits) {
      const one = named.find((culprit) => culprit.service === nameOf(service));
      if (one === undefined) return story;
      // The routes and instances of an instance that nobody could ask are not known to anybody.
      if (world === "balanced") continue;
      if (route !== undefined && one.known && one.fault !== "unreachable" && one.fault !== "timeouts") {
        if (!one.routes.some(({ name }) => name === route)) return `${story}: another route`;
      }
      // Under steady noise a run of failing has no beginning.
      if (world === "plain" && from !== undefined && one.since !== null) {
        const agoS = (Date.now() - Date.parse(one.since)) / 1_000;
        if (agoS > 20 - from) return `${story}, since ${Math.round(agoS)} s, not ${-from} s`;
      }
      const only = one.instances.map(({ name }) => name);
      if (instance !== undefined && !(only.length === 1 && only[0]!.includes(nameOf(instance)))) {
        return `${story}, on ${instance}, not ${JSON.stringify(only)}`;
      }
    }
    return null;
  }
}
