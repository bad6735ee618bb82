import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { withContext } from "../src/index.ts";
import { withLogger } from "../src/node.ts";
import { captureLogs } from "../src/testing.ts";
import { until } from "./helpers/child.ts";
import { ask, listen } from "./helpers/http.ts";

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
  setTimeout(() => {
    withContext({ step: "late" }, () => logger.child("deep").debug("third"));
    response.statusCode = Number(path.slice(1));
    response.end();
  }, 2);
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
    for (let n = 0; n < 30; n++) await ask(port, "/");
    await until(
      () => capture.lines.filter((line) => line.msg === "web-http-response").length === 30,
      "the end",
    );
    const byRequest = Object.groupBy(
      capture.lines.filter((line) => line.recorded === true),
      (line) => String(line.RequestID),
    );
    assert.equal(Object.keys(byRequest).length, 10);
    for (const lines of Object.values(byRequest))
      assert.deepEqual(
        lines?.map((line) => line.n),
        [0, 1, 2, 3, 4],
      );
    await capture.logger.flush();
    const skipped = capture.lines.filter((line) => line.msg === "web-log-recordings-skipped");
    assert.deepEqual(
      skipped.map((line) => line.count),
      [20],
    );
  });

  it("stays within 16 MB with 10,000 requests open", async () => {
    const { Recorder, Recording, resolveRecorder } = await import("../src/recorder.ts");
    const options = resolveRecorder(undefined);
    assert.ok(options !== false);
    const recorder = new Recorder(options, () => {});
    const event = { name: "a", text: "" };
    const written: string[] = [];
    const writer = { deliver: (line: string) => void written.push(line) };
    const open = Array.from({ length: 10_000 }, () => new Recording());
    for (let round = 0; round < 16; round++) {
      for (const recording of open) recorder.add(recording, "x".repeat(1_000), event, writer);
    }
    const held = open.reduce((sum, recording) => sum + recording.length, 0);
    assert.ok(held <= 16 * 1_048_576, `${held}`);
    assert.ok(held > 14 * 1_048_576, "what fits is kept");
    recorder.release(open.at(-1)!);
    assert.ok(written.length > 0, "the requests that began last are whole");
    for (const recording of open) recorder.close(recording);
    assert.equal(
      open.reduce((sum, recording) => sum + recording.length, 0),
      0,
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
