import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { anyText, KEY_UNIT } from "../../../../test/helpers/any-text.ts";
import { createLogger, type Fields } from "../../src/index.ts";

process.env.NODE_ENV = "test";
// So that a test in a terminal sees what it sees elsewhere.
process.env.NO_COLOR = "1";

const APP = fileURLToPath(new URL("../helpers/terminal-app.ts", import.meta.url));
const OTHER = fileURLToPath(new URL("../helpers/other-pino-pretty.ts", import.meta.url));
const BROKEN = fileURLToPath(new URL("../helpers/broken-pino-pretty.cjs", import.meta.url));

interface Run {
  readonly pretty?: "on" | "off";
  readonly nodeEnv?: string;
  readonly pinoPretty?: "missing" | "broken";
}

/** Runs the app with stdout as a pipe. */
function inPipe(run: Run = {}): {
  readonly out: string;
  readonly err: string;
  readonly status: number | null;
} {
  const [node, ...args] = command(run);
  const { stdout, stderr, status } = spawnSync(node!, args, { env: environment(run), encoding: "utf8" });
  return { out: stdout, err: stderr, status };
}

/** Runs the app in a pseudo-terminal, which util-linux's `script` makes; everything it shows. */
function inTerminal(run: Run = {}): string {
  const text = command(run)
    .map((part) => `'${part}'`)
    .join(" ");
  const { stdout, status } = spawnSync("script", ["-qec", text, "/dev/null"], {
    env: environment(run),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  assert.equal(status, 0);
  return stdout.replaceAll("\r\n", "\n");
}

function command(run: Run): string[] {
  const other = run.pinoPretty === undefined ? [] : ["--import", OTHER];
  const argument = run.pretty === undefined ? [] : [run.pretty];
  return [process.execPath, "--conditions=@whodunit/source", ...other, APP, ...argument];
}

function environment(run: Run): NodeJS.ProcessEnv {
  const { NO_COLOR: _, ...env } = process.env;
  const broken = run.pinoPretty === "broken" ? { PINO_PRETTY: BROKEN } : {};
  return { ...env, ...broken, NODE_ENV: run.nodeEnv ?? "development", LOG_LEVEL: "debug", TERM: "xterm" };
}

function namesInJson(out: string): unknown[] {
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line).msg);
}

const NAMES = ["brkr-http-response", "brkr-fail"];

