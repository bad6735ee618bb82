import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { createLogger, defineEvents, type Fields, type Logger, withContext } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";
import { beginRequest } from "../helpers/request.ts";

process.env.NODE_ENV = "test";

const BIG = "word ".repeat(1_500);
const TIMES = /"time":"[^"]*"/g;
const RUNS = runs(500);
// Whose lines nobody looks at.
const apart = captureLogs();

const events = defineEvents({
  event: {
    level: "error",
    description: "x",
    fields: { a: { type: "string" }, b: { type: "string", pii: true } },
  },
});

/** What a getter of the caller's may do with a logger, its own line's or another. */
const ACTIONS: readonly ((log: Logger) => unknown)[] = [
  (log) => log.error("inner", { password: "hunter2", big: BIG, list: [1, { a: [2] }] }),
  (log) => log.child({ tenant: "t1", token: "x", big: BIG }).debug("inner", { tenant: "t2" }),
  (log) => withContext({ RequestID: "inner", big: [BIG] }, () => log.error("inner")),
  (log) => log.pino.info("text %o %j", { a: BIG, password: "hunter2" }, { b: 1 }),
  (log) =>
    log.pino.child({ a: 1 }, { serializers: { b: () => log.error("inner", { c: 3 }) } }).warn({ b: 2 }),
  (log) => log.withEvents(events).error("event", { a: BIG, b: "Ada" }),
  (log) => log.error("inner", new Error("inner", { cause: { password: "hunter2" } })),
  (log) => beginRequest(log, () => log.debug("inner", { n: 1 }))(500),
  (log) => {
    const { logger: other } = apart;
    log.error("inner", {
      get deeper() {
        return other.error("deeper", {
          get deepest() {
            return log.error("deepest", { a: 1 });
          },
        });
      },
    });
  },
];

describe("a line during which others are written", () => {
  it("is what it would be without them, and each of them is whole", () => {
    const [outer, plain, other] = [captureLogs(), captureLogs(), captureLogs()];
    const loggers = [outer.logger, outer.logger.child("inside", { big: BIG }), other.logger];
    const member = fc.tuple(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("text", 7, BIG, "ada@example.org", { a: [1, { b: "c" }] }, ["x", BIG]),
      fc.option(fc.tuple(fc.nat(ACTIONS.length - 1), fc.nat(loggers.length - 1))),
    );
    fc.assert(
      fc.property(fc.array(member, { maxLength: 8 }), fc.nat(5), (members, way) => {
        const fields = (acts: boolean): Fields =>
          members.reduceRight<Fields>((rest, [key, value, act], n) => {
            const get = () => {
              if (act !== null && acts) ACTIONS[act[0]]!(loggers[act[1]]!);
              return value;
            };
            // Some of them further down.
            const object = n % 3 === 2 ? { rest } : rest;
            return Object.defineProperty(object, `${n}${key}`, { get, enumerable: true, configurable: true });
          }, {});
        const text = [false, true].map((acts) => {
          const capture = acts ? outer : plain;
          for (const each of [outer, plain, other, apart]) each.clear();
          const given = fields(acts);
          const log = capture.logger.child({ tenant: "t0" });
          if (way === 0) log.error("outer", given);
          else if (way === 1) log.child({ given }).error("outer");
          else if (way === 2) withContext({ given }, () => log.error("outer", { given }));
          else if (way === 3) log.pino.error(given, "outer");
          else if (way === 4) log.pino.error("outer %o", given);
          else log.pino.child({ given }).error("outer");
          assert.ok(!(capture.text + other.text).includes("hunter2"));
          // Each is a line of JSON.
          assert.ok(capture.lines.length > 0 && other.lines.length >= 0);
          const own = capture.text.split("\n").findLast((line) => line.includes('"tenant":"t0"'));
          return own?.replace(TIMES, "");
        });
        assert.equal(text[1], text[0]);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("lines within lines within lines", () => {
  it("are all valid and bounded, though each is as long as a line may be", () => {
    for (const lineBytes of [1_024, 65_536, 1_048_576]) {
      const captures = Array.from({ length: 20 }, () => captureLogs({ limits: { lineBytes } }));
      const fieldsOf = (n: number): Fields => ({
        before: Array.from({ length: 80 }, () => BIG),
        get within() {
          if (n + 1 < captures.length) captures[n + 1]!.logger.error("line", fieldsOf(n + 1));
          return n;
        },
        after: { n, list: Array.from({ length: 80 }, () => BIG) },
      });
      captures[0]!.logger.error("line", fieldsOf(0));
      for (const { text, lines } of captures) {
        if (text === "") continue;
        assert.ok(Buffer.byteLength(text) <= lineBytes, `${Buffer.byteLength(text)}`);
        assert.equal(lines.length, 1);
        assert.equal(lines[0]?.truncated, true);
      }
      assert.notEqual(captures[0]!.text, "");
    }
  });

  it("are whole where a destination logs what it is given, by another logger and by its own", () => {
    const other = captureLogs();
    const written: string[] = [];
    const logger = createLogger({
      service: "test",
      destination: {
        write(line) {
          written.push(line);
          other.logger.error("seen", { length: line.length });
          if (written.length < 5) logger.error("again", { n: written.length });
        },
      },
    });
    logger.error("first", { a: [1, 2, { b: BIG }] });
    assert.deepEqual(
      written.map((line) => JSON.parse(line).msg),
      ["test-first", "test-again", "test-again", "test-again", "test-again"],
    );
    assert.deepEqual(
      other.lines.map((line) => line.length),
      written
        .map((line) => line.length)
        .toReversed()
        .toReversed(),
    );
  });
});
