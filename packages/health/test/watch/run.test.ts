import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRedactor } from "@whodunit/redaction";
import { block } from "../../../../test/helpers/block.ts";
import { freePort, startServer } from "../../../../test/helpers/real-server.ts";
import type { Check } from "../../src/index.ts";
import { FakeClock } from "../../src/testing.ts";
import { AwakeClock } from "../../src/watch/awake-clock.ts";
import { systemClock } from "../../src/watch/clock.ts";
import { type Outcome, startRun } from "../../src/watch/run.ts";

const redactor = createRedactor();

/** Runs a check once, on the machine's time. */
function run(
  check: Check,
  timeoutMs: number,
  explain: () => string | undefined = () => undefined,
): Promise<Outcome> {
  // Health's timers keep no process alive.
  const alive = setInterval(() => {}, 1_000);
  return new Promise((resolve) => {
    const onOutcome = (outcome: Outcome): void => {
      clearInterval(alive);
      resolve(outcome);
    };
    const clock = new AwakeClock(systemClock, { timeout: timeoutMs, interval: 10_000 }, () => {});
    startRun({ check, timeoutMs, explain }, clock, redactor, { onOutcome, onSettled() {} });
  });
}

const never: Check = () => new Promise(() => {});

test("startRun() calls a run late when its time-out has passed, and not before it", async () => {
  let passed = false;
  // One less: a timer of Node may fire up to 1 ms early.
  setTimeout(() => {
    passed = true;
  }, 99);
  const { status } = await run(never, 100);
  assert.deepEqual([status, passed], ["TIMEOUT", true]);
});

test("startRun() hears an answer that came in time although the event loop was blocked past the time-out", async (t) => {
  const port = await freePort();
  const program = fileURLToPath(new URL("../helpers/web-server.ts", import.meta.url));
  const args = [program, `${port}`];
  await startServer(t, tmpdir(), port, { command: process.execPath, args, asTester: true });
  const outcome = await run(async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET / HTTP/1.0\r\n\r\n");
    // The answer arrives while nothing runs here.
    block(2_000);
    await once(socket, "data");
    socket.destroy();
  }, 1_000);
  assert.equal(outcome.status, "OK");
});

test("startRun() adds the probe's explanation to a time-out, redacted, and survives one that throws", async () => {
  const text = async (explain: () => string | undefined): Promise<string | undefined> =>
    (await run(never, 10, explain)).fault?.text;
  assert.equal(await text(() => "the pool is empty"), "no answer within 10 ms: the pool is empty");
  assert.equal(await text(() => undefined), "no answer within 10 ms");
  assert.doesNotMatch((await text(() => "postgres://app:hunter2@db/x")) ?? "", /hunter2/);
  const thrown = await text(() => {
    throw new Error("explain");
  });
  assert.equal(thrown, "no answer within 10 ms");
});

test("cancel() tells nothing any more and aborts the signal", async () => {
  const clock = new FakeClock();
  const outcomes: Outcome[] = [];
  let seen: AbortSignal | undefined;
  const probe = {
    timeoutMs: 100,
    check: (signal: AbortSignal) => {
      seen = signal;
      return new Promise(() => {});
    },
  };
  const listener = { onOutcome: (outcome: Outcome) => outcomes.push(outcome), onSettled() {} };
  const awake = new AwakeClock(clock, { timeout: 100, interval: 1_000 }, () => {});
  startRun(probe, awake, redactor, listener).cancel();
  await clock.advance(1_000);
  assert.deepEqual(outcomes, []);
  assert.equal(seen?.aborted, true);
});