describe("createLogger() in a terminal", { skip: process.platform !== "linux" }, () => {
  it("writes lines for a person, in colour, with errors, causes and redaction", () => {
    const out = inTerminal();
    const plain = out.replace(/\u001b\[\d+m/g, "");
    assert.notEqual(plain, out);
    assert.match(plain, /^\[\d\d:\d\d:\d\d\.\d{3}\] DEBUG: brkr-http-response\n {4}status: 200\n/);
    assert.match(plain, /\n {4}to: "\[Redacted\]"\n\[.{12}\] ERROR: brkr-fail\n/);
    assert.match(plain, /\n +Error: Boom\n +at .+terminal-app\.ts/);
    assert.match(plain, /"cause": \{\n +"type": "Error",\n +"message": "Inner"/);
  });

  it("writes JSON when NODE_ENV is production", () => {
    assert.deepEqual(namesInJson(inTerminal({ nodeEnv: "production" })), NAMES);
  });

  it("writes JSON when pino-pretty is not installed", () => {
    assert.deepEqual(namesInJson(inTerminal({ pinoPretty: "missing" })), NAMES);
  });

  it("writes JSON that is harmless, too, when pino-pretty throws", () => {
    const out = inTerminal({ pinoPretty: "broken" });
    assert.deepEqual(namesInJson(out), NAMES);
    assert.match(out, /"note":"\\u202etfel"/);
    assert.doesNotMatch(out, /\u202e/);
  });

  it("writes JSON when `pretty` is false", () => {
    assert.deepEqual(namesInJson(inTerminal({ pretty: "off" })), NAMES);
  });
});

describe("createLogger() with stdout elsewhere", () => {
  it("writes JSON", () => {
    assert.deepEqual(namesInJson(inPipe().out), NAMES);
  });

  it("writes lines for a person when `pretty` is true, whatever NODE_ENV says", () => {
    const { out, status } = inPipe({ pretty: "on", nodeEnv: "production" });
    assert.equal(status, 0);
    assert.match(out, /^\[.{12}\] DEBUG: brkr-http-response\n {4}status: 200\n/);
  });

  it("throws when `pretty` is true and pino-pretty is not installed", () => {
    const { out, err, status } = inPipe({ pretty: "on", pinoPretty: "missing" });
    assert.deepEqual([out, status], ["", 1]);
    assert.match(err, /TypeError: createLogger: option "pretty" is true, want pino-pretty installed/);
  });

  it("refuses a `pretty` that is no boolean", () => {
    assert.throws(
      () => createLogger({ service: "a", pretty: "yes" as never }),
      /createLogger: option "pretty" is "yes", want a boolean/,
    );
  });
});

/** What a logger with `pretty: true` writes for one error line. */
function shown(fields: Fields): string {
  let out = "";
  const destination = {
    write(text: string) {
      out += text;
    },
  };
  const logger = createLogger({ service: "a", pretty: true, redact: false, destination });
  logger.error("b", fields);
  return out;
}

// Independent of the source's: ranges of code points that a terminal obeys or that turn text around.
const OBEYED: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];

function obeyed(text: string): string[] {
  const codes = [...text].map((character) => character.codePointAt(0) as number);
  return codes.filter((code) => OBEYED.some(([from, to]) => code >= from && code <= to)).map(String);
}

describe("pretty lines", () => {
  it("hold no character that a terminal obeys, in no key and no value", () => {
    const evil = OBEYED.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index)),
    ).join("");
    assert.equal(obeyed(evil).length, evil.length);
    const error = Object.assign(new TypeError(evil, { cause: evil }), { [evil]: evil });
    error.name = `T${evil}`;
    const out = shown({
      [evil]: evil,
      text: evil,
      nested: [{ [evil]: evil }],
      err: error,
      other: error,
      error: evil,
    });
    assert.deepEqual(obeyed(out), []);
    assert.match(out, /\\u001b.*\\u007f.*\\u009b.*\\u2028.*\\u202e.*\\u2066/);
  });

  it("hold none for arbitrary fields", () => {
    const text = anyText();
    const character = fc
      .constantFrom(...OBEYED)
      .chain(([from, to]) => fc.integer({ min: from, max: to }))
      .map((code) => String.fromCodePoint(code));
    const some = fc.oneof(
      text,
      fc.array(fc.oneof(character, text)).map((parts) => parts.join("")),
    );
    const key = fc.oneof(some, fc.constantFrom("err", "error", "name", "type", "stack", "timestamp", "text"));
    const fields = fc.dictionary(
      key,
      fc
        .jsonValue({ stringUnit: KEY_UNIT })
        .chain((value) =>
          fc.oneof(some, fc.constant(value), fc.record({ stack: some, type: some, message: some })),
        ),
    );
    fc.assert(
      fc.property(fields, (any) => {
        assert.deepEqual(obeyed(shown(any)), []);
      }),
    );
  });

  it("cannot be forged by a message with line feeds", () => {
    const forged =
      "\n[12:00:00.000] ERROR: a-admin\r[12:00:00.000] ERROR: a-admin\r\n[12:00:00.000] ERROR: x";
    const out = shown({
      err: new Error(forged),
      text: forged,
      [forged]: forged,
      type: "Error",
      stack: forged,
    });
    const heads = out.split("\n").filter((line) => /^\S/.test(line));
    assert.equal(heads.length, 1, out);
    assert.match(heads[0]!, /^\[.{12}\] ERROR: a-b$/);
  });

  it("show every field, those that pino-pretty has a meaning for too", () => {
    const fields = { type: "Error", name: "n", pid: 1, hostname: "h", caller: "c", timestamp: 3, stack: "s" };
    const lines = shown(fields).split("\n").slice(1, -1);
    assert.deepEqual(
      lines.map((line) => JSON.parse(`{${line.replace(/^ +"?(\w+)"?/, '"$1"')}}`)),
      Object.entries(fields).map(([key, value]) => ({ [key]: value })),
    );
  });

  it("show text that has nothing to hide as it is", () => {
    assert.match(shown({ who: "Zoë 👩‍🚀 شكرا\tok" }), /\n {4}who: "Zoë 👩‍🚀 شكرا\\tok"\n/);
  });
});
