import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { context, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { createDebugToken, DEBUG_BAGGAGE_KEY, DEBUG_HEADER } from "@whodunit/core";
import { until } from "../../../../test/helpers/until.ts";
import { withLogger } from "../../src/node.ts";
import { captureLogs } from "../../src/testing.ts";
import { ask, listen } from "../helpers/http.ts";

process.env.NODE_ENV = "test";

const SECRET = "a-secret-of-this-very-test";

async function start(t: TestContext) {
  process.env.WHODUNIT_DEBUG_SECRET = SECRET;
  t.after(() => delete process.env.WHODUNIT_DEBUG_SECRET);
  const capture = captureLogs({ service: "web", level: "error", recorder: false });
  const { logger } = capture;
  const baggage: (string | undefined)[] = [];
  const server = createServer(
    withLogger(
      (req, res) => {
        const id = req.headers["x-request-id"];
        baggage.push(propagation.getActiveBaggage()?.getEntry(DEBUG_BAGGAGE_KEY)?.value);
        // Each waits for another number of turns, so that they overtake one another.
        const step = (turns: number): void => {
          if (turns > 0) return void setImmediate(step, turns - 1);
          logger.debug("step", { id });
          logger.pino.debug("pino-step", { id });
          res.end();
        };
        step((7 * baggage.length) % 10);
      },
      { logger },
    ),
  );
  return { capture, baggage, port: await listen(t, server) };
}

describe("debug of one request", () => {
  it("stays within its request over 1,000 interleaved ones", async (t) => {
    const { capture, port } = await start(t);
    const token = createDebugToken(SECRET);
    const wanted: string[] = [];
    // At most ten requests a second are debugged: each batch has a second of its own.
    // Before now: the tests behind this one go on by the real clock.
    let nowMs = performance.now() - 60_000;
    t.mock.method(performance, "now", () => nowMs);
    for (let batch = 0; batch < 10; batch++) {
      nowMs += 1_000;
      await Promise.all(
        Array.from({ length: 100 }, (_, n) => {
          const id = `r${batch}-${n}`;
          if (n % 10 === 0) wanted.push(id);
          return ask(port, "/", { "x-request-id": id, ...(n % 10 === 0 ? { [DEBUG_HEADER]: token } : {}) });
        }),
      );
    }
    await until(() => capture.lines.length >= 300, "the lines");
    const ids = Object.groupBy(capture.lines, (line) => String(line.RequestID));
    assert.deepEqual(Object.keys(ids).toSorted(), wanted.toSorted());
    for (const [id, lines] of Object.entries(ids)) {
      assert.deepEqual(
        lines?.map((line) => line.msg),
        ["web-step", "web-pino-step", "web-http-response"],
        id,
      );
      for (const line of lines ?? []) if (line.id !== undefined) assert.equal(line.id, id);
    }
  });

  it("does nothing for a token that is forged, expired, or replayed after it expired", async (t) => {
    const { capture, port } = await start(t);
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    const good = createDebugToken(SECRET, { ttlMs: 60_000 });
    const forged = [
      createDebugToken("another-secret-altogether"),
      `${good.slice(0, -1)}${good.endsWith("A") ? "B" : "A"}`,
      good.replace(/^[^.]+/, (Date.now() + 1e9).toString(36)),
      "",
      "x".repeat(5_000),
    ];
    for (const token of forged) await ask(port, "/", { [DEBUG_HEADER]: token });
    assert.equal(capture.text, "");
    await ask(port, "/", { [DEBUG_HEADER]: good });
    await until(() => capture.lines.length === 3, "the good token's lines");
    t.mock.timers.tick(59_999);
    await ask(port, "/", { [DEBUG_HEADER]: good });
    await until(() => capture.lines.length === 6, "its lines in its last millisecond");
    // The verdict of a moment ago does not outlive the token.
    t.mock.timers.tick(1);
    await ask(port, "/", { [DEBUG_HEADER]: good });
    await ask(port, "/");
    t.mock.timers.tick(60_000);
    await ask(port, "/", { [DEBUG_HEADER]: good });
    assert.equal(capture.lines.length, 6);
  });

  it("goes on in baggage, and comes in by baggage, verified again", async (t) => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    t.after(() => context.disable());
    const { capture, port, baggage } = await start(t);
    const token = createDebugToken(SECRET);
    await ask(port, "/", { [DEBUG_HEADER]: token });
    await ask(port, "/", { [DEBUG_HEADER]: "forged" });
    assert.deepEqual(baggage, [token, undefined]);
    const lines = capture.lines.length;
    const carrying = (value: string) =>
      propagation.setBaggage(context.active(), propagation.createBaggage({ [DEBUG_BAGGAGE_KEY]: { value } }));
    context.with(carrying("forged"), () => capture.logger.debug("consumed"));
    assert.equal(capture.lines.length, lines);
    context.with(carrying(token), () => capture.logger.debug("consumed"));
    assert.equal(capture.lines.length, lines + 1);
  });

  it("refuses a secret that is too short, and needs one at all", async (t) => {
    process.env.WHODUNIT_DEBUG_SECRET = "short";
    t.after(() => delete process.env.WHODUNIT_DEBUG_SECRET);
    assert.throws(() => captureLogs(), /option "WHODUNIT_DEBUG_SECRET" is "\(withheld\)", want at least 16/);
  });
});
