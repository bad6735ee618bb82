import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { profile, renderProfile } from "whodunit";
import { signed } from "./helpers/signed.ts";
import { until } from "./helpers/until.ts";

const SERVICE = new URL("helpers/slow-service.ts", import.meta.url);

async function start(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = fork(SERVICE, {
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none", ...env },
    execArgv: ["--conditions=@whodunit/source"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [url] = (await once(child, "message")) as [string];
  child.send({ kind: "loop", ms: 100 });
  await once(child, "message");
  return url;
}

const ask = async (url: string): Promise<Response> => fetch(url, { headers: await signed(url) });

test("whodunit profile names the function that holds the event loop, with its file and line", async (t) => {
  const url = await start(t, { WHODUNIT_PROFILE: "on" });
  // A service that runs for long has its hot functions optimized, into those that call them.
  for (let i = 0; i < 20; i++) await (await fetch(url)).arrayBuffer();
  let over = false;
  const load = (async () => {
    while (!over) await (await fetch(url)).arrayBuffer();
  })();
  const taken = await profile(url, { seconds: 1 });
  over = true;
  await load;
  const [hottest] = taken.functions;
  assert.equal(hottest?.name, "countSugar", renderProfile(taken));
  assert.ok(hottest.file.endsWith("test/helpers/slow-service.ts"), hottest.file);
  const line = readFileSync(SERVICE, "utf8").split("\n")[hottest.line - 1];
  assert.match(line ?? "", /^function countSugar\(/);
  // On a machine under load the beginning of a profile takes its time, too.
  const ofTaking = taken.functions.find(({ name }) => name === "takeProfile")?.share ?? 0;
  assert.ok(hottest.share > 0.5 * (1 - ofTaking), renderProfile(taken));
  // What viewers of .cpuprofile want.
  const written = JSON.parse(taken.text) as { nodes: unknown[]; samples: number[]; timeDeltas: number[] };
  assert.ok(written.nodes.length > 0 && written.samples.length === written.timeDeltas.length);
});

test("/debug/profile is not there unless asked for, takes one profile at a time, and no other length", async (t) => {
  const off = await start(t);
  assert.equal(
    (await fetch(`${off}/debug/profile`)).headers.get("content-type"),
    null,
    "the service's own answer",
  );
  await assert.rejects(profile(off, { seconds: 1 }), /takes no profiles: WHODUNIT_PROFILE=on/);
  const url = await start(t, { WHODUNIT_PROFILE: "on" });
  assert.equal((await fetch(`${url}/debug/profile?seconds=1`)).status, 401, "who may not ask gets none");
  for (const seconds of ["0", "61", "1.5", "-1", "x"]) {
    assert.equal((await ask(`${url}/debug/profile?seconds=${seconds}`)).status, 400, seconds);
  }
  // Whichever of the two comes first. Again, where the machine is so busy that one was over before the other came.
  await until(async () => {
    const both = await Promise.all([1, 2].map(() => ask(`${url}/debug/profile?seconds=1`)));
    return (
      both
        .map(({ status }) => status)
        .sort((a, b) => a - b)
        .join() === "200,409"
    );
  });
});
