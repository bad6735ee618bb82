import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { anyKey, anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { createLogger } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";
import { folder } from "../helpers/pipe.ts";

process.env.NODE_ENV = "test";

// Of all lengths: short ones, long ones and those around a bound are written by different code.
const TEXT = fc.oneof(
  anyText({ maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ unit: "binary-ascii", maxLength: 200 }),
  fc
    .tuple(
      fc.constantFrom("a", "ä", "€", "😀", '"', "\\", "\n", "\u0001", "\u007f", "\ud800", "\udc00"),
      fc.nat(2_000),
    )
    .map(([unit, times]) => unit.repeat(times)),
  fc.tuple(anyText(), fc.nat(8_100)).map(([text, before]) => "x".repeat(before) + text),
);

const PLAIN = fc.oneof(
  TEXT,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  // Durations and prices, at the bounds of what is written digit by digit.
  fc.integer({ min: -10, max: 100_001_000 }).map((thousandths) => thousandths / 1_000),
  fc.integer({ min: -10, max: 1_000_010 }).map((tenths) => tenths / 10),
  fc.boolean(),
  fc.constant(null),
);
const VALUE = fc.oneof(
  PLAIN,
  fc.array(PLAIN, { maxLength: 5 }),
  fc.dictionary(anyKey(), PLAIN, { maxKeys: 5 }),
);
const FIELDS = fc.dictionary(anyKey({ maxLength: 12 }), VALUE, { maxKeys: 5 });

const RESERVED = /^_*(?:level|time|msg|service|trace_id|span_id|recorded|repeats|truncated)$/;
const OFF = { redact: false, limits: { lineBytes: 1_048_576 } } as const;

/** The fields of a line that are not the logger's. */
function own(line: object): object {
  const { level, time, msg, service, ...rest } = line as Record<string, unknown>;
  return rest;
}

function unescaped(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

describe("what holds no secret", () => {
  const kept = FIELDS.filter((fields) => !Object.keys(fields).some((key) => RESERVED.test(key)));
  const asJson = (fields: object): unknown => JSON.parse(JSON.stringify(fields));

  it("is in the line as JSON has it, whatever its characters", () => {
    let [capture, run] = [captureLogs(OFF), 0];
    fc.assert(
      fc.property(kept, (fields) => {
        // A logger knows 8,192 keys of children at most.
        if (++run % 1_000 === 0) capture = captureLogs(OFF);
        capture.clear();
        capture.logger.error("x", fields);
        capture.logger.child(fields).error("x");
        capture.logger.pino.error(fields);
        for (const line of capture.lines) assert.deepEqual(own(line), asJson(fields));
      }),
      { numRuns: runs(5_000) },
    );
  });

  it("is in a file as UTF-8, whatever its characters", async (t) => {
    const path = join(folder(t), "log");
    const logger = createLogger({
      ...OFF,
      service: "test",
      level: "debug",
      throttle: false,
      destination: path,
    });
    const all = fc.sample(kept, 2_000);
    for (const [n, fields] of all.entries()) logger[n % 2 === 0 ? "debug" : "error"]("x", fields);
    await logger.close();
    const lines = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)).split("\n");
    assert.equal(lines.pop(), "");
    assert.deepEqual(
      lines.map((line) => own(JSON.parse(line))),
      all.map(asJson),
    );
  });

  it("is in the line as it is, whatever two characters meet", () => {
    const capture = captureLogs();
    const wrong: string[] = [];
    for (let first = 0; first < 160; first++) {
      for (let second = 0; second < 160; second++) {
        const pair = String.fromCharCode(first, second);
        for (const text of [pair, `word${pair}word`, `word word ${pair}`]) {
          capture.clear();
          capture.logger.error("x", { text });
          const json = capture.text.slice(capture.text.indexOf('"text":') + 7, -2);
          if (unescaped(json) !== text) wrong.push(json);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("is under its key as it is, whatever meets a backslash", () => {
    const capture = captureLogs();
    const wrong: string[] = [];
    for (let code = 0; code < 160; code++) {
      const other = String.fromCharCode(code);
      for (const key of [`\\${other}`, `${other}\\`, `word\\${other}word`]) {
        capture.clear();
        capture.logger.error("x", { [key]: 1 });
        // Read as a text: as a key V8 may take it for another, for which anyKey() leaves these out.
        const [, json = ""] = /,("(?:[^"\\]|\\.)*"):1\}$/.exec(capture.text.trimEnd()) ?? [];
        if (unescaped(json) !== key) wrong.push(capture.text);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("is the same with redaction on, where no pattern finds anything", () => {
    const [plain, redacting] = [captureLogs({ redact: false }), captureLogs()];
    fc.assert(
      fc.property(kept, (fields) => {
        const texts = [plain, redacting].map((capture) => {
          capture.clear();
          capture.logger.error("x", fields);
          return capture.text.replace(/"time":"[^"]*"/, "");
        });
        if (!texts[1]!.includes("[Redacted]")) assert.equal(texts[1], texts[0]);
      }),
      { numRuns: runs(5_000) },
    );
  });
});
