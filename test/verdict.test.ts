import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { investigate, renderVerdict } from "whodunit";
import { startRelay } from "../examples/murder-mystery/src/relay.ts";

// A signature is for one address, and no proxy hands it on: behind the relay a token is wanted.
const TOKEN = "a-token-of-this-very-test";
// All clocks of a test agree, however long a service takes to start.
const BEGUN_MS = Date.now();

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
}

async function start(t: TestContext, env: Readonly<Record<string, string>>): Promise<Started> {
  const child = fork(new URL("helpers/voting-chain.ts", import.meta.url), {
    env: {
      ...process.env,
      OTEL_TRACES_EXPORTER: "none",
      WHODUNIT_TOKEN: TOKEN,
      CLOCK_MS: `${BEGUN_MS}`,
      ...env,
    },
    execArgv: ["--conditions=@whodunit/source"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [url] = (await once(child, "message")) as [string];
  return { url, child };
}

const send = async (url: string, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) await (await fetch(url)).arrayBuffer();
};

/** Lets time pass for these services. */
async function pass(ms: number, ...services: readonly Started[]): Promise<void> {
  for (const { child } of services) {
    child.send(ms);
    await once(child, "message");
  }
}

test("whodunit names the way through a relay that adds 500 ms, which the callee does not see", async (t) => {
  const voting = await start(t, { SERVICE: "voting" });
  const relay = await startRelay(voting.url);
  const web = await start(t, { SERVICE: "web", UPSTREAM: relay.url });
  await send(web.url, 60);
  // What was well has left the shortest window.
  await pass(11_000, voting, web);
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
  const olderMs = 31_000;
  await pass(olderMs, web);
  const { port } = new URL(voting.url);
  voting.child.kill("SIGKILL");
  await once(voting.child, "exit");
  const next = await start(t, {
    SERVICE: "voting",
    VERSION: "1.8.3",
    PORT: port,
    FAILS: "true",
    CLOCK_MS: `${BEGUN_MS + olderMs}`,
  });
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
