import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isFull } from "../../../../test/helpers/scale.ts";
import { until } from "../../../../test/helpers/until.ts";
import { startReceiver } from "../../src/index.ts";
import { migrate, STEPS } from "../../src/view/store/schema.ts";
import { exportRequest, post, span } from "../helpers/otlp.ts";
import { logsRequest, nanosAgo, postLogs, text as textOf } from "../helpers/otlp-logs.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const KILLS = isFull ? 100 : 5;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-durable-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A disk of its own, gone after the test; null where none can be mounted. */
function mountDisk(t: TestContext, options: string): string | null {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  t.after(() => {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** `whodunit view` as a process, and where it listens. */
async function view(
  t: TestContext,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(
    process.execPath,
    ["--conditions=@whodunit/source", MAIN, "view", "--port", "0", ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    },
  );
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  for await (const chunk of child.stdout!) {
    said += chunk;
    const url = /http:\S+/.exec(said)?.[0];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`it did not start: ${await text(child.stderr!)}`);
}

const batch = (from: number, count: number) =>
  exportRequest(
    "web",
    Array.from({ length: count }, (_, i) =>
      span(from + i, 0, 1, { traceId: (from + i).toString(16).padStart(32, "0") }),
    ),
  );

const held = async (url: string): Promise<{ spans: number; lines: number }> =>
  (await fetch(`${url}/api/counts`)).json() as Promise<{ spans: number; lines: number }>;

test(`whodunit view --data loses at most a second when it is killed in the middle, ${KILLS} times`, async (t) => {
  const data = folderOf(t);
  let written = 0;
  for (let i = 0; i <= KILLS; i++) {
    const { child, url } = await view(t, ["--data", data]);
    const before = (await held(url)).spans;
    assert.ok(before >= written, `of ${written} that were written ${before} are here`);
    for (let j = 0; j < 5; j++)
      assert.equal((await post(url, batch(1 + (i * 5 + j) * 200, 200))).status, 200);
    // What was asked for is written: all of it must be there again.
    written = (await held(url)).spans;
    assert.equal(written, before + 1_000);
    const last = post(url, batch(1_000_000 + i * 1_000, 500)).catch(() => {});
    child.kill("SIGKILL");
    await once(child, "exit");
    await last;
  }
  const files = readdirSync(data).filter((name) => /^segment.*\.db$/.test(name));
  for (const name of files) {
    const database = new DatabaseSync(join(data, name));
    const said = database.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[];
    assert.deepEqual(
      said.map(({ integrity_check }) => integrity_check),
      ["ok"],
    );
    const { lost } = database
      .prepare("SELECT count(*) AS lost FROM spans WHERE id NOT IN (SELECT rowid FROM spans_words)")
      .get() as { lost: number };
    assert.equal(lost, 0, "every span is in the index");
    database.close();
  }
  assert.ok(files.length > 0);
});

test("whodunit view writes what is waiting when it is told to end, and a temporary folder goes with it", async (t) => {
  const temporary = folderOf(t);
  const folders = (): string[] => readdirSync(temporary).filter((name) => name.startsWith("whodunit-view-"));
  // SIGHUP is sent when the terminal is closed.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const { child, url } = await view(t, [], { TMPDIR: temporary });
    assert.equal((await post(url, batch(1, 10))).status, 200);
    assert.equal(folders().length, 1);
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [0, null], signal);
    assert.deepEqual(folders(), [], signal);
  }

  // Of one that was killed the next one takes the folder away, and of one that runs it does not.
  const killed = await view(t, [], { TMPDIR: temporary });
  killed.child.kill("SIGKILL");
  await once(killed.child, "exit");
  const [left = ""] = folders();
  const running = await view(t, [], { TMPDIR: temporary });
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of folders()) utimesSync(join(temporary, name, "in-use.db"), longAgo, longAgo);
  const next = await view(t, [], { TMPDIR: temporary });
  await until(() => !folders().includes(left), "what was left is gone");
  assert.equal(folders().length, 2);
  assert.equal((await post(running.url, batch(1, 10))).status, 200);
  assert.equal((await held(running.url)).spans, 10);
  for (const { child } of [running, next]) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  const data = join(temporary, "kept");
  const first = await view(t, ["--data", data]);
  await post(first.url, batch(1, 10));
  first.child.kill("SIGTERM");
  await once(first.child, "exit");
  const second = await view(t, ["--data", data]);
  assert.equal((await held(second.url)).spans, 10);
});

test("whodunit view refuses a folder that another one has, cannot be written or was written by a newer one", async (t) => {
  const data = folderOf(t);
  await view(t, ["--data", data]);
  const refused = async (folder: string): Promise<string> => {
    const child = spawn(process.execPath, [
      "--conditions=@whodunit/source",
      MAIN,
      "view",
      "--port",
      "0",
      "--data",
      folder,
    ]);
    t.after(() => child.kill("SIGKILL"));
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    assert.equal(code, 3, stderr);
    return stderr;
  };
  assert.equal(
    await refused(data),
    `whodunit: cannot keep data in ${data}: another whodunit view has it in use\n`,
  );

  const file = join(data, "file");
  writeFileSync(file, "");
  assert.match(await refused(file), /^whodunit: cannot keep data in .*file: EEXIST/);
  const readOnly = mountDisk(t, "size=1m,ro");
  if (readOnly === null) t.diagnostic("no disk can be mounted here: the read-only one is not tried");
  else
    for (const folder of [readOnly, join(readOnly, "in", "it")])
      assert.match(
        await refused(folder),
        /^whodunit: cannot keep data in .*: EROFS: read-only file system.*\n$/,
      );

  const newer = join(data, "newer");
  mkdirSync(newer);
  const database = new DatabaseSync(join(newer, "segment-000001.db"));
  database.exec("PRAGMA user_version = 99; CREATE TABLE t (x)");
  database.close();
  assert.match(
    await refused(newer),
    /segment-000001\.db: it was written by a newer whodunit: its schema is 99, this one knows \d+\n$/,
  );
  assert.ok(existsSync(join(newer, "segment-000001.db")), "it is left as it was");
});

