import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { type Line, startReceiver } from "../../src/index.ts";
import { followFile, readStream, serviceOfFile } from "../../src/view/lines/follow-file.ts";
import { readTextLine } from "../../src/view/lines/read-text-line.ts";
import { runServices, splitCommands } from "../../src/view/lines/run-services.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const NOW = 1_763_628_461_960;
const TRACE = "5c522f9b5c522f9b5c522f9b5c522f9b";
const read = (line: string): Line => readTextLine(line, { service: "app", nowMs: NOW + 5_000 });
const short = ({ timeMs, service, level, failed, name, traceId, count }: Line) => [
  timeMs,
  service,
  level,
  failed,
  name,
  traceId,
  count,
];

test("readTextLine() reads the lines of Whodunit, pino, bunyan, winston and ECS", () => {
  const time = new Date(NOW).toISOString();
  const cases: readonly (readonly [line: object, read: readonly unknown[]])[] = [
    [
      {
        level: "error",
        time,
        msg: "web-fail",
        service: "web",
        trace_id: TRACE,
        span_id: "17c85417c85417c8",
        AccountID: "7",
        repeats: 40,
      },
      [NOW, "web", "error", true, "web-fail", TRACE, 40],
    ],
    [
      { level: 30, time: NOW, pid: 1, hostname: "h", name: "voting", msg: "order 17 done" },
      [NOW, "voting", "info", false, "order <*> done", null, 1],
    ],
    [{ level: 60, time: NOW, msg: "gone" }, [NOW, "app", "fatal", true, "gone", null, 1]],
    [
      { level: "warn", message: "late", timestamp: time, service: "api" },
      [NOW, "api", "warn", true, "late", null, 1],
    ],
    [
      { "@timestamp": time, "log.level": "ERROR", message: "lost", "service.name": "ecs", "trace.id": TRACE },
      [NOW, "ecs", "error", true, "lost", TRACE, 1],
    ],
    [
      {
        "@timestamp": time,
        log: { level: "info" },
        message: "ok",
        service: { name: "nested" },
        trace: { id: TRACE },
      },
      [NOW, "nested", "info", false, "ok", TRACE, 1],
    ],
    [
      { severity: "CRITICAL", message: "cloud", ts: NOW / 1_000 },
      [NOW, "app", "critical", true, "cloud", null, 1],
    ],
  ];
  for (const [line, expected] of cases)
    assert.deepEqual(short(read(JSON.stringify(line))), expected, JSON.stringify(line));
  assert.deepEqual(read(JSON.stringify(cases[0]![0])).fields, { AccountID: "7", repeats: 40 });
});

test("readTextLine() reads plain text: its time, its level and its colours", () => {
  const cases: Readonly<Record<string, readonly unknown[]>> = {
    "Listening on 3000": [NOW + 5_000, "app", "info", false, "Listening on <*>", null, 1],
    "2025-11-20T08:47:41.960Z ERROR cannot connect": [
      NOW,
      "app",
      "error",
      true,
      "<*> ERROR cannot connect",
      null,
      1,
    ],
    "[warning] disk is 98% full": [NOW + 5_000, "app", "warn", true, "[warning] disk is <*>% full", null, 1],
    "\u001b[31mfatal\u001b[0m: gone": [NOW + 5_000, "app", "fatal", true, "fatal: gone", null, 1],
    "TypeError: x is not a function": [
      NOW + 5_000,
      "app",
      "error",
      true,
      "TypeError: x is not a function",
      null,
      1,
    ],
    "no errors were found, not one error": [
      NOW + 5_000,
      "app",
      "error",
      true,
      "no errors were found, not one error",
      null,
      1,
    ],
    '{"level":"error","msg":"cut': [NOW + 5_000, "app", "info", false, '{"<*>":"<*>","<*>":"cut', null, 1],
  };
  for (const [line, expected] of Object.entries(cases)) assert.deepEqual(short(read(line)), expected, line);
});

test("readTextLine() takes any line", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        fc.json(),
        fc
          .jsonValue()
          .map((value) =>
            JSON.stringify({ level: value, msg: value, time: value, service: value, log: value }),
          ),
      ),
      (line) => {
        const { timeMs, service, level, text: said, fields } = read(line);
        assert.ok(
          Number.isFinite(timeMs) &&
            [service, level, said].every((one) => typeof one === "string") &&
            typeof fields === "object",
        );
      },
    ),
  );
});

const all = async (chunks: readonly string[]): Promise<string[]> => {
  const lines: Line[] = [];
  await readStream(
    Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    "app",
    async (some) => void lines.push(...some),
  );
  return lines.map((line) => line.text);
};

