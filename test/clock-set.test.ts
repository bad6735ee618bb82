import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createDebugToken, DebugTokens } from "@whodunit/core";
import { withLogger } from "@whodunit/logger/node";
import { captureLogs } from "@whodunit/logger/testing";
import { withSpan } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import { recordTracing } from "@whodunit/tracing/testing";
import { until } from "./helpers/until.ts";

/** What goes on across a clock that somebody sets: lines, spans, requests and limits. */

const HOUR_MS = 3_600_000;
const SHIFTS: readonly (readonly [way: string, ms: number])[] = [
  ["back an hour", -HOUR_MS],
  ["on an hour", HOUR_MS],
  ["back to 1970", -Date.now()],
];

/** A clock of the day that is set while the test runs; what measures time by another is not moved. */
function settableClock(t: TestContext): { set(ms: number): void } {
  const { now } = Date;
  let shiftMs = 0;
  t.mock.method(Date, "now", () => now() + shiftMs);
  return {
    set(ms) {
      shiftMs += ms;
    },
  };
}

for (const [way, ms] of SHIFTS) {
  test(`T11: with the clock set ${way} within a request, its line, its spans and its traffic say how long it took`, async (t) => {
    const clock = settableClock(t);
    const capture = captureLogs({ service: "web" });
    const recorder = recordTracing({ service: "web" });
    t.after(() => recorder.close());
    const server = createServer(
      withTracing(
        withLogger(
          async (_request, response) => {
            await withSpan("work", async () => clock.set(ms));
            response.end("ok");
          },
          { logger: capture.logger },
        ),
      ),
    ).listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    const asked = get({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", agent: false });
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    await once(answer.resume(), "end");
    const response = () => capture.lines.find(({ msg }) => msg === "web-http-response");
    await until(() => response() !== undefined && recorder.spans.length === 3);
    const isTrue = (durationMs: unknown): boolean =>
      typeof durationMs === "number" && durationMs >= 0 && durationMs < HOUR_MS / 2;
    assert.ok(isTrue(response()?.duration), JSON.stringify(response()));
    for (const span of recorder.spans) assert.ok(isTrue(span.durationMs), `${span.name} ${span.durationMs}`);
    const counts = recorder.traffic.counts(600).map(({ side, count }) => `${side} ${count}`);
    assert.deepEqual(counts.toSorted(), ["client 1", "server 1"]);
  });

  test(`T11: with the clock set ${way} an error line that was held back for a second is not held back for longer`, (t) => {
    const clock = settableClock(t);
    const capture = captureLogs({ service: "web", throttle: { perSecond: 3 } });
    for (let n = 0; n < 10; n++) capture.logger.error("fail", { n });
    assert.equal(capture.lines.length, 3);
    clock.set(ms);
    for (let n = 0; n < 10; n++) capture.logger.error("fail", { n });
    assert.equal(capture.lines.length, 6);
  });

  test(`T11: with the clock set ${way} ten requests a second are debugged, no fewer and no more`, (t) => {
    const clock = settableClock(t);
    const secret = "a secret of enough length";
    const tokens = new DebugTokens("test", secret);
    const second = performance.now() + 1e9 * (SHIFTS.findIndex(([one]) => one === way) + 1);
    t.mock.method(performance, "now", () => second);
    const ask = (): number => {
      const token = createDebugToken(secret);
      const requests = Array.from({ length: 15 }, () => ({ headers: { "whodunit-debug": token } }));
      return requests.filter((one) => tokens.tokenOf(one as never, undefined) !== undefined).length;
    };
    assert.equal(ask(), 10);
    clock.set(ms);
    assert.equal(ask(), 0, "the second is the same");
    t.mock.method(performance, "now", () => second + 1_000);
    assert.equal(ask(), 10);
  });
}
