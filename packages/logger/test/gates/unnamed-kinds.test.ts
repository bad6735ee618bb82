import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logger } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";

process.env.NODE_ENV = "test";

// As JavaScript calls it.
type AnyLog = { error(...given: unknown[]): void; child(scope: string): AnyLog };
type AnyPino = AnyLog & { child(bindings: object): AnyPino };
type Call = (log: AnyLog, pino: AnyPino, n: number) => void;

const failed = (message: string, more: object = {}): Error => Object.assign(new Error(message), more);

/** What floods the log, and a line that says something else: it must be there. */
const FLOODS: Readonly<Record<string, readonly [flood: Call, other: Call]>> = {
  "one text before different errors": [
    (log, _, n) => log.error("Request failed", failed(`order ${n} is gone`)),
    (log) => log.error("Request failed", failed("the disk is full")),
  ],
  "one text before different errors, by pino": [
    (_, pino, n) => pino.error({ err: failed(`order ${n} is gone`) }, "request failed"),
    (_, pino) => pino.error({ err: failed("the disk is full") }, "request failed"),
  ],
  "errors alone": [
    (_, pino, n) => pino.error(failed(`order ${n} is gone`)),
    (_, pino) => pino.error({ err: failed("the disk is full") }),
  ],
  "errors that differ by their code": [
    (_, pino) => pino.error(failed("connect", { code: "ECONNREFUSED" })),
    (_, pino) => pino.error(failed("connect", { code: "ENOSPC" })),
  ],
  "errors that differ by what caused them, as those of fetch": [
    (log, _, n) => log.error(new TypeError("fetch failed", { cause: failed(`connect 10.0.0.${n % 9}:80`) })),
    (log) => log.error(new TypeError("fetch failed", { cause: failed("certificate has expired") })),
  ],
  "errors that stand for several": [
    (log, _, n) => log.error(new AggregateError([failed(`no answer from 10.0.0.${n % 9}`)])),
    (log) => log.error(new AggregateError([failed("certificate has expired")])),
  ],
  "objects without a text": [
    (_, pino, n) => pino.error({ order: n, state: "lost" }),
    (_, pino) => pino.error({ disk: "sda", state: "lost" }),
  ],
  "objects that differ by what they say": [
    (log, _, n) => log.error({ event: "order-lost", order: n }),
    (log) => log.error({ event: "disk-full", order: 7 }),
  ],
  "a text with other fields": [
    (log, _, n) => log.error("Not saved", { order: n }),
    (log) => log.error("Not saved", { disk: "sda" }),
  ],
  "long texts that differ at their end": [
    (_, pino, n) => pino.error(`Invalid invocation in ${"/srv/app/src/orders".repeat(9)}: order ${n}`),
    (_, pino) => pino.error(`Invalid invocation in ${"/srv/app/src/orders".repeat(9)}: the disk is full`),
  ],
  "a format with the words behind": [
    (_, pino, n) => pino.error("%s: %d", "order lost", n),
    (_, pino) => pino.error("%s: %d", "disk full", 7),
  ],
  "what a child says": [
    (log, _, n) => log.child("orders").error(`Order ${n} is lost`),
    (log) => log.child("orders").error("The disk is full"),
  ],
  "what a child of pino says": [
    (_, pino, n) => pino.child({ shard: n }).error(`order ${n} is lost`),
    (_, pino) => pino.child({ shard: 1 }).error("the disk is full"),
  ],
};

const asCalled = (logger: Logger): [AnyLog, AnyPino] => [logger, logger.pino] as unknown as [AnyLog, AnyPino];

for (const [title, [flood, other]] of Object.entries(FLOODS)) {
  test(`A6: a flood of ${title} is throttled, and hides no other line`, (t) => {
    t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
    const capture = captureLogs({ service: "shop", throttle: { perSecond: 5 } });
    const [log, pino] = asCalled(capture.logger);
    for (let n = 0; n < 100; n++) flood(log, pino, n);
    assert.equal(capture.lines.length, 5);
    other(log, pino, 0);
    assert.equal(capture.lines.length, 6);
    t.mock.timers.tick(1_000);
    const [told, ...more] = capture.lines.slice(6);
    assert.deepEqual([told?.repeats, more], [95, []]);
  });
}

test("A6: what an object's getters do is left to its line: each is called once, and one that logs ends", () => {
  const capture = captureLogs({ service: "shop" });
  const [log] = asCalled(capture.logger);
  let calls = 0;
  log.error({
    get err() {
      if (++calls < 20) log.error("Asked");
      return failed("lazy");
    },
    get state() {
      throw new Error("no state");
    },
  });
  assert.ok(calls <= 3, `${calls} calls`);
  assert.equal(capture.lines.filter(({ text }) => text === "lazy" || text === undefined).length, 1);
});
