import assert from "node:assert/strict";
import { test } from "node:test";
import { whodunit } from "../helpers/command.ts";
import { fakeService, series } from "../helpers/fake-service.ts";
import { assertGolden } from "../helpers/golden.ts";

test("whodunit edges prints who calls whom, found from one service, with the callee's own numbers", async (t) => {
  const voting = await fakeService(t, "voting", [
    series("server", "web", "POST /votes", { count: 240, failures: 31 }),
    series("server", "web", "GET /leaderboard", { count: 60 }),
    series("server", "unknown", "GET /leaderboard", { count: 6 }),
    series("client", "votes-db", "insert", { count: 209 }),
  ]);
  const web = await fakeService(t, "web", [
    series("server", "vote-bot", "GET /api/vote", { count: 240, failures: 31 }),
    series("client", voting.host, "POST", { count: 999, failures: 31 }),
  ]);
  const { code, stdout, stderr } = await whodunit(["edges", web.url]);
  assertGolden("edges", stdout);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const json = JSON.parse((await whodunit(["edges", web.url, "-o", "json"])).stdout);
  assert.deepEqual(json[3], {
    src: "web",
    dst: "voting",
    seen_by: "dst",
    success: 269 / 300,
    rps: 5,
    latency_ms_p50: 10.666666666666666,
    latency_ms_p95: 10.666666666666666,
    latency_ms_p99: 10.666666666666666,
  });
});

test("whodunit stat -o json has Linkerd's names, and null where there was no traffic", async (t) => {
  const web = await fakeService(t, "web", [series("server", "bot", "GET /", { count: 60, failures: 6 })]);
  const idle = await fakeService(t, "idle");
  const { stdout } = await whodunit(["stat", web.url, idle.url, "--output", "json"]);
  const [busy, none] = JSON.parse(stdout);
  assert.deepEqual(Object.keys(busy), [
    "name",
    "route",
    "success",
    "rps",
    "latency_ms_p50",
    "latency_ms_p95",
    "latency_ms_p99",
  ]);
  assert.deepEqual([busy.name, busy.route, busy.success, busy.rps], ["web", "GET /", 0.9, 1]);
  assert.deepEqual(Object.values(none), ["idle", null, null, null, null, null, null]);
});
