import assert from "node:assert/strict";
import { test } from "node:test";
import { chanceOfAtLeast, chanceOfAtMost } from "../../src/investigate/chance.ts";
import { examined, named, told } from "../helpers/examined.ts";

/** The chances of 0, 1, ... of so many by drawing from an urn, to which each ball drawn comes back with one of its colour. */
function byUrn(count: number, had: number, known: number): number[] {
  const [yes, no] = [had + 0.5, known - had + 0.5];
  let chances = [1];
  for (let drawn = 0; drawn < count; drawn++) {
    const next = Array.from({ length: drawn + 2 }, () => 0);
    for (const [hits, chance] of chances.entries()) {
      const isOne = (yes + hits) / (yes + no + drawn);
      next[hits + 1]! += chance * isOne;
      next[hits]! += chance * (1 - isOne);
    }
    chances = next;
  }
  return chances;
}

const isNear = (actual: number, expected: number, told: string): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-7 * expected + 1e-300, `${told}: ${actual}, not ${expected}`);

test("chanceOfAtLeast() is what draws from an urn come to, for the rarest and for the most likely", () => {
  for (const [count, had, known] of [
    [7, 3, 11],
    [20, 0, 5],
    [40, 0.4, 37.5],
    [300, 2.6, 90],
    [25, 12, 12],
  ] as const) {
    const chances = byUrn(count, had, known);
    for (let many = 0; many <= count + 1; many++) {
      const expected = chances.slice(many).reduceRight((sum, one) => sum + one, 0);
      isNear(
        chanceOfAtLeast(many, count, { had, known }),
        expected,
        `${many} of ${count}, ${had} of ${known}`,
      );
    }
  }
});

test("chanceOfAtLeast() comes near to a chance that is well known, and takes what is hardly known for possible", () => {
  const share = 0.02;
  const binomial = 1 - chanceOfAtMost(17, 400, share);
  const known = 1e9;
  assert.ok(Math.abs(chanceOfAtLeast(18, 400, { had: share * known, known }) / binomial - 1) < 1e-3);
  assert.ok(chanceOfAtLeast(14, 20, { had: 0, known: 5 }) > 1e-3);
  assert.ok(chanceOfAtLeast(14, 20, { had: 0, known: 500 }) < 1e-15);
});

/** What is said of a service with other routes beside, of which so many of `count` requests took 300 ms. */
const late = (slow: number, count: number, known: number, others = 0): string[] => {
  const quick = (n: number): [number, number] => [20, n];
  const rest = Array.from({ length: others }, (_, i) => `GET /other${i}`);
  const side = (route: string, n: number) => told("server", "bot", route, { ms: [quick(n)] });
  return named(
    examined({
      web: {
        now: [
          told("server", "bot", "GET /", { ms: [quick(count - slow), [300, slow]] }),
          ...rest.map((route) => side(route, 100)),
        ],
        past: [side("GET /", known), ...rest.map((route) => side(route, 1_000))],
      },
    }),
  );
};

test("examine() takes twelve of twenty requests for late by chance where five are remembered, and not where hundreds are", () => {
  assert.deepEqual(late(12, 20, 5), []);
  assert.deepEqual(late(12, 20, 500), ["web slow"]);
  assert.deepEqual(late(20, 20, 20), ["web slow"]);
});

test("examine() wants more late requests where more series are looked at: of many one is late by chance", () => {
  const needed = (others: number): number =>
    Array.from({ length: 20 }, (_, i) => i).find((slow) => late(slow, 20, 50, others).length > 0)!;
  assert.ok(needed(0) < needed(200), `${needed(0)}, then ${needed(200)}`);
});

test("examine() lets a few late requests accuse nobody where little is known and the mean may have grown by chance", () => {
  const ask = (lateMs: number, startedAt: string): string[] => {
    const now = told("server", "bot", "GET /", {
      ms: [
        [8, 95],
        [lateMs, 5],
      ],
    });
    const past = [told("server", "bot", "GET /", { ms: [[8, 1_000]] })];
    return named(examined({ web: { now: [now], past } }, startedAt));
  };
  const [young, old] = ["2026-11-20T08:30:00.000Z", "2026-11-20T01:00:00.000Z"];
  assert.deepEqual(ask(170, young), []);
  assert.deepEqual(ask(170, old), ["web slow"]);
  assert.deepEqual(ask(900, young), ["web slow"]);
});
