import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { investigate } from "../../src/index.ts";
import type { Series } from "../../src/sources/live/traffic-document.ts";
import { deadAddress, fakeService, NOW, STARTED, series } from "../helpers/fake-service.ts";

type Counts = Pick<Parameters<typeof series>[3] & object, "failures" | "latency">;

/**
 * Who is named where voting is asked by bot, asks itself as often again as it is deep, and at the last asks what is listed.
 *
 * @param fares how a hundred requests fare at each depth now; before the last minute all was well
 */
async function ask(
  t: TestContext,
  deep: number,
  fares: Counts,
  last: (windowS: number) => readonly Series[],
): Promise<string[]> {
  const fake = await fakeService(t, "voting");
  const all = [60, 600].flatMap((windowS) => {
    const well = windowS - 60;
    const of = (side: "server" | "client", peer: string, route: string, times: number): Series =>
      series(side, peer, route, {
        windowS,
        count: times * (100 + well),
        failures: times * (fares.failures ?? 0),
        latency: {
          gamma: 2,
          bins: [...(fares.latency?.bins ?? [[4, 100]]), [4, well]].map(([bin, n]) => [bin!, times * n!]),
        },
      });
    const own = of("server", "bot", "GET /", 1);
    return [
      own,
      of("server", "voting", "GET /", deep),
      of("client", fake.host, "GET", deep),
      ...last(windowS),
    ];
  });
  fake.document = {
    service: "voting",
    instance: "a",
    version: null,
    startedAt: STARTED,
    now: NOW,
    series: all,
  };
  const { culprits } = await investigate([fake.url], { view: await deadAddress() });
  return culprits.map(({ service, fault }) => `${service} ${fault}`);
}

const DEPTHS = [1, 2, 5];

test("investigate() names a service that calls itself and fails, however deep, and not for a callee that fails it", async (t) => {
  for (const deep of DEPTHS) {
    assert.deepEqual(await ask(t, deep, { failures: 80 }, () => []), ["voting errors"], `${deep} deep`);
    const db = (windowS: number) => [
      series("client", "db", "query", { windowS, failures: 80, classes: { ok: 20, DatabaseError: 80 } }),
    ];
    assert.deepEqual(await ask(t, deep, { failures: 80 }, db), ["db errors"], `${deep} deep, and a database`);
  }
});

test("investigate() names a service that calls itself and is slow, however deep, and not for a callee that is", async (t) => {
  const slow = { latency: { gamma: 2, bins: [[10, 100]] } } as const;
  for (const deep of DEPTHS) {
    assert.deepEqual(await ask(t, deep, slow, () => []), ["voting slow"], `${deep} deep`);
    const db = (windowS: number) => {
      const bins: [number, number][] = [
        [10, 100],
        [2, windowS - 60],
      ];
      return [series("client", "db", "query", { windowS, count: 40 + windowS, latency: { gamma: 2, bins } })];
    };
    assert.deepEqual(await ask(t, deep, slow, db), ["db slow"], `${deep} deep, and a database`);
  }
});
