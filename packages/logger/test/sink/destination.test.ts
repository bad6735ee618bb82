import assert from "node:assert/strict";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { createLogger, type LineDestination } from "../../src/index.ts";
import { assertDestination } from "../../src/testing.ts";
import { memory, SINKS, slowStream } from "../helpers/destinations.ts";
import { folder } from "../helpers/pipe.ts";
import { complete, WRONG } from "../helpers/wrong-destinations.ts";

process.env.NODE_ENV = "test";

describe("assertDestination()", () => {
  for (const [name, make] of Object.entries(SINKS)) {
    it(`is content with ${name}`, (t) => assertDestination(() => make(t)));
  }

  it("is content with a stream, and with one that has all it can have", async () => {
    await assertDestination(slowStream);
    await assertDestination(() => complete());
  });

  for (const [what, make, broken] of WRONG) {
    it(`refuses one that ${what}`, async () => {
      await assert.rejects(assertDestination(make, { timeoutMs: 300 }), (error: Error) => {
        assert.equal(error.name, "AssertionError");
        assert.match(error.message, /^The destination breaks [12] of 7 rules:\n/);
        assert.match(error.message, new RegExp(`\n {2}${broken}`));
        return true;
      });
    });
  }

  it("makes a destination for each rule, closes it, and refuses wrong options", async () => {
    let [made, closed] = [0, 0];
    await assertDestination(async () => {
      made++;
      return { ...memory(), close: () => void closed++ };
    });
    assert.deepEqual([made, closed], [7, 7]);
    await assert.rejects(
      assertDestination(memory, { timeoutMs: 0 }),
      /assertDestination: option "timeoutMs" is 0/,
    );
  });
});

describe("a destination of the caller's", () => {
  const log = (destination: LineDestination) =>
    createLogger({ service: "test", destination, throttle: false });

  it("that is a stream which fails costs lines, each counted, and not the process", async () => {
    const stream = createWriteStream("/dev/full");
    // Not once(): it would reject with the error that comes before.
    const closed = new Promise<void>((resolve) => stream.once("close", resolve));
    const logger = log(stream);
    logger.error("x");
    // flush() waits only so long for a stream that a busy machine opens late.
    await Promise.all([logger.flush(), closed]);
    assert.equal(stream.writable, false);
    for (let n = 0; n < 10; n++) logger.error("x");
    assert.equal(logger.counts().dropped, 10);
    await logger.close();
  });

  it("that is a stream is listened to once, however many loggers write there", () => {
    const stream = new PassThrough();
    for (let n = 0; n < 20; n++) log(stream);
    assert.equal(stream.listenerCount("error"), 1);
  });

  it("that rejects or throws costs the line", async () => {
    for (const write of [() => Promise.reject(new Error("no")), () => assert.fail("no")]) {
      const logger = log({ write });
      logger.error("x");
      await logger.flush();
      assert.equal(logger.counts().dropped, 1);
    }
  });

  it("that is a stream has got all out when flush() resolves", async (t) => {
    const path = join(folder(t), "log");
    const logger = log(createWriteStream(path));
    for (let n = 0; n < 1_000; n++) logger.error("x", { n });
    await logger.flush();
    assert.equal(readFileSync(path, "utf8").split("\n").length, 1_001);
  });
});