test("startReceiver() sets a file aside that is cut short or no database, says so, and goes on with the others", async (t) => {
  const data = folderOf(t);
  const first = await startReceiver({ port: 0, data });
  await post(first.url, batch(1, 500));
  await first.close();
  const file = join(data, "segment-000001.db");
  truncateSync(file, readFileSync(file).length - 8_192);
  writeFileSync(
    join(data, "segment-000002.db"),
    "this is no database, and long enough to be asked what it is then".repeat(20),
  );
  const told: string[] = [];
  const second = await startReceiver({ port: 0, data, tell: (said) => void told.push(said) });
  t.after(() => second.close());
  assert.match(
    told[0] ?? "",
    /^segment-000001\.db cannot be read and is set aside as segment-000001\.db\.broken: it is cut short$/,
  );
  assert.match(told[1] ?? "", /^segment-000002\.db cannot be read .*: file is not a database/);
  assert.equal((await post(second.url, batch(1, 10))).status, 200);
  assert.equal((await held(second.url)).spans, 10);
  assert.ok(existsSync(`${file}.broken`), "nothing is thrown away");
});

test("migrate() brings an older file to the newest schema step by step, each whole or not at all", (t) => {
  const file = join(folderOf(t), "old.db");
  const steps = [
    ...STEPS,
    "ALTER TABLE lines ADD COLUMN more TEXT",
    "CREATE TABLE broken (x); INSERT INTO nowhere VALUES (1)",
  ];
  const database = new DatabaseSync(file);
  t.after(() => database.close());
  const known = STEPS.length;
  migrate(database, steps.slice(0, known));
  database.exec("INSERT INTO written VALUES (7)");
  migrate(database, steps.slice(0, known + 1));
  const version = () =>
    (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
  assert.equal(version(), known + 1);
  assert.deepEqual(
    database
      .prepare("SELECT at_ms FROM written ORDER BY at_ms")
      .all()
      .map(({ at_ms }) => at_ms),
    [0, 7],
    "what was there stays",
  );
  assert.throws(() => migrate(database, steps), /no such table: nowhere/);
  assert.equal(version(), known + 1);
  assert.deepEqual(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'broken'").all(), []);
});

test("startReceiver() goes on with a folder of every older schema: what was there is there, what is new is kept", async (t) => {
  for (let schema = 1; schema < STEPS.length; schema++) {
    const data = folderOf(t);
    const old = new DatabaseSync(join(data, "segment-000001.db"));
    migrate(old, STEPS.slice(0, schema));
    old.exec(
      `INSERT INTO line_minutes VALUES (${Math.floor(Date.now() / 60_000)}, 'web', 'web-old', 1, 7, 0, 0)`,
    );
    old.close();
    const receiver = await startReceiver({ port: 0, data });
    t.after(() => receiver.close());
    await post(receiver.url, batch(1, 10));
    const { names } = (await (await fetch(`${receiver.url}/api/names`)).json()) as {
      names: { name: string; count: number }[];
    };
    assert.deepEqual(
      names.map(({ name, count }) => [name, count]),
      [["web-old", 7]],
    );
    const map = (await (await fetch(`${receiver.url}/api/map?from=0`)).json()) as { nodes: unknown[] };
    assert.equal(map.nodes.length, 1);
  }
});

test("startReceiver() on a full disk says so, keeps what is there and goes on when there is room", async (t) => {
  const disk = mountDisk(t, "size=3m");
  if (disk === null) return t.skip("no disk can be mounted here: it takes root");
  const filler = join(disk, "filler");
  writeFileSync(filler, Buffer.alloc(1_500_000));
  const told: string[] = [];
  const receiver = await startReceiver({ port: 0, data: disk, tell: (said) => void told.push(said) });
  t.after(() => receiver.close());
  await post(receiver.url, batch(1, 100));
  assert.equal((await receiver.counts()).spans, 100);
  let filled = 0;
  for (let i = 0; (await receiver.counts()).problem === null; i++) {
    filled = i;
    await post(receiver.url, batch(1_000 + i * 500, 500));
  }
  const { problem, dropped, spans, received } = await receiver.counts();
  assert.match(problem ?? "", /full/);
  assert.match(told[0] ?? "", /^cannot write, what arrives is not kept: .*full/);
  assert.ok(filled > 0 && dropped > 0);
  assert.equal(spans + dropped, received, "each is there or counted");
  assert.notEqual(await receiver.trace((1).toString(16).padStart(32, "0")), null, "what was there is there");

  // What changed meanwhile is told once there is room, although the line that told it is too long to be kept.
  const [from, to, since] = ["OK", "ERROR", new Date().toISOString()];
  const change = Object.entries({ probe: "mydb", from, to, since, at: since }).map(([key, value]) =>
    textOf(key, value),
  );
  await postLogs(
    receiver.url,
    logsRequest("web", [
      { timeUnixNano: nanosAgo(0), attributes: [...change, textOf("filler", "x".repeat(2_900_000))] },
    ]),
  );
  const entries = async (): Promise<number> =>
    ((await (await fetch(`${receiver.url}/api/health`)).json()) as { entries: unknown[] }).entries.length;
  assert.equal(await entries(), 0);
  assert.match((await receiver.counts()).problem ?? "", /full/);
  rmSync(filler);
  await post(receiver.url, batch(500_000, 1));
  assert.equal(await entries(), 1);
  assert.equal((await receiver.counts()).problem, null);
});
