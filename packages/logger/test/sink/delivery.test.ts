import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isFull, leftOut } from "../../../../test/helpers/scale.ts";
import { until } from "../../../../test/helpers/until.ts";
import { createLogger, type Logger } from "../../src/index.ts";
import { type Child, startChild } from "../helpers/child.ts";
import { folder, pipe } from "../helpers/pipe.ts";
import { READERS } from "../helpers/readers.ts";

const { "a pipe": pipeReader } = READERS;
/** Who reads: in the quick run the one kind that is met most. */
const KINDS = isFull || pipeReader === undefined ? READERS : { "a pipe": pipeReader };
const COUNT = 2_000;
// So many lines are more than the backlog holds; ten seconds of them would show a heap that grows.
const STALL_MS = isFull ? 10_000 : 2_000;
const PER_MS = 50;

const ways: Readonly<Record<string, (child: Child) => Promise<void>>> = {
  end: async () => {},
  exit: async () => {},
  throw: async () => {},
  reject: async () => {},
  "signal SIGTERM": (child) => kill(child, "SIGTERM"),
  "signal SIGINT": (child) => kill(child, "SIGINT"),
  "own-handler": (child) => kill(child, "SIGTERM"),
};

const ENDS = Object.keys(ways).flatMap((way) =>
  [...Object.keys(KINDS), "a file"].map((to) => `${to} after ${way}`),
);
const isLeftOut = leftOut(ENDS, 8);

describe("delivery", { concurrency: 2 }, () => {
  for (const [way, leave] of Object.entries(ways)) {
    for (const [kind, makeReader] of Object.entries(KINDS)) {
      const end = `${kind} after ${way}`;
      it(`brings all ${COUNT} lines to ${end}`, { skip: isLeftOut(end) }, async (t) => {
        const reader = await makeReader(t);
        if (reader === undefined) return;
        reader.resume();
        const child = startChild(t, "writer.ts", [way.split(" ")[0]!, "-", String(COUNT)], reader.stdout);
        closeSync(reader.stdout);
        await leave(child);
        await child.ended;
        assertAll(await reader.text());
      });
    }

    const end = `a file after ${way}`;
    it(`brings all ${COUNT} lines to ${end}`, { skip: isLeftOut(end) }, async (t) => {
      const file = join(folder(t), "log");
      const child = startChild(t, "writer.ts", [way.split(" ")[0]!, file, String(COUNT)], "pipe");
      await leave(child);
      await child.ended;
      assertAll(readFileSync(file, "utf8"));
    });
  }

  it("brings all lines to a socket, which is what spawn gives", async (t) => {
    const child = startChild(t, "writer.ts", ["exit", "-", String(COUNT)], "pipe");
    const text = collect(child.process.stdout!.setEncoding("utf8"));
    await child.ended;
    assertAll(await text);
  });

  it("brings all lines through a shell's pipe to cat", async () => {
    const file = fileURLToPath(new URL("../helpers/writer.ts", import.meta.url));
    const command = `"${process.execPath}" --conditions=@whodunit/source "${file}" exit - ${COUNT} | cat`;
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { maxBuffer: 1e8 });
    assertAll(stdout);
  });

  it("brings every error line when the process is aborted", async (t) => {
    const file = join(folder(t), "log");
    const child = startChild(t, "writer.ts", ["abort", file, String(COUNT)], "pipe");
    assert.equal((await child.ended).signal, "SIGABRT");
    const numbers = parse(readFileSync(file, "utf8")).map((line) => line.n);
    // The last is an error line, so those before it went with it.
    assert.deepEqual(
      numbers,
      Array.from({ length: COUNT }, (_, n) => n),
    );
  });

  it("dies of the signal where nothing else wants to stop", async (t) => {
    const child = startChild(t, "writer.ts", ["signal", "-", "10"], "pipe");
    child.process.stdout!.resume();
    await kill(child, "SIGTERM");
    assert.deepEqual(await child.ended, { code: null, signal: "SIGTERM" });
  });
});