test("readStream() joins a stack trace to its error, and takes Docker's and Kubernetes' wrapping off", async () => {
  assert.deepEqual(
    await all(["Error: gone\n    at a (x.js:1:2)\n    at b\nCaused by: y\nnext\n", '{"msg":"one"', "}\n"]),
    ["Error: gone\n    at a (x.js:1:2)\n    at b\nCaused by: y", "next", "one"],
  );
  assert.deepEqual(
    await all([
      '{"log":"{\\"msg\\":\\"docker\\"}\\n","stream":"stdout","time":"x"}\n2026-11-20T08:47:41.96Z stdout P {"msg":"ku\n2026-11-20T08:47:41.96Z stdout F be"}\nlast without an end',
    ]),
    ["docker", "kube", "last without an end"],
  );
});

/** Lines that arrive, one after another. */
function arriving() {
  const lines: string[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    add: async (some: readonly Line[]) => {
      lines.push(...some.map((line) => line.text));
      changed.resolve();
      changed = Promise.withResolvers();
    },
    until: async (count: number) => {
      while (lines.length < count) await changed.promise;
      return lines;
    },
  };
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-follow-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("followFile() reads what is there, what is written to it, and goes on when it is cut or replaced", async (t) => {
  const path = join(folderOf(t), "app.log");
  const end = new AbortController();
  const { add, until } = arriving();
  writeFileSync(path, "one\ntwo\n");
  const following = followFile(path, add, end.signal);
  assert.deepEqual(await until(2), ["one", "two"]);
  appendFileSync(path, "three\nfo");
  await until(3);
  appendFileSync(path, "ur\n");
  assert.deepEqual((await until(4)).slice(2), ["three", "four"]);
  truncateSync(path, 0);
  appendFileSync(path, "five\n");
  assert.equal((await until(5))[4], "five");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "six\nseven, longer than all that was there before\n");
  assert.deepEqual((await until(7)).slice(5), ["six", "seven, longer than all that was there before"]);
  end.abort();
  await following;
  await assert.rejects(followFile(join(path, "nothing"), add, end.signal), /ENOTDIR|ENOENT/);
});

test("followFile() reads what is written to a file while it looks whether that is replaced", async (t) => {
  const path = join(folderOf(t), "app.log");
  writeFileSync(path, "one\n");
  const file = await open(path);
  const prototype = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  const { stat } = prototype;
  t.mock.method(
    prototype,
    "stat",
    function (this: FileHandle) {
      appendFileSync(path, "two\nthree");
      renameSync(path, `${path}.1`);
      writeFileSync(path, "four\n");
      return stat.call(this);
    },
    { times: 1 },
  );
  const end = new AbortController();
  const { add, until } = arriving();
  const following = followFile(path, add, end.signal);
  assert.deepEqual(await until(4), ["one", "two", "three", "four"]);
  end.abort();
  await following;
});

test("followFile() reads a gzipped file once, and names a file's service by its name", async (t) => {
  const path = join(folderOf(t), "worker.log.1.gz");
  writeFileSync(path, gzipSync("one\ntwo\n"));
  const { add, until } = arriving();
  await followFile(path, add, new AbortController().signal);
  assert.deepEqual(await until(2), ["one", "two"]);
  assert.deepEqual([path, "/var/log/web.ndjson", "x", ".log"].map(serviceOfFile), [
    "worker",
    "web",
    "x",
    "file",
  ]);
});

test("splitCommands() tells several services apart, and wants words behind --", () => {
  assert.deepEqual(
    splitCommands(["npm", "run", "web", "--service", "api", "--", "node", "api.js", "--", "x"], ["web"]),
    [
      { name: "web", words: ["npm", "run", "web"] },
      { name: "api", words: ["node", "api.js", "--", "x"] },
    ],
  );
  assert.deepEqual(splitCommands(["npm", "run", "dev", "--service", "x"], []), [
    { name: null, words: ["npm", "run", "dev", "--service", "x"] },
  ]);
  assert.throws(() => splitCommands([], []), /-- wants a command behind it/);
  assert.throws(() => splitCommands(["a", "--service", "b", "--"], []), /-- wants a command/);
});

// A service that says where to send, what it got, and ends as it is told.
const SERVICE = `
  console.log(JSON.stringify({ level: "error", msg: process.argv[1] + "-fail", endpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT, name: process.env.OTEL_SERVICE_NAME }));
  console.error("plain \\u001b[31merror\\u001b[0m");
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => { console.log("got " + signal); process.exit(7); });
  if (process.argv[2] !== undefined) process.exit(Number(process.argv[2]));
  setInterval(() => {}, 1000);
`;

