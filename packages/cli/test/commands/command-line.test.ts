import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseDuration } from "../../src/commands/duration.ts";
import { baseUrl } from "../../src/sources/live/ask.ts";
import { withProgress } from "../../src/terminal/progress.ts";
import { whodunit } from "../helpers/command.ts";
import { serve } from "../helpers/fake-service.ts";

const COMMANDS = [
  "summary",
  "health",
  "stat",
  "edges",
  "tap",
  "investigate",
  "level",
  "view",
  "lines",
  "traces",
  "mcp",
  "completion",
];
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const BIN = fileURLToPath(new URL("../../bin/whodunit.js", import.meta.url));
const VERSION: string = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
).version;

test("whodunit --help lists every command, and every command has help with an example", async () => {
  const { code, stdout } = await whodunit(["--help"]);
  assert.equal(code, 0);
  for (const command of COMMANDS) {
    assert.match(stdout, new RegExp(`^ {2}${command} `, "m"));
    const help = await whodunit([command, "--help"], { env: { WHODUNIT_TOKEN: "a-secret-of-sixteen" } });
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^ {2}\\$ .*whodunit ${command}`, "m"), help.stdout);
    assert.doesNotMatch(help.stdout, /a-secret/);
  }
});

test("whodunit refuses what it does not know with exit code 2 and says what", async () => {
  const wrong = [
    ["murder"],
    ["stat", "--loud", "x"],
    ["health"],
    ["stat", "ftp://x"],
    ["tap", "http://user:hunter2@x"],
  ];
  for (const args of wrong) {
    const { code, stdout, stderr } = await whodunit(args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, /^error: /);
  }
});

test("whodunit without a command prints its help and exits with 2", async () => {
  const { code, stderr } = await whodunit([]);
  assert.equal(code, 2);
  assert.match(stderr, /Usage: whodunit/);
});

test("whodunit as a process reads stdin, exits with the code, and is quiet when its reader leaves", async () => {
  const run = (args: string[]) => spawn(process.execPath, ["--conditions=@whodunit/source", MAIN, ...args]);
  const counted = run(["summary", "--name", "x", "--fail-on", "new"]);
  counted.stdin.end('{"level":"error","time":"2026-11-20T08:47:41.960Z","msg":"a-b"}\n');
  const [stdout, [code]] = await Promise.all([text(counted.stdout), once(counted, "exit")]);
  assert.deepEqual([stdout, code], ["CTRL Daily Summary   x   1\n\na-b  1\n", 1]);
  const left = run(["summary", "--help"]);
  left.stdout.destroy();
  const [stderr, [, signal]] = await Promise.all([text(left.stderr), once(left, "exit")]);
  assert.deepEqual([stderr, signal], ["", null]);
});

test("whodunit says what opens /debug/* where a service refuses it", async (t) => {
  const hints = {
    401: "(the service wants a token: --token or WHODUNIT_TOKEN)",
    404: "(in production /debug/* is there only with WHODUNIT_TOKEN set at the service)",
  };
  for (const [status, hint] of Object.entries(hints)) {
    for (const body of ["{}", "Not Found"]) {
      const { url } = await serve(t, (_req, res) => res.writeHead(Number(status)).end(body));
      for (const args of [["stat"], ["edges"], ["level"], ["tap"], ["investigate", "--view", url]]) {
        const { code, stdout, stderr } = await whodunit([...args, url]);
        assert.equal(code, 3);
        assert.ok((stdout + stderr).trimEnd().endsWith(hint), `${args[0]}: ${stdout}${stderr}`);
      }
    }
  }
});

test("whodunit says which Node it needs before an older one stumbles over the program", async () => {
  // As an older Node tells its version.
  const older = (version: string) =>
    `data:text/javascript,${encodeURIComponent(`
    Object.defineProperty(process, "version", { value: "v${version}" });
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
  `)}`;
  const run = async (version: string) => {
    const child = spawn(process.execPath, ["--import", older(version), BIN, "--version"]);
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "exit"),
    ]);
    return { stdout, stderr, code };
  };
  for (const version of ["18.20.4", "20.19.0", "22.15.0"])
    assert.deepEqual(await run(version), {
      stdout: "",
      stderr: `whodunit needs Node 22.16 or newer, this is v${version}\n`,
      code: 2,
    });
  assert.deepEqual(await run("22.16.0"), { stdout: `${VERSION}\n`, stderr: "", code: 0 });
});

test("npx whodunit works in a clone where nothing is built, and by its signals as any command", async () => {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  const linked = spawn("npx", ["whodunit", "--version"], { cwd: root });
  assert.deepEqual(
    [await text(linked.stdout), await text(linked.stderr), await once(linked, "exit")],
    [`${VERSION}\n`, "", [0, null]],
  );

  const view = spawn(process.execPath, [BIN, "view", "--port", "0"], { cwd: tmpdir() });
  await once(view.stdout, "data");
  view.kill("SIGTERM");
  assert.deepEqual(await once(view, "exit"), [0, null]);
});

test("whodunit --version prints the package's version", async () => {
  assert.deepEqual(await whodunit(["--version"]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
});

test("whodunit summary does not wait for a person to type a log", async () => {
  const { code, stderr } = await whodunit(["summary"], { isTTY: true });
  assert.deepEqual([code, stderr], [2, "error: no files are given and nothing is piped in\n"]);
});

test("withProgress() tells of a long read on a terminal, and leaves nothing of it behind", async () => {
  let said = "";
  let nowMs = 0;
  const now = () => nowMs;
  const told = (isTTY: boolean) => ({ stderr: { write: (text: string) => (said += text), isTTY } });
  async function* slow(): AsyncIterable<Buffer> {
    yield Buffer.alloc(3_000_000);
    nowMs += 510;
    yield Buffer.alloc(1_000_000);
  }
  const bytes = async (log: AsyncIterable<Buffer>) => (await buffer(log)).length;
  assert.equal(await bytes(withProgress(slow(), "app.log", told(false), now)), 4_000_000);
  assert.equal(said, "");
  assert.equal(await bytes(withProgress(slow(), "app.log", told(true), now)), 4_000_000);
  assert.equal(said, "\rapp.log: 4 MB read\r\u001b[2K");
});

test("parseDuration() reads what operators write and nothing else", () => {
  const good = { "250ms": 250, "10s": 10_000, "1.5m": 90_000, "24h": 86_400_000, "7d": 604_800_000 };
  for (const [written, ms] of Object.entries(good)) assert.equal(parseDuration(written), ms);
  for (const bad of ["", "10", "m", "-1s", "1 s", "1w", "10s10s", "Infinitys"])
    assert.equal(parseDuration(bad), null, bad);
});

test("baseUrl() takes what people type", () => {
  const good = {
    "localhost:3000": "http://localhost:3000/",
    "http://web": "http://web/",
    "https://web.internal/base": "https://web.internal/base/",
    "[::1]:3000": "http://[::1]:3000/",
    "10.0.0.7:80/x?y#z": "http://10.0.0.7/x/",
  };
  for (const [written, href] of Object.entries(good)) assert.equal(baseUrl(written).href, href);
  for (const bad of ["", "http://", "ftp://x", "http://a:b@c", "file:///etc/passwd"])
    assert.throws(() => baseUrl(bad), bad);
});

test("whodunit refuses a token that no header can hold with exit code 2, before it asks anybody, and does not show it", async () => {
  const commands = ["health", "stat", "edges", "tap", "investigate", "level"].map((name) => [
    name,
    "http://127.0.0.1:1",
  ]);
  const tokens = [
    "hunter2 with spaces",
    "hunter2\n",
    "hunter2\r\n",
    "hünter2-of-sixteen",
    "hunter2\u0000",
    "\thunter2",
  ];
  for (const command of [...commands, ["lines"], ["traces"], ["view", "--host", "0.0.0.0"]]) {
    for (const token of tokens) {
      const given = await whodunit([...command, "--token", token]);
      const set = await whodunit(command, { env: { WHODUNIT_TOKEN: token } });
      for (const [{ code, stdout, stderr }, name] of [
        [given, "--token"],
        [set, "WHODUNIT_TOKEN"],
      ] as const) {
        assert.deepEqual([code, stdout], [2, ""], `${command}: ${stderr}`);
        assert.match(stderr, new RegExp(`^error: the token of ${name} (ends|holds) .*\\n$`));
        assert.doesNotMatch(stderr, /h.nter2/);
      }
    }
  }
});