describe("a reader that stalls", { concurrency: true }, () => {
  for (const kind of [...Object.keys(KINDS), ...(isFull ? ["a socket", "a pipe by its path"] : [])]) {
    it(`costs debug lines and neither memory, loop nor error lines: ${kind}`, async (t) => {
      const reader = await READERS[kind === "a pipe by its path" ? "a pipe" : kind]?.(t);
      if (reader === undefined && kind !== "a socket") return;
      reader?.stall();
      const args = kind === "a pipe by its path" ? [String(STALL_MS), reader!.path!] : [String(STALL_MS)];
      // Threads that collect garbage wait for a core, too, and nobody tells how long.
      const child = startChild(t, "flood.ts", args, reader?.stdout ?? "pipe", ["--single-threaded"]);
      if (reader !== undefined) closeSync(reader.stdout);
      await until(() => child.stderr().includes("\n"), "the flood's end");
      // How long the loop stood still is for benchmarks/logger/stalled-reader to say.
      const { n, grown } = report(child, 0);
      t.diagnostic(child.stderr().trim());
      assert.equal(n, STALL_MS * PER_MS);
      assert.ok(grown <= 40 * 1_048_576, `grew by ${grown} bytes`);

      reader?.resume();
      const text = reader?.text() ?? collect(child.process.stdout!.setEncoding("utf8"));
      child.process.kill("SIGHUP");
      await child.ended;
      const { dropped } = report(child, 1);
      const lines = parse(await text);
      const about = lines.filter((line) => line.msg === "flood-log-dropped");
      const told = about.reduce((sum, line) => sum + Number(line.debug) + Number(line.error), 0);
      assert.ok(dropped > 0, "the flood is more than the backlog holds");
      assert.equal(told, dropped);
      const received = lines.length - about.length;
      // The warm-up line is one more.
      assert.equal(received + dropped, n + 1);
      assert.equal(lines.filter((line) => line.level === "error").length, n / 100, "no error line is lost");
      const order = lines.filter((line) => line.n !== undefined).map((line) => Number(line.n));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
      assert.deepEqual(Object.keys(about[0]!.byName as object), ["flood-line"]);
    });
  }

  for (const [kind, makeReader] of Object.entries(KINDS)) {
    const left = async (t: TestContext) => {
      const reader = await makeReader(t);
      if (reader === undefined) return undefined;
      reader.stall();
      const child = startChild(t, "flood.ts", ["500"], reader.stdout);
      closeSync(reader.stdout);
      await until(() => child.stderr().includes("\n"), "the flood's end");
      child.process.kill("SIGUSR2");
      assert.equal((await child.ended).code, 0);
      const [first, note, last] = child.stderr().split("\n");
      return { reader, note, ...JSON.parse(first!), ...JSON.parse(last!) };
    };

    it(`does not keep process.exit waiting for it: ${kind}`, async (t) => {
      const end = await left(t);
      if (end === undefined) return;
      assert.match(
        end.note,
        /"msg":"whodunit-log-undelivered","text":"the log.s destination has a reader that stalls","lines":\d+,"dropped":\d+\}$/,
      );
    });

    it(`is given up at SIGTERM with a note: ${kind}`, async (t) => {
      const reader = await makeReader(t);
      if (reader === undefined) return;
      reader.stall();
      const child = startChild(t, "flood.ts", ["500"], reader.stdout);
      closeSync(reader.stdout);
      await until(() => child.stderr().includes("\n"), "the flood's end");
      child.process.kill("SIGTERM");
      assert.deepEqual(await child.ended, { code: null, signal: "SIGTERM" });
      const [, note] = child.stderr().split("\n");
      assert.match(
        note!,
        /"msg":"whodunit-log-undelivered","text":"the log.s destination has a reader that stalls","lines":\d+,"dropped":\d+\}$/,
      );
    });

    it(`gets no line that is counted as dropped at process.exit: ${kind}`, async (t) => {
      const end = await left(t);
      if (end === undefined) return;
      end.reader.resume();
      assert.equal(wholeLines(await end.reader.text()) + end.dropped, end.n + 1);
    });
  }
});

describe("a reader that reads", () => {
  it("gets lines in order while the event loop does not turn, and those that it misses are counted", async (t) => {
    const reader = (await READERS["| cat"]!(t))!;
    const child = startChild(t, "burst.ts", ["40000"], reader.stdout);
    closeSync(reader.stdout);
    assert.deepEqual(await child.ended, { code: 0, signal: null });
    const lines = parse(await reader.text());
    const received = lines.filter((line) => line.msg === "burst-line");
    assert.equal(received.length + report(child, 0).dropped, 40_000);
    const order = received.map((line) => Number(line.n));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });
});

describe("the way out", () => {
  it("has the line about dropped lines, and those of exit listeners", async (t) => {
    const reader = (await READERS["| cat"]!(t))!;
    reader.stall();
    const go = join(folder(t), "go");
    const child = startChild(t, "last-lines.ts", [go], reader.stdout);
    closeSync(reader.stdout);
    await until(() => child.stderr().includes("\n"), "the flood's end");
    reader.resume();
    writeFileSync(go, "");
    assert.deepEqual(await child.ended, { code: 0, signal: null });
    const lines = parse(await reader.text());
    const { dropped } = report(child, 0);
    assert.ok(dropped > 0, "the flood is more than the backlog holds");
    assert.deepEqual(
      lines.slice(-2).map(({ msg, debug }) => [msg, debug]),
      [
        ["last-log-dropped", dropped],
        ["last-exit", undefined],
      ],
    );
  });
});

