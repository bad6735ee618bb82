import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { type TestContext, test } from "node:test";
import { health } from "../../src/index.ts";
import { whodunit } from "../helpers/command.ts";
import { deadAddress, serve } from "../helpers/fake-service.ts";
import { assertGolden } from "../helpers/golden.ts";

type Check = readonly [state: string, kind?: "own" | "service", more?: object];

/** A service that answers as `@whodunit/health` does. */
async function healthy(t: TestContext, serviceId: string, checks: Record<string, Check>) {
  const seen: (string | undefined)[] = [];
  const polls = new EventEmitter();
  const current = { checks };
  const { url } = await serve(t, (req, res) => {
    seen.push(req.headers.authorization);
    polls.emit("poll");
    const words: Record<string, string> = { OK: "pass", DEGRADED: "warn", STARTING: "warn" };
    const entries = Object.entries(current.checks).map(([name, [state, kind = "own", more]]) => {
      return [
        name,
        [{ status: words[state] ?? "fail", state, kind, time: "2026-11-20T08:47:41.960Z", ...more }],
      ] as const;
    });
    const failing = entries.some(([, [one]]) => one!.status === "fail");
    if (req.url !== "/health/status" || req.headers.accept !== "application/health+json")
      return res.writeHead(404).end();
    res.writeHead(failing ? 503 : 200, { "content-type": "application/health+json; charset=utf-8" });
    return res.end(
      JSON.stringify({ status: failing ? "fail" : "pass", serviceId, checks: Object.fromEntries(entries) }),
    );
  });
  return Object.assign(current, { url, seen, polls });
}

test("whodunit health prints the tree and who is first to blame", async (t) => {
  const web = await healthy(t, "web", {
    voting: ["ERROR", "service", { output: "disk is ERROR" }],
    emoji: ["OK", "service"],
    "twodegrees/monetizer": ["TIMEOUT", "own", { optional: true }],
  });
  const voting = await healthy(t, "voting", {
    myDB: ["OK"],
    disk: ["ERROR", "own", { output: "2 % free, want 10 %" }],
    emoji: ["OK", "service"],
  });
  const emoji = await healthy(t, "emoji", { memory: ["DEGRADED"] });
  const { code, stdout } = await whodunit(["health", web.url, voting.url, emoji.url]);
  assertGolden("health", stdout);
  assert.equal(code, 1);
});

test("whodunit health shows each service of a circle once", async (t) => {
  const a = await healthy(t, "a", { disk: ["OK"], b: ["OK", "service"] });
  const b = await healthy(t, "b", { c: ["OK", "service"] });
  const c = await healthy(t, "c", { a: ["OK", "service"] });
  const { code, stdout } = await whodunit(["health", a.url, b.url, c.url]);
  assertGolden("health-circle", stdout);
  assert.equal(code, 0);
});

test("whodunit health tells instances of one name apart, below the service that watches them too", async (t) => {
  const one = await healthy(t, "voting", { disk: ["OK"] });
  const two = await healthy(t, "voting", { disk: ["ERROR"] });
  const web = await healthy(t, "web", { voting: ["ERROR", "service"] });
  const { stdout } = await whodunit(["health", web.url, one.url, two.url]);
  // Without its columns: how wide they are depends on the ports.
  const text = stdout
    .replaceAll(one.url, "http://one")
    .replaceAll(two.url, "http://two")
    .replace(/ {2,}/g, "  ");
  assertGolden("health-instances", text);
});

test("health() blames nobody for what it only watches", async (t) => {
  const web = await healthy(t, "web", { voting: ["ERROR", "service"] });
  const { blamed } = await health([web.url]);
  assert.deepEqual(blamed, []);
  const { code, stdout } = await whodunit(["health", web.url]);
  assert.match(stdout, /1 of 1 failing, none by an entry of its own/);
  assert.equal(code, 1);
});

test("whodunit health names who cannot be reached, and who answers something else", async (t) => {
  const web = await healthy(t, "web", { disk: ["OK"] });
  const dead = await deadAddress();
  const other = await serve(t, (_req, res) => res.end("hello"));
  const { code, stdout } = await whodunit(["health", web.url, dead, other.url]);
  assert.equal(code, 3);
  assert.match(stdout, /^web +pass$/m);
  assert.match(stdout, new RegExp(`^http://${dead} +UNREACHED +refuses connections$`, "m"));
  assert.match(stdout, /UNREACHED +answered 200, not JSON/);
  assert.match(stdout, /1 of 3 well, 2 not reached/);
});