test("whodunit view -- runs services with the address set, passes their output on, and ends with their code", async (t) => {
  const data = folderOf(t);
  const words = (name: string, ...args: string[]) => [
    "--service",
    name,
    "--",
    process.execPath,
    "-e",
    SERVICE,
    name,
    ...args,
  ];
  const child = spawn(process.execPath, [
    "--conditions=@whodunit/source",
    MAIN,
    "view",
    "--port",
    "0",
    "--data",
    data,
    ...words("web", "0"),
    ...words("api", "3"),
  ]);
  t.after(() => child.kill("SIGKILL"));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  const url = /on (http:\S+)/.exec(stderr)?.[1];
  assert.equal(code, 3);
  const said = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .sort((a, b) => (a.msg < b.msg ? -1 : 1));
  assert.deepEqual(said, [
    { level: "error", msg: "api-fail", endpoint: url, name: "api" },
    { level: "error", msg: "web-fail", endpoint: url, name: "web" },
  ]);
  assert.equal(stderr.match(/plain \u001b\[31merror\u001b\[0m/g)?.length, 2, "untouched");
  const again = await startReceiver({ port: 0, data });
  t.after(() => again.close());
  const { lines } = (await (await fetch(`${again.url}/api/lines?level=error`)).json()) as { lines: Line[] };
  assert.deepEqual(lines.map(({ service, text: line }) => `${service} ${line}`).sort(), [
    "api api-fail",
    "api plain error",
    "web plain error",
    "web web-fail",
  ]);
});

test("whodunit view -- marks what a service that it runs tells by reportChange()", async (t) => {
  const data = folderOf(t);
  const service = `
    import { createLogger, reportChange } from "@whodunit/logger";
    const log = createLogger({ service: "web", level: "error" });
    reportChange("flag checkout-v2 on");
    await log.close();
  `;
  const child = spawn(
    process.execPath,
    [
      ...["--conditions=@whodunit/source", MAIN, "view", "--port", "0", "--data", data, "--"],
      ...[process.execPath, "--conditions=@whodunit/source", "--input-type=module", "-e", service],
    ],
    { cwd: fileURLToPath(new URL(".", import.meta.url)) },
  );
  t.after(() => child.kill("SIGKILL"));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /"msg":"web-change-reported"/);
  const again = await startReceiver({ port: 0, data });
  t.after(() => again.close());
  const { changes } = (await (await fetch(`${again.url}/api/changes`)).json()) as { changes: object[] };
  assert.partialDeepStrictEqual(changes, [{ service: "web", kind: "report", what: "flag checkout-v2 on" }]);
});

test("whodunit view -- hands the token on as OTEL_EXPORTER_OTLP_HEADERS is read, whatever stands in it", async () => {
  const token = 'sixteen,=;%2C"\\characters';
  const said: string[] = [];
  const print = "console.log(process.env.OTEL_EXPORTER_OTLP_HEADERS)";
  const output = { write: (chunk: string) => said.push(String(chunk)) };
  await runServices([{ name: "web", words: [process.execPath, "-e", print] }], {
    otlpUrl: "http://127.0.0.1:4318",
    token,
    env: process.env,
    stdout: output,
    stderr: output,
    signal: undefined,
    add: async () => {},
  });
  const [name, value, ...more] = said.join("").trim().split(/[=,;]/);
  assert.deepEqual([name, decodeURIComponent(value!), more], ["authorization", `Bearer ${token}`, []]);
});

test("whodunit view -- hands signals on, and says which program cannot be run", async (t) => {
  const run = (...args: string[]) => {
    const child = spawn(process.execPath, [
      "--conditions=@whodunit/source",
      MAIN,
      "view",
      "--port",
      "0",
      "--",
      ...args,
    ]);
    t.after(() => child.kill("SIGKILL"));
    return child;
  };
  const child = run(process.execPath, "-e", SERVICE, "web");
  const stdout = text(child.stdout);
  await once(child.stderr, "data");
  for await (const chunk of child.stderr) if (String(chunk).includes("plain")) break;
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [7, null]);
  assert.match(await stdout, /got SIGTERM\n$/);
  const missing = run("/no/such/program");
  const [stderr, [code]] = await Promise.all([text(missing.stderr), once(missing, "exit")]);
  assert.equal(code, 127);
  assert.match(stderr, /whodunit: cannot run \/no\/such\/program: .*ENOENT/);
});
