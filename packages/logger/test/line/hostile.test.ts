import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import { type Fields, type Logger, withContext } from "../../src/index.ts";
import { captureLogs } from "../../src/testing.ts";
import { DEEP, HOSTILE_FIELDS, HOSTILE_VALUE } from "../helpers/hostile-fields.ts";
import { deepFreeze, snapshot } from "../helpers/snapshot.ts";

process.env.NODE_ENV = "test";

const RUNS = runs(10_000);
const TIMES = /(?<=^\{"level":"(?:debug|error)","time":)"[^"]*"/gm;

const OPAQUE = new Set([DEEP]);

/** All ways in. */
const WAYS: readonly ((logger: Logger, fields: Fields, other: unknown) => void)[] = [
  (logger, fields) => logger.error("x", fields),
  (logger, _, other) => logger.debug("x", other as never),
  (logger, fields) => logger.child(fields).error("x", fields),
  (logger, fields, other) => withContext(fields, () => logger.error("x", { other, fields })),
  (logger, _, other) => logger.pino.info(other as object, "text"),
  (logger, fields, other) => logger.pino.child(fields).warn("text %o", other as never),
  (logger, fields, other) => logger.pino.child({}).error({ err: other }, "%s %j", other, fields),
  (logger, fields) => logger.pino.info("named", fields),
];

