import assert from "node:assert/strict";
import { test } from "node:test";
import { isFull } from "../../../../test/helpers/scale.ts";
import { examine } from "../../src/investigate/examine.ts";
import { findCase, judge } from "./case.ts";
import { type FaultKind, isLeaf, LONG, place, strikeAt, strikeLeaf } from "./scene.ts";
import { askCase } from "./survey-of.ts";

const MINUTES = [1, 8, 30, 120] as const;
const SEED = Number(process.env.WHODUNIT_SEED ?? 1);

const KINDS: Readonly<Record<string, (from: number) => FaultKind>> = {
  errors: (from) => (scene) => strikeAt(scene, place(scene), { share: 0.2, from, span: LONG }),
  "a slow leaf": (from) => (scene) =>
    strikeAt(scene, place(scene, isLeaf), { harm: { extraMs: 400 }, from, span: LONG }),
  "a slow database": (from) => (scene) =>
    strikeLeaf(scene, "peer", { harm: { extraMs: 300 }, from, span: LONG }),
};

test("examine() names what began 8, 30 and 120 minutes ago no less often than what began a minute ago", () => {
  const right = new Map<number, number>(MINUTES.map((minutes) => [minutes, 0]));
  const stories: string[] = [];
  for (const [name, kind] of Object.entries(KINDS)) {
    for (let i = 0; i < (isFull ? 10 : 1); i++) {
      for (const minutes of MINUTES) {
        const one = findCase(name, kind(-60 * minutes), "plain", SEED + 7_919 * i);
        const { survey, places } = askCase(one);
        const { first, story } = judge(examine(survey, 60), one, places);
        if (first === "right") right.set(minutes, right.get(minutes)! + 1);
        else stories.push(`${name} for ${minutes} min (seed ${one.seed}): ${story}`);
      }
    }
  }
  const [minute, ...later] = [...right.values()];
  assert.ok(minute! > 0 && later.every((count) => count >= minute!), stories.join("\n"));
});
