import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Series } from "../../src/sources/live/traffic-document.ts";
import { whodunit } from "../helpers/command.ts";
import { fakeService, NOW, series } from "../helpers/fake-service.ts";

async function start(
  t: TestContext,
  version: string,
  startedAt: string,
  own: readonly Series[],
): Promise<string> {
  const fake = await fakeService(t, "voting");
  fake.document = { service: "voting", instance: version, version, startedAt, now: NOW, series: own };
  return fake.url;
}

const OLD = "2026-11-20T08:00:00.000Z";
const NEW = "2026-11-20T08:40:00.000Z";
const took = (ms: number): Series["latency"] => ({
  gamma: 1.03,
  bins: [[Math.ceil(Math.log(ms) / Math.log(1.03)), 200]],
});
const route = (counts: Parameters<typeof series>[3]) => [
  series("server", "web", "POST /votes", { count: 200, latency: took(20), ...counts }),
];

test("whodunit stat --by version compares versions side by side, and exits with 1 when the new one is worse", async (t) => {
  const worse = [
    [route({ failures: 66 }), "66 of 200 requests fail where 0.5 % do"],
    [route({ latency: took(400), failures: 1 }), /takes (39|40)\d ms where it took (19|20) ms/],
  ] as const;
  for (const [own, what] of worse) {
    const urls = [await start(t, "1.8.3", NEW, own), await start(t, "1.8.2", OLD, route({ failures: 1 }))];
    const { code, stdout, stderr } = await whodunit(["stat", "--by", "version", ...urls]);
    assert.deepEqual([code, stderr], [1, ""]);
    const [head, older, newer, empty, finding] = stdout.split("\n");
    assert.match(head!, /^NAME +ROUTE +VERSION +SUCCESS +RPS +LATENCY_P50/);
    assert.match(older!, /^voting +POST \/votes +1\.8\.2 +99\.50%/);
    assert.match(newer!, /^voting +POST \/votes +1\.8\.3 /);
    assert.equal(empty, "");
    assert.match(finding!, /^voting 1\.8\.3 is worse than 1\.8\.2: POST \/votes {2}/);
    if (typeof what === "string") assert.ok(finding!.endsWith(what), finding);
    else assert.match(finding!, what);
  }
});

test("whodunit stat --by version exits with 0 when the new version fares as the old one does", async (t) => {
  const urls = [
    await start(t, "1.8.2", OLD, route({ failures: 12 })),
    await start(t, "1.8.3", NEW, route({ failures: 13, latency: took(24) })),
  ];
  const { code, stdout } = await whodunit(["stat", "--by", "version", ...urls, "-o", "json"]);
  const { rows, worse, undecided } = JSON.parse(stdout);
  assert.deepEqual([code, worse, undecided], [0, [], []]);
  assert.deepEqual(
    rows.map(({ version, route: path, success }: Record<string, unknown>) => [version, path, success]),
    [
      ["1.8.2", "POST /votes", 0.94],
      ["1.8.3", "POST /votes", 0.935],
    ],
  );
});

test("whodunit stat --by version exits with 3 when it cannot judge: one version, or too few requests", async (t) => {
  const old = await start(t, "1.8.2", OLD, route({}));
  const alone = await whodunit(["stat", "--by", "version", old]);
  assert.equal(alone.code, 3);
  assert.match(alone.stdout, /\nCannot judge voting: only version 1\.8\.2 runs\.\n$/);
  const fresh = await start(t, "1.8.3", NEW, route({ count: 7, latency: { gamma: 2, bins: [[4, 7]] } }));
  const few = await whodunit(["stat", "--by", "version", old, fresh]);
  assert.equal(few.code, 3);
  assert.match(
    few.stdout,
    /\nCannot judge voting: 7 requests of version 1\.8\.3 are too few to judge it\.\n$/,
  );
  const odd = await whodunit(["stat", "--by", "version", "--from", "web", old]);
  assert.equal(odd.code, 2);
});
