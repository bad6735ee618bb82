import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { type TestContext, test } from "node:test";
import { investigate } from "../../src/index.ts";
import { deadAddress, fakeService } from "../helpers/fake-service.ts";
import { askable, type Case, casesOf, type Judgement, judge, placeInstances, runCase } from "./case.ts";
import { FAULTS } from "./faults.ts";

// `WHODUNIT_SEED` repeats a run; without it each run meets topologies that nobody has seen.
const SEED = Number(process.env.WHODUNIT_SEED ?? randomInt(2 ** 31));

test("investigate() names the culprit, and none where there is none, in 95 of 100 random topologies", async (t) => {
  t.diagnostic(`WHODUNIT_SEED=${SEED}`);
  const judged: (Judgement & Pick<Case, "name" | "world" | "seed">)[] = [];
  for (const one of casesOf(FAULTS, SEED)) judged.push({ ...one, ...(await ask(t, one)) });
  const wrong = judged.filter(({ story }) => story !== null);
  const stories = wrong.map(({ name, world, seed, story }) => `${name}, ${world} (seed ${seed}): ${story}`);
  for (const story of stories) t.diagnostic(story);
  const innocents = wrong.filter(({ innocent }) => innocent);
  assert.ok(innocents.length <= judged.length * 0.02, stories.join("\n"));
  assert.ok(
    wrong.length <= judged.length * 0.05,
    `${wrong.length} of ${judged.length}:\n${stories.join("\n")}`,
  );
});

async function ask(t: TestContext, one: Case): Promise<Judgement> {
  const asked = askable(one);
  const fakes = new Map<string, Awaited<ReturnType<typeof fakeService>>>();
  const dead = new Map<string, string>();
  for (const { name, instances } of one.services) {
    for (const { id } of instances) if (asked.has(id)) fakes.set(id, await fakeService(t, name));
  }
  // After all others listen, or one of them may be given the port that must stay dead.
  for (const id of one.services.flatMap(({ instances }) => instances.map((instance) => instance.id))) {
    if (!fakes.has(id)) dead.set(id, await deadAddress());
  }
  const heir = new Map(one.services.flatMap(({ instances }) => instances.map(({ id, at }) => [at, id])));
  const listening = (id: string): string =>
    fakes.get(id)?.host ?? fakes.get(heir.get(id) ?? "")?.host ?? dead.get(id)!;
  const places = placeInstances(one, listening);
  for (const [id, document] of runCase(one, places)) {
    const fake = fakes.get(id);
    if (fake !== undefined) fake.document = document;
  }
  const entry = places.get(one.services[0]!.instances[0]!.id)!;
  return judge(await investigate([entry], { view: await deadAddress() }), one, places);
}