describe("flush()", () => {
  it("leaves nothing behind, not even the line about dropped lines", async (t) => {
    const { path, readNow } = pipe(t);
    const log = createLogger({ service: "test", level: "debug", destination: path });
    flood(log);
    const chunks: Buffer[] = [];
    const reading = setInterval(() => chunks.push(readNow()), 1);
    await log.flush();
    clearInterval(reading);
    chunks.push(readNow());
    const { msg, debug } = parse(Buffer.concat(chunks).toString()).at(-1)!;
    assert.deepEqual({ msg, debug }, { msg: "test-log-dropped", debug: log.counts().dropped });
    await log.close();
  });
});

describe("close()", () => {
  it("delivers a line that is logged meanwhile, and writes nothing to what has the descriptor next", async (t) => {
    const [path, nextPath] = [join(folder(t), "log"), join(folder(t), "next")];
    const log = createLogger({ service: "test", level: "debug", destination: path });
    t.mock.timers.enable({ apis: ["setTimeout"] });
    log.debug("before");
    const closing = log.close();
    log.debug("meanwhile");
    await closing;
    log.debug("after");
    const next = openSync(nextPath, "w");
    t.mock.timers.tick(1_000);
    closeSync(next);
    assert.deepEqual(
      parse(readFileSync(path, "utf8")).map((line) => line.msg),
      ["test-before", "test-meanwhile"],
    );
    assert.equal(readFileSync(nextPath, "utf8"), "");
    assert.equal(log.counts().dropped, 1);
  });

  it("delivers the line about dropped lines", async (t) => {
    const { path, read, writeFd } = pipe(t);
    const log = createLogger({ service: "test", level: "debug", destination: path });
    flood(log);
    const { dropped } = log.counts();
    const text = collect(read());
    await log.close();
    // The helper's own end.
    closeSync(writeFd);
    const { msg, debug } = parse(await text).at(-1)!;
    assert.deepEqual({ msg, debug }, { msg: "test-log-dropped", debug: dropped });
  });
});

describe("a reader that is gone", () => {
  for (const [kind, makeReader] of Object.entries(KINDS)) {
    it(`costs one note on stderr and nothing else: ${kind}`, async (t) => {
      const reader = await makeReader(t);
      if (reader === undefined) return;
      await reader.kill();
      const child = startChild(t, "writer.ts", ["end", "-", String(COUNT)], reader.stdout);
      closeSync(reader.stdout);
      assert.deepEqual(await child.ended, { code: 0, signal: null });
      const [note, ...others] = parse(child.stderr());
      assert.deepEqual(others, []);
      assert.equal(note?.msg, "whodunit-log-undelivered");
      assert.equal(note?.text, "the log's destination failed with EPIPE");
    });
  }
});

/** Logs more at once than the backlog holds. */
function flood(log: Logger): void {
  const note = "x".repeat(8_000);
  for (let n = 0; n < 2_000; n++) log.debug("line", { n, note });
  assert.ok(log.counts().dropped > 0);
}

/** Of the last line a full pipe may have taken a part. */
function wholeLines(text: string): number {
  const lines = text.split("\n").filter((line) => line.endsWith("}"));
  for (const line of lines) JSON.parse(line);
  return lines.length;
}

describe("a named pipe that nobody reads", () => {
  it("is refused at once, where the service is set up", (t) => {
    const path = join(folder(t), "pipe");
    execFileSync("mkfifo", [path]);
    assert.throws(() => createLogger({ service: "test", destination: path }), { code: "ENXIO" });
  });
});

async function kill(child: Child, signal: NodeJS.Signals): Promise<void> {
  await until(() => child.stderr().includes("ready"), "the child");
  child.process.kill(signal);
}

async function collect(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function parse(text: string): Record<string, unknown>[] {
  assert.ok(text.endsWith("\n"), "the last line is whole");
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function assertAll(text: string): void {
  assert.deepEqual(
    parse(text).flatMap(({ msg, n }) => (msg === "writer-process-crashed" ? [] : [n])),
    Array.from({ length: COUNT }, (_, n) => n),
  );
}

function report(child: Child, line: number): Record<"n" | "grown" | "dropped", number> {
  return JSON.parse(child.stderr().split("\n")[line]!);
}
