import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, startServer } from "../../../../test/helpers/real-server.ts";
import { until } from "../../../../test/helpers/until.ts";
import { type Child, startChild } from "../helpers/child.ts";

const NAMES = ["db", "partner", "http", "tcp", "own time-out"];
const ALL_OK = NAMES.map((Name) => [Name, "OK"]);

/** A service with five dependencies that answer, one of them by a client with a time-out of its own. */
async function start(t: TestContext): Promise<{ child: Child; url: string }> {
  const port = await freePort();
  const program = fileURLToPath(new URL("../helpers/web-server.ts", import.meta.url));
  const args = [program, `${port}`];
  await startServer(t, tmpdir(), port, { command: process.execPath, args, asTester: true });
  const child = startChild(t, "./monitored.ts", `${port}`);
  const url = await child.line(0);
  await until(async () => JSON.stringify(await statuses(url)) === JSON.stringify(ALL_OK), "all are well");
  return { child, url };
}

async function statuses(url: string): Promise<[name: string, status: string][]> {
  const entries = (await (await fetch(`${url}/health/status`)).json()) as { Name: string; Status: string }[];
  return entries.map(({ Name, Status }) => [Name, Status]);
}

/** What the service logs of its dependencies, which is nothing, and of itself. */
function assertOnlyItselfTold({ lines }: Child): void {
  const told = lines.slice(1);
  assert.ok(told.includes("error health-process-stood_still"), told.join("\n"));
  assert.deepEqual(
    told.filter((line) => line !== "error health-process-stood_still"),
    [],
  );
}

// Each has processes of its own, and all but wait.
describe("H2: a process that stands still", { concurrency: true }, () => {
  test("H2: A blocked event loop is told by the process of itself, and of none of its five dependencies", async (t) => {
    const { child, url } = await start(t);
    for (let times = 1; times <= 2; times++) {
      await (await fetch(`${url}/block/5000`)).text();
      // These arrive in the meantime, and are read before any timer is called back.
      const asked = Array.from({ length: 5 }, () => statuses(url));
      const ready = fetch(`${url}/health/ready`);
      for (const seen of await Promise.all(asked)) assert.deepEqual(seen, ALL_OK);
      assert.equal((await ready).status, 200);
      await until(async () => {
        const live = (await (await fetch(`${url}/health/live`)).json()) as {
          standstills?: { count: number };
        };
        assert.deepEqual(await statuses(url), ALL_OK);
        return (live.standstills?.count ?? 0) >= times;
      }, "it is told");
    }
    assertOnlyItselfTold(child);
  });

  test("H2: A standstill that is too short to be told makes no result look old", async (t) => {
    const { child, url } = await start(t);
    for (let times = 0; times < 5; times++) {
      await (await fetch(`${url}/block/900`)).text();
      const stale = (await statuses(url)).filter(([, status]) => status === "STALE");
      assert.deepEqual(stale, []);
    }
    assert.deepEqual(
      child.lines.filter((line) => line.includes("stale")),
      [],
    );
  });

  test("H2: A process stopped by SIGSTOP says so of itself when it goes on, and accuses nobody", async (t) => {
    const { child, url } = await start(t);
    child.process.kill("SIGSTOP");
    const asked = [statuses(url), statuses(url)];
    // Longer than any of its probes may be without a result, 4.3 s. Nothing in a stopped process gives an event.
    await setTimeout(5_000);
    child.process.kill("SIGCONT");
    for (const seen of await Promise.all(asked)) assert.deepEqual(seen, ALL_OK);
    for (let look = 0; look < 50; look++) assert.deepEqual(await statuses(url), ALL_OK);
    await until(() => child.lines.length > 1, "it is told");
    assertOnlyItselfTold(child);
  });

  test("H2: A dependency that fails while the process stands still again and again is told all the same", async (t) => {
    const { child, url } = await start(t);
    await (await fetch(`${url}/db/ERROR`)).text();
    await until(async () => {
      await (await fetch(`${url}/block/1500`)).text();
      return (await statuses(url)).some(([name, status]) => name === "db" && status === "ERROR");
    }, "db is accused");
    await until(() => child.lines.includes("error health-db-error"), "its change is logged");
  });
});