test("whodunit health goes by the service's own word for an entry, which knows the thresholds", async (t) => {
  const once = await healthy(t, "once", { db: ["ERROR", "own", { status: "pass", output: "refused" }] });
  const well = await whodunit(["health", once.url]);
  assert.equal(well.code, 0);
  assert.equal(well.stdout, "once   pass\n└─ db  ERROR  not counted yet, refused\n\n1 of 1 well\n");
  const back = await healthy(t, "back", { db: ["OK", "own", { status: "fail" }] });
  const failing = await whodunit(["health", back.url]);
  assert.equal(failing.code, 1);
  assert.equal(
    failing.stdout,
    "back   fail  ← first to blame\n└─ db  OK    counts as failing still\n\nFirst to blame: back\n",
  );
});

test("whodunit health keeps control characters of a service's answer off the terminal", async (t) => {
  const web = await healthy(t, "web\u001b[2J", {
    "disk\u001b[2J": ["\u001b]0;owned\u0007ERROR", "own", { status: "fail", output: "\u001b[2Jfull" }],
  });
  const { stdout } = await whodunit(["health", web.url]);
  assert.doesNotMatch(stdout, /[\u0007\u001b]/);
  assert.match(stdout, /owned ERROR .*full/);
});

test("health() asks services behind one gateway by their paths", async (t) => {
  const { url } = await serve(t, (req, res) => {
    const status = req.url!.startsWith("/web/") ? "fail" : "pass";
    res.end(JSON.stringify({ status, serviceId: req.url!.split("/")[1], checks: {} }));
  });
  const { services } = await health([`${url}/web`, `${url}/emoji/`, `${url}/web/`]);
  assert.deepEqual(
    services.map(({ service, status }) => [service, status]),
    [
      ["web", "fail"],
      ["emoji", "pass"],
    ],
  );
});

test("health() asks every address of a host, and says which gave nothing", async (t) => {
  const web = await healthy(t, "web", { disk: ["OK"] });
  const at = `http://web.internal:${new URL(web.url).port}`;
  // 127.0.0.2 is this machine too, on Linux, and nobody listens there.
  const { services, unreached } = await health([at], {}, async () => ["127.0.0.1", "127.0.0.2"]);
  assert.deepEqual(
    services.map(({ service, address }) => [service, address]),
    [["web", `${at} at 127.0.0.1`]],
  );
  assert.deepEqual(unreached, [{ address: `${at} at 127.0.0.2`, error: "refuses connections" }]);
});

test("health() survives documents that make no sense", async (t) => {
  const bodies = [
    "null",
    "[]",
    '{"status":"great"}',
    '{"status":"pass","checks":[1]}',
    '{"status":"fail","checks":{"a":5,"b":[null,7,{}]}}',
  ];
  for (const body of bodies) {
    const { url } = await serve(t, (_req, res) => res.end(body));
    const { services, unreached } = await health([url]);
    assert.equal(services.length + unreached.length, 1, body);
  }
});

test("whodunit health --watch goes on, says changes only, and ends when told", async (t) => {
  const web = await healthy(t, "web", { disk: ["OK"] });
  const end = new AbortController();
  const running = whodunit(["health", web.url, "--watch", "5ms"], { signal: end.signal });
  const polled = async (times: number) => {
    for (let i = 0; i < times; i++) await once(web.polls, "poll");
  };
  await polled(4);
  web.checks = { disk: ["ERROR"] };
  await polled(4);
  end.abort();
  const { code, stdout } = await running;
  assert.equal(code, 1);
  assert.equal(stdout.match(/^web/gm)?.length, 2, stdout);
});

test("whodunit health prints JSON, and colours on a terminal only", async (t) => {
  const web = await healthy(t, "web", { disk: ["ERROR"] });
  const json = JSON.parse((await whodunit(["health", web.url, "-o", "json"])).stdout);
  assert.deepEqual([json.blamed, json.services[0].checks[0].state], [["web"], "ERROR"]);
  assert.match((await whodunit(["health", web.url], { isTTY: true })).stdout, /\u001b\[31mERROR\u001b\[0m/);
  for (const given of [{ isTTY: true, env: { NO_COLOR: "1" } }, { isTTY: false }]) {
    assert.doesNotMatch((await whodunit(["health", web.url], given)).stdout, /\u001b/);
  }
});

test("health() sends the token to the given services", async (t) => {
  const web = await healthy(t, "web", { disk: ["OK"] });
  await health([web.url], { token: "a-secret-of-sixteen" });
  assert.deepEqual(web.seen, ["Bearer a-secret-of-sixteen"]);
});
