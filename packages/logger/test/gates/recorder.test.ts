import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { until } from "../../../../test/helpers/until.ts";
import { withContext } from "../../src/index.ts";
import { withLogger } from "../../src/node.ts";
import { captureLogs } from "../../src/testing.ts";
import { startChild } from "../helpers/child.ts";
import { ask, listen } from "../helpers/http.ts";
import { beginRequest } from "../helpers/request.ts";

process.env.NODE_ENV = "test";

type Handle = (capture: ReturnType<typeof captureLogs>, response: ServerResponse, path: string) => void;

/** A service whose level is error, with a handler that logs. */
async function start(t: TestContext, handle: Handle, options: Parameters<typeof captureLogs>[0] = {}) {
  const capture = captureLogs({ service: "web", level: "error", ...options });
  const { logger } = capture;
  const server = createServer(withLogger((req, res) => handle(capture, res, req.url ?? ""), { logger }));
  return { capture, port: await listen(t, server) };
}

const numbered: Handle = ({ logger }, response, path) => {
  logger.debug("first", { password: "hunter2" });
  logger.pino.debug("second", { n: 2 });
  logger.pino.info("some text of ada@example.org");
  setImmediate(() => {
    withContext({ step: "late" }, () => logger.child("deep").debug("third"));
    response.statusCode = Number(path.slice(1));
    response.end();
  });
};

