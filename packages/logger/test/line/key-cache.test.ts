import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedactor } from "@whodunit/redaction";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { createLogger, type Logger } from "../../src/index.ts";

const redactor = createRedactor();

/** A logger that knows no key yet, and what it has written. */
function coldLogger(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({
    service: "api",
    level: "debug",
    redact: redactor,
    throttle: false,
    destination,
  });
  return { log, lines };
}

// Keys of every kind that the cache tells apart, few of each, so that they meet again in another order and place.
const key = fc.constantFrom(
  ...["id", "status", "host", "user", "état"],
  ...["password", "authorization", "email"],
  ...["level", "msg", "_level", "trace_id", "text"],
  ...["value", "name", "args", "command", "key"],
  ...["ada@example.org", "bob@example.org", "[Redacted]", "a".repeat(300), "__proto__", "toJSON"],
);
const text = fc.constantFrom(
  ...["", "GET", "POST", "10.0.0.1", "line\nbreak", "café", "x".repeat(256), "x".repeat(300)],
  ...["password", "token", "hunter2", "auth", "ada@example.org", "password=hunter2", "4111 1111 1111 1111"],
);
const leaf = fc.oneof(text, fc.integer({ min: -5, max: 200_000 }), fc.constantFrom(null, true, 0.5, 1e21));
const fields = fc.letrec<{ readonly value: unknown; readonly object: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie("object"),
    fc.array(tie("value"), { maxLength: 4 }),
  ),
  object: fc.dictionary(key, tie("value"), { maxKeys: 6, noNullPrototype: true }),
})).object;
const call = fc.record({ level: fc.constantFrom("debug", "error"), fields, bindings: fc.option(fields) });
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

// What comes several times in a row is written otherwise than what comes once.
const calls = fc
  .array(fc.tuple(call, fc.integer({ min: 1, max: 4 })), { minLength: 2, maxLength: 8 })
  .map((some) => some.flatMap(([each, times]) => Array<Call>(times).fill(each)));

function write(log: Logger, { level, fields, bindings }: Call): void {
  const own = bindings === null ? log : log.child(bindings);
  own[level as "debug" | "error"]("done", fields);
}

function assertSameAsCold(warm: ReturnType<typeof coldLogger>, calls: readonly Call[]): void {
  for (const each of calls) {
    const cold = coldLogger();
    write(cold.log, each);
    write(warm.log, each);
    assert.deepEqual(warm.lines.splice(0), cold.lines);
  }
}

describe("The cache of keys", () => {
  it("changes no byte of a line, whatever keys and values were there before", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 0 });
    const property = fc.property(calls, (some) => assertSameAsCold(coldLogger(), some));
    fc.assert(property, { numRuns: runs(200) });
  });

  it("changes no byte of a line once it is full", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 0 });
    const warm = coldLogger();
    for (let n = 0; n < 9_000; n += 90) {
      warm.log.debug("many", Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`key${n + i}`, i])));
    }
    assert.equal(warm.lines.splice(0).length, 100);
    const property = fc.property(calls, (some) => assertSameAsCold(warm, some));
    fc.assert(property, { numRuns: runs(50) });
  });
});
