import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { investigate } from "../../src/index.ts";
import { deadAddress, fakeService } from "../helpers/fake-service.ts";
import { askable, type Case, type Judgement, judge, oneCaseOfEach, placeInstances, runCase } from "./case.ts";
import { FAULTS } from "./faults.ts";

// One seed, so that nothing fails by chance; `WHODUNIT_SEED` tries another. The scoreboard in benchmarks/verdicts takes
// new ones, and five times as many cases.
const SEED = Number(process.env.WHODUNIT_SEED ?? 1);
const isLeftOut = leftOut(Object.keys(FAULTS), 20);

test("investigate() names the culprit over HTTP, and nobody where there is none, in a case of each kind of fault", async (t) => {
  const judged: (Judgement & Pick<Case, "name" | "world" | "seed">)[] = [];
  for (const one of oneCaseOfEach(FAULTS, SEED, isLeftOut)) judged.push({ ...one, ...(await ask(t, one)) });
  const wrong = judged.filter(({ story }) => story !== null);
  const stories = wrong.map(({ name, world, seed, story }) => `${name}, ${world} (seed ${seed}): ${story}`);
  for (const story of stories) t.diagnostic(story);
  assert.ok(wrong.filter(({ innocent }) => innocent).length <= 1, stories.join("\n"));
  assert.ok(wrong.length <= 3, `${wrong.length} of ${judged.length}:\n${stories.join("\n")}`);
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
