import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { pino } from "pino";
import { createLogger, type LineDestination, type LoggerOptions } from "../../src/index.ts";
import { memory } from "../helpers/destinations.ts";

process.env.NODE_ENV = "test";

const METADATA = Symbol.for("pino.metadata");

function logged(destination: LineDestination, options: Partial<LoggerOptions> = {}) {
  const logger = createLogger({ service: "test", level: "debug", throttle: false, destination, ...options });
  logger.debug("own-debug");
  logger.error("own-error");
  for (const level of ["debug", "info", "warn", "error", "fatal"] as const)
    logger.pino[level](`pino-${level}`, {});
  assert.equal(logger.counts().dropped, 0);
}

/** An entry of a multistream, and the names of the lines that it got. */
function entry(level?: string) {
  const { destination, received } = memory();
  return {
    entry: level === undefined ? { stream: destination } : { stream: destination, level: level as "trace" },
    names: () => [...received().matchAll(/"msg":"test-([^"]+)"/g)].map(([, name]) => name),
  };
}

const ERRORS = ["own-error", "pino-warn", "pino-error", "pino-fatal"];

describe("L1: pino.multistream() as destination", () => {
  it("gets every line from trace on", () => {
    const all = entry("trace");
    logged(pino.multistream([all.entry]));
    assert.deepEqual(all.names(), ["own-debug", "own-error", "pino-debug", "pino-info", ...ERRORS.slice(1)]);
  });

  it("gets our debug lines, too, where a stream has no level, which to pino is info", () => {
    const one = entry();
    logged(pino.multistream([one.entry]));
    assert.deepEqual(one.names(), ["own-debug", "own-error", "pino-info", ...ERRORS.slice(1)]);
  });

  it("tells streams apart by level, by pino's numbers where lines came by its methods", () => {
    const [debug, warn, error, fatal] = ["debug", "warn", "error", "fatal"].map(entry) as ReturnType<
      typeof entry
    >[];
    logged(pino.multistream([debug!.entry, warn!.entry, error!.entry, fatal!.entry]));
    assert.equal(debug!.names().length, 7);
    assert.deepEqual(warn!.names(), ERRORS);
    assert.deepEqual(error!.names(), ["own-error", "pino-error", "pino-fatal"]);
    assert.deepEqual(fatal!.names(), ["pino-fatal"]);
  });

  it("gives each line to one stream with dedupe", () => {
    const [low, high] = [entry("debug"), entry("error")];
    logged(pino.multistream([low.entry, high.entry], { dedupe: true }));
    assert.deepEqual(low.names(), ["own-debug", "pino-debug", "pino-info", "pino-warn"]);
    assert.deepEqual(high.names(), ["own-error", "pino-error", "pino-fatal"]);
  });

  it("may hold another one", () => {
    const inner = entry("error");
    logged(pino.multistream([{ stream: pino.multistream([inner.entry]), level: "debug" }]));
    assert.deepEqual(inner.names(), ["own-error", "pino-error", "pino-fatal"]);
  });

  it("is shown no field that is not redacted, by any stream that asks for metadata", () => {
    const seen: unknown[] = [];
    const destination = {
      [METADATA]: true,
      write(this: Record<string, unknown>, line: string) {
        seen.push([this.lastLevel, this.lastMsg, this.lastObj]);
        assert.doesNotMatch(line, /hunter2/);
      },
    };
    const log = createLogger({ service: "test", level: "debug", destination });
    log.error("own", { password: "hunter2" });
    log.pino.info({ password: "hunter2" }, "text");
    assert.deepEqual(seen, [
      [50, "test-own", {}],
      [30, "test-unnamed", {}],
    ]);
  });
});

describe("L1: other destinations that are not plain", () => {
  it("a stream in object mode gets one string a line", () => {
    const got: unknown[] = [];
    const destination = new Writable({
      objectMode: true,
      write(chunk, _encoding, done) {
        got.push(chunk);
        done();
      },
    });
    logged(destination);
    assert.equal(got.length, 7);
    for (const line of got) assert.equal(typeof line, "string");
  });

  it("what has no write(line) is refused at construction", () => {
    for (const destination of [new WritableStream(), new Map(), [], 1, true, Symbol("s")]) {
      assert.throws(
        () => createLogger({ service: "test", destination: destination as never }),
        /^TypeError: createLogger: option "destination" is /,
      );
    }
  });

  it("an empty multistream takes lines, as it was asked to, and none is counted as dropped", () => {
    logged(pino.multistream([]));
  });
});
