import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { createLogger, type LineDestination } from "../../src/index.ts";
import { startChild } from "../helpers/child.ts";
import { pipe } from "../helpers/pipe.ts";

process.env.NODE_ENV = "test";

/** Runs the helper to its end: what settled, and what the operator was told. */
async function settled(t: TestContext, destination: string) {
  const child = startChild(t, "late-flush.ts", [destination], "pipe");
  let said = "";
  child.process.stdout?.on("data", (chunk) => {
    said += String(chunk);
  });
  assert.deepEqual(await child.ended, { code: 0, signal: null }, child.stderr());
  const told = child
    .stderr()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { said, told: told.map(({ msg, text }) => [msg, text]) };
}

describe("L4: flush() and close() settle where a destination takes nothing", { concurrency: true }, () => {
  it("as a full disk, whose reason is told by its name", async (t) => {
    const { said, told } = await settled(t, "/dev/full");
    assert.equal(said, "flushed closed 50");
    assert.deepEqual(told, [
      ["whodunit-log-flush-late", "the log's destination has no space left (ENOSPC); what waits is tried on"],
      ["whodunit-log-undelivered", "the log's destination has no space left (ENOSPC)"],
    ]);
  });

  it("as a pipe whose reader never reads", async (t) => {
    const { path } = pipe(t);
    const { said, told } = await settled(t, path);
    assert.match(said, /^flushed closed \d+$/);
    assert.deepEqual(told, [
      ["whodunit-log-flush-late", "the log's destination has a reader that stalls; what waits is tried on"],
      ["whodunit-log-undelivered", "the log's destination has a reader that stalls"],
    ]);
  });
});

describe("L4: flush() and close() settle in bounded time", () => {
  const never: Readonly<Record<string, () => LineDestination>> = {
    "a stream that never takes a chunk": () => new Writable({ write: () => {} }),
    "a stream that nobody reads": () => new PassThrough({ highWaterMark: 1 }),
    "a destination whose flush never calls back": () => ({ write: () => {}, flush: () => {} }),
    "a destination whose flush never calls back, and more waits": () => ({
      write: () => {},
      flush: () => {},
      writableLength: 7,
    }),
  };
  for (const [what, make] of Object.entries(never)) {
    it(`as ${what}`, async (t) => {
      t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
      const log = createLogger({ service: "test", destination: make() });
      for (let n = 0; n < 3; n++) log.error("line", { n });
      for (const settle of [() => log.flush(), () => log.close()]) {
        let done = false;
        const settling = settle().then(() => {
          done = true;
        });
        for (let second = 0; second < 5; second++) {
          await new Promise(setImmediate);
          t.mock.timers.tick(1_000);
        }
        await settling;
        assert.ok(done);
      }
    });
  }

  it("and wait on, up to five seconds, where a slow reader takes a little at a time", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
    let takeOne = (): void => {};
    const destination = new Writable({
      write(_chunk, _encoding, done) {
        takeOne = done;
      },
    });
    const log = createLogger({ service: "test", destination });
    for (let n = 0; n < 4; n++) log.error("line", { n });
    let done = false;
    const flushing = log.flush().then(() => {
      done = true;
    });
    for (let second = 0; second < 3; second++) {
      takeOne();
      await new Promise(setImmediate);
      assert.equal(done, false, "each second something was taken");
      t.mock.timers.tick(1_000);
    }
    takeOne();
    await new Promise(setImmediate);
    t.mock.timers.tick(5);
    await flushing;
    assert.equal(destination.writableLength, 0);
  });
});