describe("a line", () => {
  const capture = captureLogs();
  const logged = (given: readonly [Fields, unknown], way: number): string => {
    capture.clear();
    WAYS[0]!(capture.logger, ...given);
    WAYS[1 + (way % (WAYS.length - 1))]!(capture.logger, ...given);
    return capture.text;
  };

  it(`is one of valid JSON, and nothing that was given is changed, for ${RUNS} of anything`, () => {
    let run = 0;
    fc.assert(
      fc.property(HOSTILE_FIELDS, HOSTILE_VALUE, (makeFields, makeOther) => {
        const given = [makeFields(), makeOther()] as const;
        const before = snapshot(given, OPAQUE);
        const lines = logged(given, run++).split("\n");
        assertSame(snapshot(given, OPAQUE), before);
        assert.equal(lines.pop(), "");
        assert.equal(lines.length, 2);
        for (const line of lines) check(line);
        const { first, last, truncated } = JSON.parse(lines[0]!);
        assert.equal(first, 1, lines[0]);
        if (truncated !== true) assert.deepEqual(last, { a: 1 }, lines[0]);
      }),
      { numRuns: RUNS },
    );
  });

  it("is the same for what is frozen to its depth: a write to that would throw, and be told", () => {
    let run = 0;
    fc.assert(
      fc.property(HOSTILE_FIELDS, HOSTILE_VALUE, (makeFields, makeOther) => {
        run++;
        const [text, frozenText] = [false, true].map((frozen) => {
          const given = [makeFields(), makeOther()] as const;
          if (frozen) deepFreeze(given, OPAQUE);
          return logged(given, run).replace(TIMES, "");
        });
        assert.equal(frozenText, text);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it("has no key twice where keys are redacted or cut to the same", () => {
    const capture = captureLogs();
    const { logger } = capture;
    const [ada, bob] = ["ada@example.org", "bob@example.org"];
    logger.debug("x", { [ada]: 1, "[Redacted]": 2 });
    logger.debug("x", { [ada]: 1, [bob]: 2, "[Redacted]_2": 3 });
    withContext({ [ada]: 1 }, () => logger.debug("x", { [bob]: 2 }));
    withContext({ [ada]: 1 }, () => logger.debug("x", { "[Redacted]": 2 }));
    logger.child({ ["k".repeat(300)]: 1 }).debug("x", { ["k".repeat(256)]: 2 });
    logger.debug("x", { ["k".repeat(300)]: 1, ["k".repeat(256)]: 2 });
    for (const line of capture.text.trimEnd().split("\n")) check(line);
    assert.deepEqual(
      capture.lines.map((line) => Object.values(line).filter((value) => typeof value === "number")),
      [[1, 2], [1, 2, 3], [2], [2], [2], [1, 2]],
    );
  });

  it("is written for a proxy that claims to have every key", { timeout: 60_000 }, () => {
    const capture = captureLogs();
    const getOwnPropertyDescriptor = () => ({ enumerable: true, configurable: true, value: 1 });
    const fields = new Proxy({ level: 1, a: 2, "ada@example.org": 3, b: 4 }, { getOwnPropertyDescriptor });
    capture.logger.debug("x", fields);
    check(capture.text.trimEnd());
    assert.equal(capture.lines[0]?.a, 2);
  });

  it("has the fields beside one whose getter throws", () => {
    const capture = captureLogs();
    capture.logger.error("x", {
      before: 1,
      bad: throwing(),
      get worse() {
        return fail();
      },
      after: 2,
    });
    const { before, bad, worse, after } = capture.lines[0]!;
    assert.deepEqual(
      { before, bad, worse, after },
      { before: 1, bad: { a: 1, b: "[Throws: RangeError]", c: 3 }, worse: "[Throws: RangeError]", after: 2 },
    );
  });

  it("has a circle that leads through the keys of a Map once", () => {
    const capture = captureLogs();
    const circle: Record<string, unknown> = {};
    circle.a = [circle, new Map([[circle, circle]])];
    const itself = new Map<unknown, unknown>();
    itself.set(itself, itself).set({ key: itself }, new Date(0)).set(new Date(0), 1);
    let deep: unknown = "bottom";
    for (let level = 0; level < 100; level++) deep = new Map([[deep, level]]);
    capture.logger.debug("x", { circle, itself });
    capture.logger.debug("x", itself as never);
    capture.logger.debug("x", { deep });
    const [within, whole, cut] = capture.lines;
    const key = "1970-01-01T00:00:00.000Z";
    assert.deepEqual(within?.circle, { a: ["[Circular]", { "[Circular]": "[Circular]" }] });
    assert.deepEqual(within?.itself, { "[Circular]": "[Circular]", '{"key":"[Circular]"}': key, [key]: 1 });
    assert.equal(within?.truncated, undefined);
    assert.equal(whole?.[key], 1);
    assert.equal(cut?.truncated, true);
    for (const line of capture.text.trimEnd().split("\n")) {
      check(line);
      assert.ok(line.length < 1_000, line);
    }
  });

  it("is whole after those for which a recursion had left no stack", () => {
    const capture = captureLogs();
    const values = [
      { a: { b: [1, "password=abc"] } },
      { error: new Error("x") },
      { map: new Map([[{ key: 1 }, { value: 2 }]]) },
      {
        get logs() {
          capture.logger.debug("inner", { a: 1 });
          return 1;
        },
      },
    ];
    let overflows = 0;
    const recurse = (value: Fields, ...padding: readonly number[]): void => {
      try {
        capture.logger.debug("x", value);
      } catch {
        overflows++;
      }
      recurse(value, ...padding);
    };
    for (let round = 0; round < 40; round++) {
      const padding = new Array<number>(round).fill(0);
      assert.throws(() => recurse(values[round % values.length]!, ...padding), RangeError);
      capture.clear();
      capture.logger.debug("after", { a: 1, text: "y".repeat(1_000) });
      const { a, text, truncated } = capture.lines[0]!;
      assert.deepEqual({ a, text, truncated }, { a: 1, text: "y".repeat(1_000), truncated: undefined });
    }
    assert.ok(overflows > 0);
  });

  it("is written for what nests 100,000 deep", () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? { deep } : [deep];
    let error = new Error("bottom");
    for (let i = 0; i < 100_000; i++) error = new Error("level", { cause: error });
    const capture = captureLogs();
    capture.logger.error("x", { deep, err: error });
    assert.equal(capture.lines[0]?.truncated, true);
  });

  it("is written for a field whose getter logs", () => {
    const capture = captureLogs();
    const { logger } = capture;
    const loud = {
      id: 1,
      get again(): unknown {
        logger.error("inner", { again: loud });
        return "value";
      },
      toJSON() {
        logger.error("json", loud);
        return { id: 2 };
      },
    };
    logger.error("outer", { first: { a: 1 }, loud, last: { b: 2 } });
    assert.deepEqual(
      capture.lines.map((line) => line.msg),
      ["test-inner", "test-json", "test-outer"],
    );
    const { first, loud: shown, last } = capture.lines[2]!;
    assert.deepEqual({ first, shown, last }, { first: { a: 1 }, shown: { id: 2 }, last: { b: 2 } });
  });

  it("is written for a context whose getters log, by its own logger and another", () => {
    const [capture, other] = [captureLogs(), captureLogs()];
    // As an ORM does that loads a relation.
    const lazy = {};
    for (let n = 0; n < 20; n++) {
      const get = () => {
        capture.logger.debug("query", { n });
        withContext({ n }, () => other.logger.debug("query"));
        return n;
      };
      Object.defineProperty(lazy, `relation${n}`, { get, enumerable: true });
    }
    withContext({ lazy, tenant: "t1" }, () => {
      capture.logger.error("outer");
      other.logger.error("outer");
    });
    const loaded = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`relation${n}`, n]));
    for (const { lines } of [capture, other]) {
      const { tenant, lazy: shown } = lines.find((line) => line.msg === "test-outer")!;
      assert.deepEqual({ tenant, shown }, { tenant: "t1", shown: loaded });
      assert.equal(lines.length, 1 + 2 * 20, "twenty while each of the loggers reads the context");
    }
  });

  it("holds no character that a terminal obeys", () => {
    const capture = captureLogs();
    const text = "\u001b[31m\u007f\u009b2J\u0085\r\n\u0000";
    capture.logger.error("x", { text, [text]: 1 });
    assert.match(capture.text, /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*\n$/);
    assert.equal(capture.lines[0]?.text, text);
  });
});

// JSON.parse keeps the last of two equal keys: so the number of keys must be that of the text.
function check(line: string): void {
  const parsed = JSON.parse(line) as Record<string, unknown>;
  assert.match(line, /^\{"level":"(?:debug|error)","time":"[^"]+","msg":"test-[^"]+","service":"test"[,}]/);
  assert.equal(JSON.stringify(parsed).length, canonicalLength(line), line);
  assert.ok(Buffer.byteLength(line) <= 65_536);
}

function canonicalLength(line: string): number {
  let length = 0;
  for (const member of topLevelMembers(line)) length += member;
  return length;
}

// Lengths of `"key":value` in canonical JSON, with their commas and the braces.
function topLevelMembers(line: string): number[] {
  const lengths: number[] = [];
  let depth = 0;
  let start = 1;
  let inText = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (inText) {
      if (c === "\\") i++;
      else if (c === '"') inText = false;
    } else if (c === '"') inText = true;
    else if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") depth--;
    if (!inText && ((c === "," && depth === 1) || depth === 0)) {
      lengths.push(JSON.stringify(JSON.parse(`{${line.slice(start, i)}}`)).length - 1);
      start = i + 1;
    }
  }
  return [...lengths, 1];
}

// Facts are compared as they are: two objects that look the same are not the same.
function assertSame(after: readonly unknown[], before: readonly unknown[]): void {
  const changed = after.findIndex((fact, i) => !Object.is(fact, before[i]));
  if (changed !== -1 || after.length !== before.length) {
    assert.fail(
      `fact ${changed} of what was given has changed: ${inspect(before[changed])}, ${inspect(after[changed])}`,
    );
  }
}

function fail(): never {
  throw new RangeError("no");
}

function throwing(): object {
  return Object.defineProperty({ a: 1, b: 2, c: 3 }, "b", { enumerable: true, get: fail });
}
