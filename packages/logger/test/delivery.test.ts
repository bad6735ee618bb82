import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Child, startChild, until } from "./helpers/child.ts";
import { folder, pipe } from "./helpers/pipe.ts";

const COUNT = 2_000;

const ways: Readonly<Record<string, (child: Child) => Promise<void>>> = {
  end: async () => {},
  exit: async () => {},
  throw: async () => {},
  reject: async () => {},
  "signal SIGTERM": (child) => kill(child, "SIGTERM"),
  "signal SIGINT": (child) => kill(child, "SIGINT"),
  "own-handler": (child) => kill(child, "SIGTERM"),
};

describe("delivery", () => {
  for (const [way, leave] of Object.entries(ways)) {
    it(`brings all ${COUNT} lines to a pipe after ${way}`, async (t) => {
      const { read, writeFd } = pipe(t);
      const child = startChild(t, "writer.ts", [way.split(" ")[0]!, "-", String(COUNT)], writeFd);
      closeSync(writeFd);
      const text = collect(read());
      await leave(child);
      await child.ended;
      assertAll(await text);
    });

    it(`brings all ${COUNT} lines to a file after ${way}`, async (t) => {
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
    const file = fileURLToPath(new URL("./helpers/writer.ts", import.meta.url));
    const command = `"${process.execPath}" --conditions=@whodunit/source "${file}" exit - ${COUNT} | cat`;
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { maxBuffer: 1e8 });
    assertAll(stdout);
  });

  it("dies of the signal where nothing else wants to stop", async (t) => {
    const child = startChild(t, "writer.ts", ["signal", "-", "10"], "pipe");
    child.process.stdout!.resume();
    await kill(child, "SIGTERM");
    assert.deepEqual(await child.ended, { code: null, signal: "SIGTERM" });
  });
});

describe("a reader that stalls", () => {
  for (const kind of ["pipe", "socket"] as const) {
    it(`costs debug lines and neither memory, loop nor error lines, on a ${kind}`, async (t) => {
      const ends = kind === "pipe" ? pipe(t) : undefined;
      const child = startChild(t, "flood.ts", ["3000"], ends?.writeFd ?? "pipe");
      if (ends !== undefined) closeSync(ends.writeFd);
      await until(() => child.stderr().includes("\n"), "the flood's end");
      const { n, grown } = report(child, 0);
      assert.equal(n, 150_000);
      // The loop's gap is a matter of the machine: benchmarks/logger/stall measures it.
      t.diagnostic(`${child.stderr().trim()}`);
      assert.ok(grown < 40 * 1_048_576, `grew by ${grown} bytes`);
      const text = collect(ends?.read() ?? child.process.stdout!.setEncoding("utf8"));
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

  it("does not keep process.exit waiting", async (t) => {
    const { writeFd } = pipe(t);
    const child = startChild(t, "flood.ts", ["500"], writeFd);
    closeSync(writeFd);
    await until(() => child.stderr().includes("\n"), "the flood's end");
    child.process.kill("SIGUSR2");
    assert.equal((await child.ended).code, 0);
    assert.ok(child.stderr().includes("not delivered"), child.stderr());
  });
});

describe("a reader that is gone", () => {
  it("costs one note on stderr and nothing else", async (t) => {
    const { close, writeFd } = pipe(t);
    const child = startChild(t, "writer.ts", ["end", "-", String(COUNT)], writeFd);
    closeSync(writeFd);
    close();
    assert.deepEqual(await child.ended, { code: 0, signal: null });
    assert.match(child.stderr(), /^whodunit: the log's destination failed with EPIPE; [^\n]*\n$/);
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
    parse(text).map((line) => line.n),
    Array.from({ length: COUNT }, (_, n) => n),
  );
}

function report(
  child: Child,
  line: number,
): Record<string, number> & { n: number; grown: number; dropped: number } {
  return JSON.parse(child.stderr().split("\n")[line]!);
}
