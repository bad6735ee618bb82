import assert from "node:assert/strict";
import { test } from "node:test";
import { stat } from "../../src/index.ts";
import { addressesOf } from "../../src/sources/reached.ts";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, fakeService, series, serve } from "../helpers/fake-service.ts";
import { assertGolden } from "../helpers/golden.ts";

test("whodunit stat prints Linkerd's columns, per route, in the order of the services given", async (t) => {
  const voting = await fakeService(t, "voting", [
    series("server", "web", "POST /votes/:shortcode", { count: 240, failures: 31 }),
    series("server", "web", "GET /leaderboard", {
      count: 6_000,
      latency: {
        gamma: 1.02,
        bins: [
          [232, 5_000],
          [349, 1_000],
        ],
      },
    }),
    series("server", "web", "GET /old", { windowS: 600 }),
    series("client", "votes-db", "insert", { count: 999 }),
  ]);
  const emoji = await fakeService(t, "emoji");
  const { code, stdout, stderr } = await whodunit(["stat", voting.url, emoji.host]);
  assertGolden("stat", stdout);
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

test("stat() adds up instances of one name: counts, rates and latencies", async (t) => {
  const fast = await fakeService(t, "web", [series("server", "bot", "GET /", { count: 300 })], {
    instance: "1",
  });
  const slow = await fakeService(
    t,
    "web",
    [series("server", "bot", "GET /", { count: 300, failures: 3, latency: { gamma: 2, bins: [[10, 300]] } })],
    { instance: "2" },
  );
  const { rows } = await stat([fast.url, slow.url, fast.url]);
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.equal(row?.success, 597 / 600);
  assert.equal(row?.rps, 10);
  assert.ok(row!.latencyMsP50! < 20 && row!.latencyMsP95! > 500, JSON.stringify(row));
});

test("stat() tells where each service was asked, whatever it is called, and who told nothing", async (t) => {
  const one = await fakeService(t, "constructor");
  const two = await fakeService(t, "__proto__");
  const nobody = await deadAddress();
  const { addresses, unreached } = await stat([one.url, two.url, nobody]);
  assert.deepEqual(
    ["constructor", "__proto__", "toString"].map((name) => addressesOf(addresses, name)),
    [[one.url], [two.url], []],
  );
  assert.deepEqual(
    unreached.map(({ address }) => address),
    [`http://${nobody}`],
  );
});

test("stat() filters by caller, and by callee as its callers see it", async (t) => {
  const voting = await fakeService(t, "voting", [
    series("server", "web", "GET /x", { count: 60 }),
    series("server", "unknown", "GET /x", { count: 6 }),
  ]);
  const web = await fakeService(t, "web", [
    series("client", voting.host, "GET", { count: 90 }),
    series("client", "redis", "get", { count: 3 }),
  ]);
  const urls = [voting.url, web.url];
  const from = await stat(urls, { from: "web" });
  assert.deepEqual(
    from.rows.map(({ name, rps }) => [name, rps]),
    [
      ["voting", 1],
      ["web", null],
    ],
  );
  const to = await stat(urls, { to: "voting" });
  assert.deepEqual(
    to.rows.map(({ name, route, rps }) => [name, route, rps]),
    [
      ["voting", null, null],
      ["web", "GET", 1.5],
    ],
  );
});

test("whodunit stat names a service it cannot reach and still shows the others", async (t) => {
  const web = await fakeService(t, "web", [series("server", "bot", "GET /", { count: 60 })]);
  const dead = await deadAddress();
  const { code, stdout, stderr } = await whodunit(["stat", dead, web.url]);
  assert.match(stdout, /^web +GET \/ +100\.00% +1\.0rps/m);
  assert.equal(stderr, `whodunit: http://${dead} refuses connections\n`);
  assert.equal(code, 3);
});

test("whodunit stat says that there was no traffic", async (t) => {
  const web = await fakeService(t, "web");
  assert.deepEqual(await whodunit(["stat", web.url]), { code: 0, stdout: "", stderr: "No traffic found.\n" });
});

test("whodunit stat refuses what is no URL and what is no window, with exit code 2", async () => {
  assert.equal((await whodunit(["stat"])).code, 2);
  assert.equal((await whodunit(["stat", "http://"])).code, 2);
  assert.equal((await whodunit(["stat", "-t", "5m", "localhost:1"])).code, 2);
});

test("whodunit stat sends the token to the given services and shows it nowhere", async (t) => {
  const token = "a-secret-of-sixteen";
  const web = await fakeService(t, "web", [series("server", "bot", "GET /")], { token });
  const { code, stdout } = await whodunit(["stat", web.url], { env: { WHODUNIT_TOKEN: token } });
  assert.equal(code, 0);
  assert.match(stdout, /web/);
  const without = await whodunit(["stat", web.url]);
  assert.equal(without.code, 3);
  assert.match(
    without.stderr,
    /answered 401, no traffic \(the service wants a token: --token or WHODUNIT_TOKEN\)$/m,
  );
  const help = await whodunit(["stat", "--help"], { env: { WHODUNIT_TOKEN: token } });
  assert.doesNotMatch(help.stdout, /a-secret/);
});

test("whodunit stat keeps control characters of a service's answer off the terminal", async (t) => {
  const evil = await fakeService(t, "we\u001b[2Jb", [series("server", "x", "GET /\u009b31m\u202e")]);
  const { stdout } = await whodunit(["stat", evil.url]);
  assert.doesNotMatch(stdout, /[\u001b\u009b\u202e]/);
});

test("stat() survives services that answer nonsense", async (t) => {
  const bodies = [
    "",
    "null",
    "[]",
    '{"service":5}',
    '{"service":"a","series":{}}',
    "<html>",
    `{"service":"a","series":[1,null,{"side":"server"}]}`,
  ];
  for (const body of bodies) {
    const { url } = await serve(t, (_req, res) => res.end(body));
    const { rows, unreached } = await stat([url]);
    assert.equal(rows.length + unreached.length, 1, body);
  }
});

test("stat() shows no latency that is no number, whatever the bins are", async (t) => {
  const wild = [
    { gamma: Number.MAX_VALUE, bins: [[1, 1]] },
    { gamma: 1, bins: [[1, 1]] },
    { gamma: 1.02, bins: [[1e9, 5], [-1e9, 5], [0.5, 1], ["1", 1], [1, -1], null] },
    { gamma: "2", bins: {} },
  ];
  for (const latency of wild) {
    const web = await fakeService(t, "web", [
      series("server", "bot", "GET /", { latency: latency as never }),
    ]);
    const [row] = (await stat([web.url])).rows;
    assert.deepEqual([row?.success, row?.latencyMsP50, row?.latencyMsP99], [1, null, null]);
  }
  const mixed = await fakeService(t, "web", [
    series("server", "a", "GET /", { latency: { gamma: 1.02, bins: [[233, 50]] } }),
    series("server", "b", "GET /", { latency: { gamma: 2, bins: [[7, 50]] } }),
  ]);
  const [row] = (await stat([mixed.url])).rows;
  assert.ok(row!.latencyMsP50! > 60 && row!.latencyMsP99! < 180, JSON.stringify(row));
});
