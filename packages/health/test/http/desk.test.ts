import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../../../../test/helpers/real-server.ts";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { until } from "../../../../test/helpers/until.ts";
import { type Child, startChildWith } from "../helpers/child.ts";

// A service prints "waited" when it is still there this long after its signal; in production it waits for 5 s.
const WAITED_MS = "4000";
const DESK = [undefined, "", "development", "test", "Production"];

/** Ends a child as Ctrl-C does: the whole group gets the signal. */
const pressCtrlC = (child: Child): boolean => process.kill(-(child.process.pid as number), "SIGINT");

const FRAMEWORKS = ["fastify", "express", "node"];
const isLeftOut = leftOut(FRAMEWORKS, 1);

for (const framework of FRAMEWORKS) {
  const skip = isLeftOut(framework);
  test(`A10: Ctrl-C ends ${framework} at once outside production, with keep-alive connections open`, {
    skip,
  }, async (t) => {
    for (const NODE_ENV of framework === "node" ? DESK : [undefined]) {
      const settings = { env: { NODE_ENV }, ownGroup: true };
      const child = startChildWith(t, settings, "./service.ts", framework, "default", WAITED_MS);
      // fetch keeps its connection.
      assert.equal((await fetch(await child.line(0))).status, 200);
      pressCtrlC(child);
      assert.equal(await child.exit, 0, NODE_ENV);
      assert.deepEqual(child.lines.slice(1), ["closed"], NODE_ENV);
    }
  });

  test(`A10: A request that never ends does not hold ${framework} up outside production`, {
    skip,
  }, async (t) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const settings = { env: { NODE_ENV: undefined } };
      const child = startChildWith(t, settings, "./service.ts", framework, "default", WAITED_MS);
      const request = get(`${await child.line(0)}/events`);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      await once(response, "data");
      const cut = new Promise<void>((resolve) => response.on("error", () => {}).on("close", resolve));
      child.process.kill(signal);
      assert.equal(await child.exit, 0, signal);
      await cut;
      assert.ok(!child.lines.includes("waited"), signal);
    }
  });
}

test("A10: An open WebSocket does not hold the service up outside production", async (t) => {
  const child = startChildWith(
    t,
    { env: { NODE_ENV: undefined } },
    "./service.ts",
    "node",
    "default",
    WAITED_MS,
  );
  const request = get(await child.line(0), { headers: { connection: "Upgrade", upgrade: "websocket" } });
  const [, socket] = (await once(request, "upgrade")) as [IncomingMessage, Socket];
  const closed = new Promise<void>((resolve) =>
    socket
      .on("error", () => {})
      .on("close", resolve)
      .resume(),
  );
  child.process.kill("SIGINT");
  assert.equal(await child.exit, 0);
  await closed;
  assert.ok(!child.lines.includes("waited"));
});

test("A10: What is in flight is still answered at Ctrl-C outside production", async (t) => {
  const child = startChildWith(
    t,
    { env: { NODE_ENV: undefined } },
    "./service.ts",
    "node",
    "default",
    WAITED_MS,
  );
  const url = await child.line(0);
  const slow = fetch(`${url}/until-end`);
  await until(async () => {
    const ready = (await (await fetch(`${url}/health/ready`)).json()) as { inFlight: number };
    return ready.inFlight === 1;
  }, "the request is in flight");
  child.process.kill("SIGINT");
  assert.equal(await (await slow).text(), "served");
  assert.equal(await child.exit, 0);
});

test("A10: In production, and wherever it is asked for, the service serves on before it closes", async (t) => {
  const asked: readonly [env: string | undefined, drainDelayMs: string][] = [
    ["production", "default"],
    [undefined, "5000"],
  ];
  const ended = asked.map(async ([NODE_ENV, drainDelayMs]) => {
    const child = startChildWith(t, { env: { NODE_ENV } }, "./service.ts", "node", drainDelayMs, WAITED_MS);
    const url = await child.line(0);
    child.process.kill("SIGTERM");
    await until(async () => (await fetch(`${url}/health/ready`)).status === 503, "it drains");
    assert.equal(await (await fetch(url)).text(), "served");
    assert.equal(await child.exit, 0);
    assert.deepEqual(child.lines.slice(1).toSorted(), ["closed", "waited"]);
  });
  await Promise.all(ended);
});

test("A10: node --watch starts the next service on the same port at once", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  const settings = { env: { NODE_ENV: undefined }, flags: [`--watch-path=${folder}`], ownGroup: true };
  const child = startChildWith(t, settings, "./service.ts", "express", "default", WAITED_MS, `${port}`);
  const started = (): number => child.lines.filter((line) => line === `http://127.0.0.1:${port}`).length;
  for (let starts = 1; starts <= 3; starts++) {
    await until(() => started() === starts, `start ${starts}`);
    await (await fetch(`http://127.0.0.1:${port}`)).text();
    writeFileSync(join(folder, "changed.ts"), `// ${starts}`);
  }
  await until(() => started() === 4, "the last start");
  assert.ok(!child.lines.includes("waited"), child.lines.join("\n"));
  pressCtrlC(child);
  assert.ok([0, "SIGINT", 130].includes((await child.exit) as number));
});
