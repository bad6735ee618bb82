import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict } from "whodunit";
import { signed } from "./helpers/signed.ts";
import { until } from "./helpers/until.ts";

// A signature is for one address, and no proxy hands it on: behind the relay a token is wanted.
const TOKEN = "a-token-of-this-very-test";

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
}

async function start(t: TestContext, env: Readonly<Record<string, string>>): Promise<Started> {
  const child = fork(new URL("helpers/voting-chain.ts", import.meta.url), {
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none", WHODUNIT_TOKEN: TOKEN, ...env },
    execArgv: ["--conditions=@whodunit/source"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [url] = (await once(child, "message")) as [string];
  return { url, child };
}

/** Sends what it gets on to `target`, later by `delayMs`. */
async function startRelay(t: TestContext, target: string): Promise<{ url: string; delayMs: number }> {
  const relay = { url: "", delayMs: 0 };
  const { hostname, port } = new URL(target);
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      setTimeout(() => upstream.write(chunk), relay.delayMs);
    });
    upstream.pipe(socket);
    socket.on("close", () => upstream.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  relay.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return relay;
}

const send = async (url: string, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) await (await fetch(url)).arrayBuffer();
};

/** What a service tells of its traffic. */
async function trafficOf(url: string): Promise<unknown> {
  const traffic = new URL("debug/traffic", url);
  return (await fetch(traffic, { headers: await signed(traffic) })).json();
}

/** Waits until what was counted has left the shortest window. */
async function untilPast(url: string): Promise<void> {
  await until(async () => {
    const document = (await trafficOf(url)) as {
      series: { windowS: number }[];
    };
    return document.series.every(({ windowS }) => windowS !== 10);
  });
}

test("whodunit names the way through a relay that adds 500 ms, which the callee does not see", async (t) => {
  const voting = await start(t, { SERVICE: "voting" });
  const relay = await startRelay(t, voting.url);
  const web = await start(t, { SERVICE: "web", UPSTREAM: relay.url });
  await send(web.url, 60);
  await Promise.all([untilPast(web.url), untilPast(voting.url)]);
  relay.delayMs = 500;
  await Promise.all(Array.from({ length: 5 }, () => send(web.url, 4)));
  const verdict = await investigate([web.url], {
    windowS: 10,
    view: "http://127.0.0.1:9",
    token: TOKEN,
    follow: ["127.0.0.1"],
  });
  assert.deepEqual(
    verdict.culprits.map(({ service, fault }) => [service, fault]),
    [["voting", "slow-way"]],
    renderVerdict(verdict),
  );
  const [, extraMs] = /^\+(\d+) ms that voting does not see$/.exec(verdict.culprits[0]!.error) ?? [];
  assert.ok(Number(extraMs) >= 450, verdict.culprits[0]!.error);
});

test("whodunit names the version that took over and fails, and misses nobody", async (t) => {
  const voting = await start(t, { SERVICE: "voting", VERSION: "1.8.2" });
  const web = await start(t, { SERVICE: "web", UPSTREAM: voting.url });
  await send(web.url, 40);
  // What started with all others is no change: web must be half a minute older.
  await until(async () => {
    const told = (await trafficOf(web.url)) as {
      startedAt: string;
      now: string;
    };
    return Date.parse(told.now) - Date.parse(told.startedAt) > 31_000;
  });
  const { port } = new URL(voting.url);
  voting.child.kill("SIGKILL");
  await once(voting.child, "exit");
  const next = await start(t, { SERVICE: "voting", VERSION: "1.8.3", PORT: port, FAILS: "true" });
  await send(web.url, 30);
  const verdict = await investigate([web.url], { view: "http://127.0.0.1:9" });
  assert.deepEqual(
    verdict.culprits.map(({ service, changes }) => [service, changes.map(({ what }) => what)]),
    [["voting", ["version 1.8.3 started"]]],
    renderVerdict(verdict),
  );
  assert.deepEqual(verdict.missing, []);
  assert.equal(next.url, voting.url);
});
