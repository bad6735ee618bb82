import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { type TestContext, test } from "node:test";
import { investigate, type Series, type Verdict } from "../../src/index.ts";
import { deadAddress, fakeService } from "../helpers/fake-service.ts";
import { FAULTS, type FaultKind, type Strike } from "../helpers/faults.ts";
import { createRandom, type Random } from "../helpers/random.ts";
import { type Behaviour, simulate } from "../helpers/simulate.ts";
import { type PlannedService, planTopology } from "../helpers/topology.ts";

/**
 * The worlds in which each kind of fault strikes. Noisy: two requests of a thousand fail everywhere, always.
 * Balanced: of each service only the first instance can be asked, at the address that stands for all.
 * Anonymous: something between takes the callers' names away.
 */
const WORLDS = ["plain", "noisy", "plain", "balanced", "anonymous"] as const;
type World = (typeof WORLDS)[number];
const NOISE = 0.002;

// `WHODUNIT_SEED` repeats a run; without it each run meets topologies that nobody has seen.
const SEED = Number(process.env.WHODUNIT_SEED ?? randomInt(2 ** 31));

interface Case {
  readonly services: PlannedService[];
  readonly strike: Strike;
  readonly seed: number;
}

test("investigate() names the culprit, and none where there is none, in 95 of 100 random topologies", async (t) => {
  t.diagnostic(`WHODUNIT_SEED=${SEED}`);
  const wrong: string[] = [];
  let accusedInnocents = 0;
  let cases = 0;
  for (const [index, [name, kind]] of Object.entries(FAULTS).entries()) {
    for (const [i, world] of WORLDS.entries()) {
      const { services, strike, seed } = findCase(kind, SEED + index * 1_000_003 + i * 7_919);
      const { verdict, addresses } = await ask(t, services, strike, seed, world);
      cases += 1;
      const fault = judge(verdict, strike, addresses, world);
      if (fault === null) continue;
      wrong.push(`${name}, ${world} (seed ${seed}): ${fault}`);
      if (strike.culprits.length === 0) accusedInnocents += 1;
    }
  }
  for (const one of wrong) t.diagnostic(one);
  assert.equal(cases, 100);
  assert.equal(accusedInnocents, 0, wrong.join("\n"));
  assert.ok(wrong.length <= 5, `${wrong.length} wrong of ${cases}:\n${wrong.join("\n")}`);
});

/** A topology that has a place for this kind of fault. */
function findCase(kind: FaultKind, firstSeed: number): Case {
  for (let seed = firstSeed; ; seed++) {
    const random = createRandom(seed);
    const services = planTopology(random);
    const usual = countUsual(
      services,
      simulate(services, (id) => id, {}, createRandom(seed)),
    );
    const strike = kind({ services, random, usual });
    if (strike !== null) return { services, strike, seed };
  }
}

function countUsual(services: readonly PlannedService[], all: ReadonlyMap<string, readonly Series[]>) {
  const usual = new Map<string, number>();
  const add = (key: string, count: number): void => void usual.set(key, (usual.get(key) ?? 0) + count);
  for (const { name, instances } of services) {
    for (const one of instances.flatMap(({ id }) => all.get(id) ?? [])) {
      if (one.windowS !== 60) continue;
      if (one.side === "client") add(one.peer, one.count);
      else {
        add(`${name} ${one.route}`, one.count);
        add(`${one.peer}>${name}`, one.count);
      }
    }
  }
  return usual;
}

async function ask(
  t: TestContext,
  services: readonly PlannedService[],
  strike: Strike,
  seed: number,
  world: World,
) {
  const down = new Set(strike.down);
  const addresses = new Map<string, string>();
  const fakes = new Map<string, Awaited<ReturnType<typeof fakeService>>>();
  for (const { name, instances } of services) {
    for (const { id, version } of instances) {
      const first = addresses.get(instances[0]!.id);
      if (world === "balanced" && first !== undefined) {
        addresses.set(id, first);
        continue;
      }
      if (down.has(id)) continue;
      const fake = await fakeService(t, name, [], { instance: id, version });
      fakes.set(id, fake);
      addresses.set(id, fake.host);
    }
  }
  // After all others listen, or one of them may be given the port that must stay dead.
  for (const id of down) addresses.set(id, await deadAddress());
  const struck = { ...strike.behaviour, anonymous: world === "anonymous" };
  const behaviour = world === "noisy" ? withNoise(struck) : struck;
  const all = simulate(services, (id) => addresses.get(id)!, behaviour, createRandom(seed + 1));
  for (const [id, fake] of fakes) fake.series = all.get(id)!;
  const verdict = await investigate([addresses.get(services[0]!.instances[0]!.id)!], {
    view: await deadAddress(),
  });
  return { verdict, addresses };
}

function withNoise(behaviour: Behaviour): Behaviour {
  const noise = (random: Random) => (random.chance(NOISE) ? { status: 500 } : undefined);
  return { ...behaviour, harm: (moment, random) => behaviour.harm?.(moment, random) ?? noise(random) };
}

/** What is wrong with a verdict; null when it is right. */
function judge(
  verdict: Verdict,
  { culprits, verdict: wanted, from }: Strike,
  addresses: ReadonlyMap<string, string>,
  world: World,
): string | null {
  const said = verdict.culprits.map(
    (one) => `${one.service} ${one.fault} [${one.routes.map(({ name }) => name)}] ${one.error}`,
  );
  const expected = culprits.map(({ service, route }) => `${service} ${route ?? ""}`);
  const story = `said ${verdict.verdict} ${JSON.stringify(said)}, want ${JSON.stringify(expected)}`;
  if (verdict.verdict !== (wanted ?? (culprits.length > 0 ? "culprit" : "nothing"))) return story;
  if (verdict.culprits.length !== culprits.length) return story;
  for (const { service, route, instance } of culprits) {
    const named = verdict.culprits.find((one) => one.service === (addresses.get(service) ?? service));
    if (named === undefined) return story;
    // The routes and instances of an instance that nobody could ask are not known to anybody.
    if (world === "balanced") continue;
    if (route !== undefined && named.known && named.fault !== "unreachable" && named.fault !== "timeouts") {
      if (!named.routes.some(({ name }) => name === route)) return story;
    }
    // Under steady noise a run of failing has no beginning.
    if (world === "plain" && from !== undefined && named.since !== null) {
      const agoS = (Date.now() - Date.parse(named.since)) / 1_000;
      if (agoS > 10 - from) return `${story}, since ${Math.round(agoS)} s, not ${-from} s`;
    }
    const only = named.instances.map(({ name }) => name);
    if (instance !== undefined && !(only.length === 1 && only[0]!.includes(addresses.get(instance)!))) {
      return `${story}, on ${instance}, not ${JSON.stringify(only)}`;
    }
  }
  return null;
}