describe("recorder", () => {
  it("brings the debug lines of a request that ends in 5xx, redacted, marked and in time order", async (t) => {
    const { capture, port } = await start(t, numbered);
    await ask(port, "/503", { "x-request-id": "r1" });
    await until(() => capture.lines.length === 5, "the lines");
    assert.deepEqual(
      capture.lines.map(({ msg, level, recorded }) => [msg, level, recorded]),
      [
        ["web-first", "debug", true],
        ["web-second", "debug", true],
        ["web-unnamed", "debug", true],
        ["web-deep-third", "debug", true],
        ["web-http-response", "error", undefined],
      ],
    );
    assert.equal(capture.lines[0]?.password, "[Redacted]");
    assert.equal(capture.lines[2]?.text, "some text of [Redacted]");
    assert.equal(capture.lines[3]?.step, "late");
    const times = capture.lines.map((line) => line.time);
    assert.deepEqual(times, times.toSorted());
    for (const line of capture.lines) assert.equal(line.RequestID, "r1");
  });

  it("writes nothing of a request that ends well, and nothing outside a request", async (t) => {
    const { capture, port } = await start(t, numbered);
    await ask(port, "/200");
    await ask(port, "/404");
    capture.logger.debug("outside");
    withContext({ a: 1 }, () => capture.logger.debug("outside"));
    await ask(port, "/500");
    await until(() => capture.lines.length === 5, "the lines");
    assert.equal(capture.lines.filter((line) => line.msg === "web-first").length, 1);
  });

  it("brings the lines of a request that lets its client wait a second for the headers, its own line among them", async (t) => {
    const waiting: Handle = ({ logger }, response, path) => {
      logger.debug("first", { path });
      // Whoever has the headers is not kept waiting.
      if (path === "/stream") response.flushHeaders();
      setTimeout(() => response.end(), 1_020);
    };
    const { capture, port } = await start(t, waiting);
    await Promise.all([ask(port, "/slow"), ask(port, "/stream")]);
    await ask(port, "/stream");
    assert.deepEqual(
      capture.lines.map(({ msg, level, recorded, path }) => [msg, level, recorded, path]),
      [
        ["web-first", "debug", true, "/slow"],
        ["web-http-response", "debug", true, undefined],
      ],
    );
    const { status, duration } = capture.lines[1]!;
    assert.equal(status, 200);
    assert.ok(Number(duration) >= 1_000, `${duration} ms`);
  });

  it("brings what was recorded before an error line, and only that of its own request", async (t) => {
    const { capture, port } = await start(t, ({ logger }, response, path) => {
      logger.debug("before", { path });
      if (path === "/fails") logger.error("failed");
      logger.debug("after");
      response.end();
    });
    await Promise.all([ask(port, "/well"), ask(port, "/fails"), ask(port, "/well")]);
    await until(() => capture.lines.length === 2, "the lines");
    assert.deepEqual(
      capture.lines.map(({ msg, path }) => [msg, path]),
      [
        ["web-before", "/fails"],
        ["web-failed", undefined],
      ],
    );
  });

  it("keeps the latest 64 lines, or 16 KB of them", async (t) => {
    const { capture, port } = await start(t, ({ logger }, response, path) => {
      const note = "x".repeat(path === "/long" ? 1_000 : 1);
      for (let n = 0; n < 200; n++) logger.debug("line", { n, note });
      response.statusCode = 500;
      response.end();
    });
    await ask(port, "/short");
    await until(() => capture.lines.length > 0, "the lines");
    const numbers = capture.lines.filter((line) => line.msg === "web-line").map((line) => line.n);
    assert.deepEqual(
      numbers,
      Array.from({ length: 64 }, (_, n) => 136 + n),
    );
    capture.clear();
    await ask(port, "/long");
    await until(() => capture.lines.length > 0, "the lines");
    const kept = capture.lines.filter((line) => line.msg === "web-line");
    assert.ok(kept.length > 8 && kept.length < 16, `${kept.length}`);
    assert.equal(kept.at(-1)?.n, 199);
  });

  it("writes ten recordings a second, each whole, and counts the rest", async (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    const { capture, port } = await start(t, ({ logger }, response) => {
      for (let n = 0; n < 5; n++) logger.debug("line", { n });
      response.statusCode = 500;
      response.end();
    });
    const ended = () => capture.lines.filter((line) => line.msg === "web-http-response").length;
    const recordings = () =>
      Object.groupBy(
        capture.lines.filter((line) => line.recorded === true),
        (line) => String(line.RequestID),
      );
    for (let n = 0; n < 30; n++) await ask(port, "/");
    await until(() => ended() === 30, "the end");
    assert.equal(Object.keys(recordings()).length, 10);
    t.mock.timers.tick(999);
    await ask(port, "/");
    await until(() => ended() === 31, "the end");
    assert.equal(Object.keys(recordings()).length, 10, "the second is not over");
    t.mock.timers.tick(1);
    for (let n = 0; n < 30; n++) await ask(port, "/");
    await until(() => ended() === 61, "the end");
    const byRequest = recordings();
    assert.equal(Object.keys(byRequest).length, 20);
    for (const lines of Object.values(byRequest))
      assert.deepEqual(
        lines?.map((line) => line.n),
        [0, 1, 2, 3, 4],
      );
    await withContext({ RequestID: "r1" }, () => capture.logger.flush());
    const skipped = capture.lines.filter((line) => line.msg === "web-log-recordings-skipped");
    for (const line of skipped) assert.equal(line.RequestID, undefined);
    assert.equal(
      skipped.reduce((sum, line) => sum + Number(line.count), 0),
      41,
    );
  });

  const notes = {
    "short lines": "",
    "lines of 1 KB": "x".repeat(900),
    "lines of characters of two bytes": "€".repeat(900),
  };
  const isLeftOut = leftOut(Object.keys(notes), 1);
  for (const [lines, note] of Object.entries(notes)) {
    it(`keeps no more than 16 MB of ${lines} with 10,000 requests open`, {
      skip: isLeftOut(lines),
    }, async (t) => {
      const heap = async (recorder: string) => {
        const child = startChild(t, "open-requests.ts", [recorder, note], "pipe");
        await child.ended;
        return Number(JSON.parse(child.stderr()).bytes);
      };
      const [held, without] = await Promise.all([heap("on"), heap("off")]);
      const kept = (held - without) / 1_048_576;
      assert.ok(kept <= 16, `${kept} MB`);
      assert.ok(kept > 8, `what fits is kept: ${kept} MB`);
    });
  }

  it("gives up the recordings that began first, and keeps the last ones whole", () => {
    const capture = captureLogs({ level: "error" });
    const { logger } = capture;
    const ends = Array.from({ length: 2_000 }, (_, id) =>
      beginRequest(logger, () => {
        for (let n = 0; n < 15; n++) logger.debug("line", { id, n, note: "x".repeat(900) });
      }),
    );
    const recorded = (): unknown[] =>
      capture.lines.filter((line) => line.recorded === true).map(({ id, n }) => [id, n]);
    ends[0]!(500);
    assert.deepEqual(recorded(), []);
    ends.at(-1)!(500);
    assert.deepEqual(
      recorded(),
      Array.from({ length: 15 }, (_, n) => [1_999, n]),
    );
    for (const end of ends) end(200);
  });

  it("counts a request's lines once, whichever logger of the process wrote them", () => {
    const [web, library] = [captureLogs({ level: "error" }), captureLogs({ level: "error" })];
    const note = "x".repeat(8_000);
    const request = () =>
      beginRequest(web.logger, () => {
        for (let n = 0; n < 2; n++) library.logger.debug("line", { n, note });
      });
    // In all more than a recorder holds.
    for (let n = 0; n < 1_500; n++) request()(200);
    request()(500);
    assert.deepEqual(
      library.lines.map(({ msg, recorded, n }) => [msg, recorded, n]),
      [
        ["test-line", true, 0],
        ["test-line", true, 1],
      ],
    );
    library.clear();
    beginRequest(web.logger, () => {
      library.logger.debug("line");
      library.logger.error("failed");
    })(200);
    assert.deepEqual(
      library.lines.map(({ msg, recorded }) => [msg, recorded]),
      [
        ["test-line", true],
        ["test-failed", undefined],
      ],
    );
  });

  it("is off with recorder: false, and refuses wrong options", async (t) => {
    const { capture, port } = await start(t, numbered, { recorder: false });
    await ask(port, "/500");
    await until(() => capture.lines.length === 1, "the line");
    assert.throws(() => captureLogs({ recorder: { lines: 0 } }), /option "lines" is 0/);
    assert.throws(() => captureLogs({ recorder: { line: 1 } as never }), /option "line" is unknown/);
  });
});
