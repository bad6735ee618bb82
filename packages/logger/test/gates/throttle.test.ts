import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { until } from "../../../../test/helpers/until.ts";
import { withContext } from "../../src/index.ts";
import { setRoute, withLogger } from "../../src/node.ts";
import { captureLogs } from "../../src/testing.ts";
import { ask, listen } from "../helpers/http.ts";

process.env.NODE_ENV = "test";

describe("throttle", () => {
  it("writes the first 100 a second of a name, then one line with the exact count", (t) => {
    t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
    const capture = captureLogs({ throttle: {} });
    const { logger } = capture;
    for (let n = 0; n < 1_000; n++) logger.error("failed", { n, err: new RangeError("x") });
    logger.error("other");
    for (let n = 0; n < 5; n++) logger.debug("debug");
    assert.equal(capture.lines.filter((line) => line.msg === "test-failed").length, 100);
    assert.equal(capture.lines.length, 106, "other names and debug lines are not concerned");
    t.mock.timers.tick(1_000);
    const { level, msg, type, repeats } = capture.lines.at(-1)!;
    assert.deepEqual(
      { level, msg, type, repeats },
      { level: "error", msg: "test-failed", type: "RangeError", repeats: 900 },
    );
    assert.equal(capture.lines.length, 107);
    for (let n = 0; n < 10; n++) logger.error("failed", { err: new RangeError("x") });
    assert.equal(capture.lines.length, 117, "a new second, a new hundred");
    assert.equal(logger.counts().throttled, 900);
  });

  it("tells error types apart, for pino's methods too", (t) => {
    t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
    const capture = captureLogs({ throttle: { perSecond: 2 } });
    const { logger } = capture;
    for (let n = 0; n < 5; n++) {
      logger.error("failed", { err: new RangeError("x") });
      logger.pino.error("failed", { err: new TypeError("x") });
      logger.error("failed", new SyntaxError("x"));
      logger.error("failed");
    }
    assert.equal(capture.lines.length, 8);
    t.mock.timers.tick(1_000);
    assert.deepEqual(
      capture.lines.slice(8).map(({ type, repeats }) => [type, repeats]),
      [
        ["RangeError", 3],
        ["TypeError", 3],
        ["SyntaxError", 3],
        [undefined, 3],
      ],
    );
  });

  it("tells routes apart", async (t) => {
    const capture = captureLogs({ service: "web", throttle: { perSecond: 2 }, recorder: false });
    const server = createServer(
      withLogger(
        (req, res) => {
          setRoute(req, res, req.url ?? "");
          res.statusCode = 500;
          res.end();
        },
        { logger: capture.logger },
      ),
    );
    t.mock.timers.enable({ apis: ["Date"] });
    const port = await listen(t, server);
    for (const path of ["/a", "/b", "/a", "/b", "/a", "/b", "/b"]) await ask(port, path);
    await until(() => capture.logger.counts().throttled === 3, "the last request");
    await capture.logger.flush();
    assert.deepEqual(
      capture.lines.map(({ route, repeats }) => [route, repeats]),
      [
        ["/a", undefined],
        ["/b", undefined],
        ["/a", undefined],
        ["/b", undefined],
        ["/a", 1],
        ["/b", 2],
      ],
    );
  });

  it("tells its count without the context of a request", (t) => {
    t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    t.after(() => context.disable());
    const capture = captureLogs({ throttle: { perSecond: 1 }, fields: { region: "eu" } });
    const { logger } = capture;
    const spanContext = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const inRequest = (run: () => void) =>
      context.with(trace.setSpanContext(context.active(), spanContext), () =>
        withContext({ RequestID: "r1" }, run),
      );
    inRequest(() => {
      logger.error("failed");
      logger.error("failed");
    });
    t.mock.timers.tick(1_000);
    inRequest(() => {
      logger.error("failed");
      logger.error("failed");
      void logger.flush();
    });
    assert.deepEqual(
      capture.lines.map(({ region, RequestID, trace_id, repeats }) => [region, RequestID, trace_id, repeats]),
      [
        ["eu", "r1", spanContext.traceId, undefined],
        ["eu", undefined, undefined, 1],
        ["eu", "r1", spanContext.traceId, undefined],
        ["eu", undefined, undefined, 1],
      ],
    );
  });

  it("keeps its count from callers, and itself bounded", () => {
    const capture = captureLogs({ throttle: { perSecond: 1 } });
    const { logger } = capture;
    logger.error("failed", { repeats: 1_000_000 });
    assert.equal(capture.lines[0]?.repeats, undefined);
    assert.equal(capture.lines[0]?._repeats, 1_000_000);
    for (let n = 0; n < 5_000; n++) {
      logger.error("failed", { err: Object.assign(new Error("x"), { name: `E${n}` }) });
    }
    assert.equal(capture.lines.length, 5_001, "kinds beyond the bound are written, never lost");
    assert.throws(() => captureLogs({ throttle: { perSecond: 0 } }), /option "perSecond" is 0/);
  });
});
