import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../packages/cli/src/program.ts";
import { survey } from "../packages/cli/src/sources/live/survey.ts";
import { whodunit } from "../packages/cli/test/helpers/command.ts";
import { leftOut } from "./helpers/scale.ts";
import { until } from "./helpers/until.ts";

const CHILD = fileURLToPath(new URL("./helpers/cluster-child.ts", import.meta.url));

/** A cluster of so many workers behind one port, each with tracing and a logger. */
async function startCluster(t: TestContext, count: number) {
  const args = ["--conditions=@whodunit/source", CHILD, String(count)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  const [port, ...pids] = line.split(" ").map(Number);
  return { url: `http://127.0.0.1:${port}`, pids, lines };
}

/** Sends requests one after another, each over a connection of its own. */
async function send(url: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const [response] = await once(get(`${url}/votes`, { agent: false }), "response");
    await once(response.resume(), "end");
  }
}

const levelsOf = async (url: string): Promise<object[]> => {
  const found = new Map<number, object>();
  const header = (await whodunit(["token", url])).stdout.trim();
  const [name, value] = header.split(": ") as [string, string];
  for (let i = 0; i < 40; i++) {
    const response = await fetch(`${url}/debug/level`, { headers: { [name]: value, connection: "close" } });
    const { workers, levels } = (await response.json()) as { workers: { worker: number }; levels: object[] };
    found.set(workers.worker, levels);
  }
  return [...found.values()];
};

const COUNTS = [1, 2, 4];
const isLeftOut = leftOut(COUNTS, 1);

for (const count of COUNTS) {
  test(`A13: all of ${count} workers of a cluster behind one port are told a level, and show it`, {
    skip: isLeftOut(count),
  }, async (t) => {
    const { url } = await startCluster(t, count);
    const told = await whodunit(["level", url, "clustered-votes", "debug"]);
    assert.deepEqual([told.code, told.stderr], [0, ""]);
    assert.equal(told.stdout.match(/clustered-votes/g)?.length, 1, told.stdout);
    const levels = await levelsOf(url);
    assert.equal(levels.length, count);
    for (const own of levels) assert.match(JSON.stringify(own), /"clustered-votes","level":"debug"/);
    const shown = await whodunit(["level", url]);
    assert.deepEqual([shown.code, shown.stderr], [0, ""]);
    assert.doesNotMatch(shown.stdout, /WORKERS/);
  });
}

test("A13: each worker of a cluster of three is heard", async (t) => {
  const { url } = await startCluster(t, 3);
  await t.test("its traffic counts, in stat, edges and investigate", async () => {
    await send(url, 30);
    const { services, unreached } = await survey([url], { discover: false });
    const series = services.flatMap(({ instances }) => instances.flatMap(({ document }) => document.series));
    const requests = series.filter(({ side, windowS }) => side === "server" && windowS === 60);
    assert.equal(
      requests.reduce((sum, one) => sum + one.count, 0),
      30,
    );
    assert.deepEqual(unreached, []);
    for (const command of ["stat", "edges"]) {
      const { code, stderr } = await whodunit([command, url]);
      assert.deepEqual([code, stderr], [0, ""]);
    }
    const verdict = await whodunit(["investigate", url, "-o", "json"]);
    assert.deepEqual((JSON.parse(verdict.stdout) as { unreached: string[] }).unreached, []);
  });

  await t.test("its health is told by its own probes, and the one that fails is blamed", async () => {
    const address = new URL(url).origin;
    let told = await whodunit(["health", url]);
    await until(async () => {
      told = await whodunit(["health", url]);
      return /fail/.test(told.stdout) && !/warn/.test(told.stdout);
    }, "all probes have run");
    const rows = told.stdout.split("\n").filter((row) => row.startsWith("clustered ("));
    assert.deepEqual(
      rows.map((row) => row.replace(/ {2,}/g, "  ").trim()),
      [
        `clustered (${address}, worker 1)  pass`,
        `clustered (${address}, worker 2)  fail  ← first to blame`,
        `clustered (${address}, worker 3)  pass`,
      ],
    );
    assert.equal(told.code, 1);
    const { services } = JSON.parse((await whodunit(["health", url, "-o", "json"])).stdout) as {
      services: { worker: number; status: string }[];
    };
    assert.deepEqual(
      services.map(({ worker, status }) => [worker, status]),
      [
        [1, "pass"],
        [2, "fail"],
        [3, "pass"],
      ],
    );
  });

  await t.test("a profile is of one alone, and says of which and of how many", async () => {
    const told = await whodunit(["profile", url, "--for", "1s"]);
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, / This is worker \d of 3 of a cluster; the others were not looked at\.\n/);
    const { worker } = JSON.parse((await whodunit(["profile", url, "--for", "1s", "-o", "json"])).stdout) as {
      worker: { of: number };
    };
    assert.equal(worker.of, 3);
  });
});

test("A13: tap follows all workers of a cluster, and goes on when one of them dies", async (t) => {
  const { url, pids, lines } = await startCluster(t, 3);
  const end = new AbortController();
  let told = "";
  const following = run(["tap", url, "-o", "json"], {
    stdout: { write: (text) => (told += text) },
    stderr: { write: (text) => assert.fail(text) },
    env: {},
    signal: end.signal,
  });
  const count = (): number => told.split("\n").length - 1;
  /** Sends so many requests in turn until all of them are told by the next look. */
  const follows = async (requests: number): Promise<void> => {
    let before = Number.POSITIVE_INFINITY;
    await until(async () => {
      if (count() - before >= requests) return true;
      before = count();
      await send(url, requests);
      return false;
    }, `${requests} requests in turn are told`);
  };
  await follows(3);
  process.kill(pids[0]!, "SIGKILL");
  // Before that the primary hands it connections, which nobody answers.
  await once(lines, "line");
  await follows(2);
  end.abort();
  assert.equal(await following, 0);
});

test("A13: workers of a cluster that do not answer are said, by every command", async (t) => {
  const { url, pids } = await startCluster(t, 3);
  process.kill(pids[1]!, "SIGSTOP");
  t.after(() => process.kill(pids[1]!, "SIGKILL"));
  // One of these reaches it and waits: the primary hands it no more, and the commands meet the others.
  let answered = 0;
  for (let i = 0; i < 3; i++) {
    get(`${url}/votes`, { agent: false }, (response) => {
      response.resume();
      answered++;
    }).on("error", () => {});
  }
  await until(() => answered === 2);
  for (const command of [
    ["level", url, "clustered-votes", "debug"],
    ["level", url],
    ["stat", url],
    ["edges", url],
  ]) {
    const { code, stderr } = await whodunit(command);
    assert.equal(code, 3, command.join(" "));
    assert.match(stderr, /answered, but 1 of 3 workers of a cluster were not heard/);
  }
  for (const command of ["investigate", "health"])
    assert.match((await whodunit([command, url])).stdout, /1 of 3 workers of a cluster were not heard/);
});
