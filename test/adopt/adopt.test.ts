import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { ROOT } from "../../scripts/packages.ts";
import { createRandom, SEED } from "../helpers/random.ts";
import { freePort } from "../helpers/real-server.ts";
import { PASSWORD, startPostgres } from "../helpers/real-services.ts";
import { isFull } from "../helpers/scale.ts";
import { until } from "../helpers/until.ts";
import {
  commonApi,
  expressStarter,
  fastifyApi,
  installAs,
  nestBoilerplate,
  type Stranger,
} from "./strangers.ts";

const CLI = join(ROOT, "packages/cli/bin/whodunit.js");
const GOOD = 60;
const BAD = 30;
const { NODE_ENV: _env, NODE_TEST_CONTEXT: _context, ...INHERITED } = process.env;
const ENV = { ...INHERITED, OTEL_TRACES_EXPORTER: "none", NODE_OPTIONS: "--conditions=@whodunit/source" };

interface Running {
  readonly url: string;
  readonly lines: Record<string, unknown>[];
}

/** Writes the four, each of which asks the next, by the seed. The first is asked by us. */
function strangers(t: TestContext, seed: number): { services: Stranger[]; failing: number } {
  const random = createRandom(seed);
  // Inside the tree, so that its packages are found, and out of sight of its compiler.
  const cache = join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "strangers-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const failing = random.integer(0, 3);
  const makers = [fastifyApi, commonApi, expressStarter, nestBoilerplate];
  const services: Stranger[] = [];
  for (const [index, make] of makers.entries()) {
    const own = join(folder, make.name);
    services.push(
      make({ random, folder: own, fails: index === failing, asks: services.at(-1)?.route ?? "" }),
    );
    if (make === commonApi) installAs(own, "express", join(ROOT, "node_modules/express4"));
  }
  return { services, failing };
}

function build({ folder, isTyped }: Stranger): void {
  // The types of the packages stand in what is built, which a clone has not.
  if (isTyped)
    execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", ".", "--noCheck"], {
      cwd: folder,
      stdio: "pipe",
    });
}

function runOwnTests({ name, folder, tests }: Stranger, when: string): void {
  const { status, stdout } = spawnSync(process.execPath, ["--test", ...globSync(tests, { cwd: folder })], {
    cwd: folder,
    env: ENV,
    encoding: "utf8",
  });
  assert.equal(status, 0, `${name}'s own tests ${when}:\n${stdout}`);
}

async function start(t: TestContext, { folder, program }: Stranger, env: object): Promise<Running> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [join(folder, program)], {
    cwd: folder,
    env: { ...ENV, ...env, PORT: `${port}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (line.startsWith("{")) lines.push(JSON.parse(line));
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() => {
    assert.equal(child.exitCode, null, `${program} ended`);
    return fetch(`${url}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
  }, `${program} is live`);
  return { url, lines };
}

async function makeTable(login: pg.ClientConfig): Promise<void> {
  let client = new pg.Client(login);
  await until(async () => {
    client = new pg.Client(login);
    return client.connect().then(
      () => true,
      () => false,
    );
  }, "PostgreSQL has started");
  await client.query("CREATE TABLE items (id INT PRIMARY KEY, name TEXT)");
  await client.query("INSERT INTO items VALUES (1, 'one'), (2, NULL)");
  await client.end();
}

async function send(url: string, times: number): Promise<number[]> {
  const codes: number[] = [];
  for (let sent = 0; sent < times; sent += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetch(url)));
    for (const answer of answers) {
      await answer.arrayBuffer();
      codes.push(answer.status);
    }
  }
  return codes;
}

for (let seed = SEED; seed < SEED + (isFull ? 3 : 1); seed++) {
  test(`adopt --write alone fits four services that nobody here wrote: their tests pass, one trace goes through all, a planted fault is named (SEED=${seed})`, {
    timeout: 600_000,
  }, async (t) => {
    const database = await startPostgres(t);
    if (database === undefined) return;
    const login = {
      host: "127.0.0.1",
      port: database.port,
      user: "app",
      password: PASSWORD,
      database: "postgres",
    };
    await makeTable(login);
    const { services, failing } = strangers(t, seed);
    for (const service of services) {
      build(service);
      runOwnTests(service, "before");
      const { status, stderr } = spawnSync(process.execPath, [CLI, "adopt", service.folder, "--write"], {
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
      build(service);
      runOwnTests(service, "after");
    }

    const env = { DATABASE_URL: `postgres://app:${PASSWORD}@127.0.0.1:${database.port}/postgres` };
    const running: Running[] = [];
    for (const service of services)
      running.push(await start(t, service, { ...env, UPSTREAM: running.at(-1)?.url }));
    const [entry, route] = [running.at(-1)!.url, services.at(-1)!.route];
    const good = entry + route.replace(":id", "1");
    const bad = entry + route.replace(":id", "2");

    const trace_id = "0af7651916cd43dd8448eb211c80319c";
    const headers = { traceparent: `00-${trace_id}-b7ad6b7169203331-01` };
    assert.equal((await fetch(good, { headers })).status, 200);
    for (const [index, { lines }] of running.entries()) {
      const { name, route } = services[index]!;
      const of = () =>
        lines.find((line) => line.trace_id === trace_id && line.msg === `${name}-http-response`);
      await until(() => of() !== undefined, `${name} writes the line of the request`);
      assert.deepEqual([of()?.route, of()?.status], [route, 200]);
    }

    // A connection kept alive may end just as it is used again: what is counted is what was answered.
    let answered = 0;
    await until(async () => {
      answered += (await send(good, GOOD)).filter((code) => code === 200).length;
      return answered >= GOOD;
    }, `${GOOD} items are answered`);
    assert.ok((await send(bad, BAD)).every((code) => code === 500));
    const guilty = services[failing]!;
    const failed = () =>
      running[failing]!.lines.find((line) => line.level === "error" && line.route === guilty.route);
    await until(() => failed() !== undefined, "the failed request has a line");
    assert.equal((failed()?.err as { type: string } | undefined)?.type, "TypeError");

    const urls = running.map(({ url }) => url);
    const { stdout } = spawnSync(process.execPath, [CLI, "investigate", ...urls], { encoding: "utf8" });
    assert.match(stdout, new RegExp(`^${guilty.name} is murdering requests\\.$`, "m"));
    assert.match(stdout, new RegExp(`route +GET ${guilty.route.replaceAll("/", "\\/")}$`, "m"));
    assert.match(stdout, /error +500 TypeError$/m);
  });
}
