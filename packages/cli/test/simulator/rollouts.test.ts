import assert from "node:assert/strict";
import { test } from "node:test";
import { isFull } from "../../../../test/helpers/scale.ts";
import { examine, type Findings } from "../../src/investigate/examine.ts";
import { type Case, findCase } from "./case.ts";
import { type FaultKind, place, type Scene, strikeAt } from "./scene.ts";
import { askCase } from "./survey-of.ts";
import type { PlannedService } from "./topology.ts";

const SEED = Number(process.env.WHODUNIT_SEED ?? 1);
const EACH = isFull ? 10 : 2;
const OLD = "1.0.0";
const NEW = "1.0.1";

/** A version takes over from the one before it at a moment, where nobody else runs. */
function takeOver({ instances }: PlannedService, at: number): void {
  for (const { id } of instances.splice(0)) {
    instances.push(
      { id, version: OLD, endedAt: at },
      { id: `${id}-new`, version: NEW, startedAt: at, at: id },
    );
  }
}

const single = ({ instances, depth }: PlannedService): boolean => instances.length === 1 && depth >= 2;
const triple = ({ instances }: PlannedService): boolean => instances.length === 3;

const badOfNew = (scene: Scene, where: ReturnType<typeof place>, from: number) =>
  strikeAt(scene, where, { share: 0.3, from, also: ({ version }) => version === NEW });

const PLANTED: Readonly<Record<string, FaultKind>> = {
  "a bad version takes over": (scene) => {
    const where = place(scene, single);
    const from = -scene.random.integer(30, 160);
    if (where !== null) takeOver(where.service, from);
    return badOfNew(scene, where, from);
  },
  "a bad version beside a good one": (scene) => {
    const where = place(scene, triple);
    const from = -scene.random.integer(30, 160);
    const last = where?.service.instances.pop();
    if (last !== undefined) where!.service.instances.push({ ...last, version: NEW, startedAt: from });
    return badOfNew(scene, where, from);
  },
};

const INNOCENT: Readonly<Record<string, FaultKind>> = {
  "a good version takes over at another service": (scene) => {
    const from = -scene.random.integer(30, 160);
    const where = place(scene);
    const other = scene.services.find((one) => one !== where?.service && single(one));
    if (other === undefined) return null;
    takeOver(other, from);
    return strikeAt(scene, where, { share: 0.3, from });
  },
  "a good version takes over long before": (scene) => {
    const from = -scene.random.integer(30, 160);
    const where = place(scene, single);
    if (where !== null) takeOver(where.service, from - 300);
    return strikeAt(scene, where, { share: 0.3, from });
  },
};

function* casesOf(kinds: Readonly<Record<string, FaultKind>>): Iterable<[Case, Findings]> {
  for (const [name, kind] of Object.entries(kinds)) {
    for (let i = 0; i < EACH; i++) {
      const one = findCase(name, kind, "plain", SEED + 7_919 * i);
      yield [one, examine(askCase(one).survey, 60)];
    }
  }
}

const told = ({ culprits }: Findings): string =>
  JSON.stringify(culprits.map(({ service, changes }) => [service, changes]));

test("examine() names the version that began with a fault, and when", () => {
  for (const [one, findings] of casesOf(PLANTED)) {
    const story = `${one.name} (seed ${one.seed}): ${told(findings)}`;
    const [culprit] = findings.culprits;
    const [change] = culprit?.changes ?? [];
    assert.equal(culprit?.service, one.strike.culprits[0]!.service, story);
    assert.match(change?.what ?? "", /^version 1\.0\.1 started/, story);
    const startedAtMs = Date.now() + one.strike.from! * 1_000;
    assert.ok(Math.abs(Date.parse(change!.at) - startedAtMs) < 15_000, story);
  }
});

test("examine() blames no version that took over at another service, or long before", () => {
  for (const [one, findings] of casesOf(INNOCENT)) {
    const story = `${one.name} (seed ${one.seed}): ${told(findings)}`;
    assert.equal(findings.culprits[0]?.service, one.strike.culprits[0]!.service, story);
    const blamed = findings.culprits.flatMap(({ changes }) => changes).filter(({ kind }) => kind === "start");
    assert.deepEqual(blamed, [], story);
  }
});
