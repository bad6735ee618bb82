import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { runs } from "../../../../test/helpers/scale.ts";
import type { LoggerOptions } from "../../src/index.ts";
import { type Capture, captureLogs } from "../../src/testing.ts";

process.env.NODE_ENV = "test";

/** A log method as JavaScript calls it. */
type AnyCall = (...given: unknown[]) => void;

const gone = new RangeError("db gone");
const why = new TypeError("no host");

/** What the line should have: text, type of the error, and the other fields. */
interface Wanted {
  readonly text?: string;
  readonly err?: string;
  readonly [field: string]: unknown;
}

/** Shapes of pino, winston and console without a name, by what they give. */
const SHAPES: Readonly<Record<string, [given: unknown[], wanted: Wanted]>> = {
  "an error": [[gone], { text: "db gone", err: "RangeError" }],
  "fields with an error, and a text": [
    [{ userId: 7, err: gone }, "could not load user"],
    { text: "could not load user", err: "RangeError", userId: 7 },
  ],
  "a date": [[new Date(0)], { value: "1970-01-01T00:00:00.000Z" }],
  "a URL": [[new URL("http://web/cart")], { value: "http://web/cart" }],
  "a document that shows itself by toJSON()": [
    [
      new (class Doc {
        toJSON = (): object => ({ userId: 7 });
      })(),
      "could not save",
    ],
    { text: "could not save", userId: 7 },
  ],
  "a document whose toJSON() throws": [
    [
      new (class Doc {
        userId = 7;
        toJSON(): never {
          throw gone;
        }
      })(),
      "could not save",
    ],
    { text: "could not save", userId: 7 },
  ],
  "fields alone": [[{ userId: 7 }], { userId: 7 }],
  "fields with msg": [[{ msg: "Could not load", userId: 7 }], { text: "Could not load", userId: 7 }],
  "fields with err alone": [[{ userId: 7, err: gone }], { text: "db gone", err: "RangeError", userId: 7 }],
  "an error and a text": [[gone, "while saving"], { text: "while saving", err: "RangeError" }],
  "an error, a text and its values": [
    [gone, "while saving %s as %d", "a.txt", 7],
    { text: "while saving a.txt as 7", err: "RangeError" },
  ],
  "an error and fields": [[gone, { userId: 7 }], { text: "db gone", err: "RangeError", userId: 7 }],
  "a text": [["Could not load user"], { text: "Could not load user" }],
  "an empty text": [[""], { text: "" }],
  "a text and an error": [["Could not save:", gone], { text: "Could not save:", err: "RangeError" }],
  "a text and fields": [["Could not save", { userId: 7 }], { text: "Could not save", userId: 7 }],
  "a text, fields and an error": [
    ["Could not save", { userId: 7 }, gone],
    { text: "Could not save", userId: 7, err: "RangeError" },
  ],
  "a text and several values": [
    ["Listening on", 3000, true, null, undefined, 10n],
    { text: "Listening on 3000 true null undefined 10" },
  ],
  "printf of a text and numbers": [
    ["%s has %d of %i, %f%%", "ada", "3", 4.7, 1.5],
    { text: "ada has 3 of 4, 1.5%" },
  ],
  "printf of objects": [
    ["got %o, %j and %O", { a: 1 }, [1, "b"], "text"],
    { text: `got {"a":1}, [1,"b"] and 'text'` },
  ],
  "printf of an error, which keeps its stack": [
    ["Failed: %s", gone],
    { text: "Failed: RangeError: db gone", err: "RangeError" },
  ],
  "printf of what is no number": [["Order %d failed", "A17"], { text: "Order A17 failed" }],
  "printf of an object as a text": [["User %s", { id: 7 }], { text: 'User {"id":7}' }],
  "printf with more values than places": [
    ["User %s", "ada", "was", 7, { tries: 3 }, gone],
    { text: "User ada was 7", tries: 3, err: "RangeError" },
  ],
  "printf with fewer values than places": [["User %s of %s", "ada"], { text: "User ada of %s" }],
  "two errors": [["Both failed", gone, why], { text: "Both failed", err: "RangeError", value: "TypeError" }],
  "an error beside fields that have one": [
    [{ err: why }, gone, "Both failed"],
    { text: "Both failed", err: "TypeError", value: "RangeError" },
  ],
  "two objects": [["Both", { a: 1 }, { a: 2 }], { text: "Both", a: 1, value: { a: 2 } }],
  "objects beside fields of that name": [
    ["All", { value: 1 }, [2], new Set([3])],
    { text: "All", value: 1, values: [[2], [3]] },
  ],
  "bunyan's error, text and its values": [
    [{ err: gone, userId: 7 }, "hi %s", "ada"],
    { text: "hi ada", err: "RangeError", userId: 7 },
  ],
  "winston's message in an object": [[{ message: "hello", userId: 7 }], { message: "hello", userId: 7 }],
  "winston's text, values and meta": [["a %s b %d", "x", 2, { meta: 1 }], { text: "a x b 2", meta: 1 }],
  "winston's error under a key of its own": [
    [{ error: gone }, "while saving"],
    { text: "while saving", error: "RangeError" },
  ],
  "an error of another realm": [
    [runInNewContext("new TypeError('foreign')"), "while saving"],
    { text: "while saving", err: "TypeError" },
  ],
  "an AggregateError": [[new AggregateError([gone, why], "many")], { text: "many", err: "AggregateError" }],
  "a DOMException": [[new DOMException("gone", "AbortError")], { text: "gone", err: "AbortError" }],
  "a promise that was not awaited": [
    [Promise.resolve(7), "Could not save"],
    { text: "Could not save", value: "[Promise]" },
  ],
  "a response of fetch": [
    ["Could not save", new Response("x")],
    { text: "Could not save", value: "[Response]" },
  ],
  "an event": [[new Event("close")], { value: "[Event]" }],
  "a percent sign that is no place": [["100% of", 5], { text: "100% of 5" }],
  "a bigint in its place": [["%d", 10n], { text: "10" }],
  "a symbol in its place": [["%s", Symbol("x")], { text: "Symbol(x)" }],
  "what a template is called with": [
    [Object.assign(["a", "b"], { raw: ["a", "b"] }), 1],
    { text: "1", value: ["a", "b"] },
  ],
  "an array": [[[1, 2]], { value: [1, 2] }],
  "a Map beside an error": [
    [gone, new Map([["a", 1]])],
    { text: "db gone", err: "RangeError", value: { a: 1 } },
  ],
  "a number": [[42], { text: "42" }],
  "null before a text": [[null, "Could not save"], { text: "Could not save" }],
  undefined: [[undefined], { text: "undefined" }],
  nothing: [[], {}],
};

function lineOf(capture: Capture): Wanted {
  assert.equal(capture.lines.length, 1, capture.text);
  const { level, time, msg, service, ...own } = capture.lines[0]!;
  for (const [key, value] of Object.entries(own)) {
    const { type, stack } = Object(value) as { type?: unknown; stack?: unknown };
    if (typeof type !== "string") continue;
    assert.match(String(stack), /at /, "an error keeps its stack");
    (own as Record<string, unknown>)[key] = type;
  }
  return own;
}

describe("A1: a call in any shape gives a line with all that was handed over", () => {
  for (const [shape, [given, wanted]] of Object.entries(SHAPES)) {
    for (const level of ["error", "debug"] as const) {
      it(`${shape}, by log.${level} and by log.pino.${level}`, () => {
        for (const which of [
          (capture: Capture) => capture.logger,
          (capture: Capture) => capture.logger.pino,
        ]) {
          const capture = captureLogs();
          const log = which(capture) as unknown as Record<string, AnyCall>;
          log[level]!(...given);
          assert.deepEqual(lineOf(capture), wanted);
          assert.equal(capture.lines[0]?.msg, "test-unnamed");
          assert.equal(capture.lines[0]?.level, level);
        }
      });
    }
  }

  it("an error behind a name and fields, in either order, and texts behind those", () => {
    const named: [unknown[], Wanted][] = [
      [["fail-redeem", gone], { err: "RangeError" }],
      [["fail-redeem", { id: 7 }, gone], { id: 7, err: "RangeError" }],
      [["fail-redeem", gone, { id: 7 }], { id: 7, err: "RangeError" }],
      [["fail-redeem", { id: 7 }, "at the till"], { id: 7, text: "at the till" }],
    ];
    for (const [given, wanted] of named) {
      for (const which of [(capture: Capture) => capture.logger, (capture: Capture) => capture.logger.pino]) {
        const capture = captureLogs();
        (which(capture).error as AnyCall).apply(which(capture), given);
        assert.deepEqual(lineOf(capture), wanted);
        assert.equal(capture.lines[0]?.msg, "test-fail-redeem");
      }
    }
    const capture = captureLogs();
    (capture.logger.error as AnyCall).call(capture.logger, "fail-redeem", "at the till", 7);
    assert.deepEqual(lineOf(capture), { text: "at the till 7" });
  });

  it("free text of a child, inside a context and in a flight recording", () => {
    const capture = captureLogs({ level: "error" });
    (capture.logger.child("a", { b: 1 }).error as AnyCall)("Could not save", gone);
    assert.deepEqual([capture.lines[0]?.msg, capture.lines[0]?.b], ["test-a-unnamed", 1]);
    capture.clear();
    (capture.logger.debug as AnyCall).call(capture.logger, "Not wanted");
    assert.equal(capture.text, "");
  });

  it("a secret in the text, in a value of it and behind it is hidden", () => {
    const capture = captureLogs();
    const log = (capture.logger.error as AnyCall).bind(capture.logger);
    log("Login of %s with %j", "ada@example.org", { password: "hunter2" });
    log("password:", "hunter2");
    log(new Error("token=5c522f9b1a77"), "for", { apiKey: "hunter2" });
    assert.doesNotMatch(capture.text, /ada@|hunter2|5c522f9b/);
    assert.equal(capture.lines.length, 3);
  });

  it("whatever is handed over, in any number and order: one line each, and every word and number is in it", () => {
    const word = fc.stringMatching(/^[a-z]{3,8}$/);
    const value = fc.oneof(
      word,
      word.map((text) => `Some ${text} here`),
      fc.integer({ min: 100, max: 9_999 }),
      word.map((text) => new Error(text)),
      fc.dictionary(word, word, { minKeys: 1, maxKeys: 2 }),
      fc.array(word, { minLength: 1, maxLength: 2 }),
      word.map((text) => new Map([[text, text]])),
    );
    const property = fc.property(
      fc.array(value, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (given, byPino) => {
        const capture = captureLogs({ redact: false });
        const log = (byPino ? capture.logger.pino : capture.logger) as unknown as Record<string, AnyCall>;
        log.error!(...given);
        assert.equal(capture.lines.length, 1);
        for (const leaf of leaves(given))
          assert.ok(capture.text.includes(leaf), `${leaf} in ${capture.text}`);
      },
    );
    fc.assert(property, { numRuns: runs(500) });
  });
});

/** Every text and number in a value. */
function leaves(value: unknown): string[] {
  if (value instanceof Error) return [value.message];
  if (value instanceof Map) return leaves([...value.values()]);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];
}

describe("A2: no log call throws", () => {
  it("A2: debug() and error() write when they are handed on without their logger", async () => {
    const capture = captureLogs({ service: "web", level: "debug" });
    const log = capture.logger;
    const { debug, error } = log.child("votes", { tenant: "acme" });
    error("fail", { a: 1 });
    debug("open");
    await Promise.reject(gone).catch(log.error as AnyCall);
    Reflect.apply(log.error as AnyCall, null, [{ a: 1 }, "could not"]);
    assert.deepEqual(
      capture.lines.map(({ msg, tenant, text }) => [msg, tenant, text]),
      [
        ["web-votes-fail", "acme", undefined],
        ["web-votes-open", "acme", undefined],
        ["web-unnamed", undefined, "db gone"],
        ["web-unnamed", undefined, "could not"],
      ],
    );
    assert.equal(log.error, log.error);
  });

  for (const level of ["trace", "debug", "info", "warn", "error", "fatal"] as const) {
    it(`A2: ${level}() of a pino instance writes when it is handed on without it, as a callback or as a listener`, async () => {
      const capture = captureLogs({ service: "web", level: "debug" });
      const of = (logger: { readonly pino: unknown }): AnyCall =>
        (logger.pino as Record<string, AnyCall>)[level]!;
      const own = capture.logger.pino.child({ a: 1 }, { level: "trace" }) as unknown as Record<
        string,
        AnyCall
      >;
      await Promise.reject(gone).catch(of(capture.logger));
      new EventEmitter().once("error", of(capture.logger)).emit("error", why);
      of(capture.logger.child("votes", { tenant: "acme" }))("Could not vote");
      own[level]!.call(undefined, { id: 7 }, "Could not");
      own[level]!("Of its own");
      assert.deepEqual(
        capture.lines.map(({ msg, text, tenant, id, a }) => [msg, text, tenant, id, a]),
        [
          ["web-unnamed", "db gone", undefined, undefined, undefined],
          ["web-unnamed", "no host", undefined, undefined, undefined],
          ["web-votes-unnamed", "Could not vote", "acme", undefined, undefined],
          ["web-unnamed", "Could not", undefined, 7, undefined],
          ["web-unnamed", "Of its own", undefined, undefined, 1],
        ],
      );
    });
  }

  it("A2: the other methods of a pino instance do not throw when they are handed on without it", async () => {
    const capture = captureLogs({ service: "web", level: "debug" });
    const { child, bindings, setBindings, isLevelEnabled, flush } = capture.logger.pino;
    Reflect.apply(child, undefined, [{ a: 1 }]).error("Could not save");
    assert.deepEqual(Reflect.apply(bindings, undefined, []), capture.logger.pino.bindings());
    Reflect.apply(setBindings, undefined, [{ b: 2 }]);
    assert.equal(Reflect.apply(isLevelEnabled, undefined, ["error"]), true);
    Reflect.apply(flush, undefined, [0]);
    await new Promise<void>((resolve) => void Reflect.apply(flush, undefined, [() => resolve()]));
    capture.logger.pino.error("Nothing of it");
    assert.deepEqual(
      capture.lines.map(({ text, a, b }) => [text, a, b]),
      [
        ["Could not save", 1, undefined],
        ["Nothing of it", undefined, undefined],
      ],
    );
  });

  const hostile: Readonly<Record<string, unknown>> = {
    "a template that holds values": `Error finding users: ${gone.message}`,
    "a symbol": Symbol("s"),
    "a function": () => {},
    "a revoked proxy": revoked(),
    "an object whose getters throw": {
      get msg(): never {
        throw gone;
      },
      get err(): never {
        throw gone;
      },
    },
    "a proxy that throws at everything": new Proxy(
      {},
      new Proxy({}, { get: () => () => assert.fail("trap") }),
    ),
    "an error whose message throws": Object.defineProperty(new Error("x"), "message", {
      get: () => assert.fail("getter"),
    }),
    "an object without a prototype": Object.assign(Object.create(null), { a: 1 }),
  };
  for (const [what, given] of Object.entries(hostile)) {
    for (const nodeEnv of ["test", "development", "production"]) {
      it(`at ${what} when NODE_ENV is ${nodeEnv}, alone, beside a text, in it and behind a name`, (t) => {
        inEnvironment(t, nodeEnv);
        const capture = captureLogs();
        for (const log of [capture.logger, capture.logger.pino] as unknown as Record<string, AnyCall>[]) {
          for (const args of [
            [given],
            ["A text", given],
            [given, "A text"],
            ["%s %o %d", given, given],
            ["name", given],
          ]) {
            log.error!(...args);
            log.debug!(...args);
          }
        }
        assert.equal(capture.lines.length, 20);
      });
    }
  }

  it("by an event logger at what does not fit its catalogue, nor a child at a name that is none", () => {
    const capture = captureLogs();
    capture.logger.child(`for ${gone.message}` as string).error("x");
    (capture.logger.child as AnyCall).call(capture.logger, null);
    (capture.logger.child as AnyCall).call(capture.logger, 7);
    assert.equal(capture.lines[0]?.msg, "test-for_db_gone-x");
  });

  it("and each place that gives free text is told once in development, with where it stands", async (t) => {
    inEnvironment(t, "development");
    const told = await warningsOf(() => {
      const { logger } = captureLogs();
      const log = logger.error as AnyCall;
      for (let n = 0; n < 3; n++) log.call(logger, `Order ${n} of ada@example.org failed`);
      log.call(logger, "Another place");
      logger.child("Bad Name" as string);
    });
    assert.equal(told.length, 3, told.join("\n"));
    for (const message of told) {
      assert.match(message, /^WHODUNIT_LOG_NAME at file:\S*calling-shapes\.test\.ts:\d+:\d+ \(/);
    }
    assert.ok(!told.join().includes("ada@"), "without secrets");
  });

  it("and nothing is told in production", async (t) => {
    inEnvironment(t, "production");
    const told = await warningsOf(() => {
      const { logger } = captureLogs();
      (logger.error as AnyCall).call(logger, "Not told");
    });
    assert.deepEqual(told, []);
  });
});

/** The warnings of the process while `run` runs. */
async function warningsOf(run: () => void): Promise<string[]> {
  // Node emits them in a later turn.
  await new Promise(setImmediate);
  const messages: string[] = [];
  const listen = ({ message }: Error) => void messages.push(message);
  process.on("warning", listen);
  run();
  await new Promise(setImmediate);
  process.off("warning", listen);
  return messages;
}

describe("A6: free text is throttled by its template, never as one", () => {
  const throttled = (options: Partial<LoggerOptions> = {}) =>
    captureLogs({ throttle: { perSecond: 5 }, ...options });

  it("and the line about what was left out says which text that was", async (t) => {
    t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
    for (const byPino of [true, false]) {
      const capture = throttled();
      const log = (byPino ? capture.logger.pino : capture.logger) as unknown as Record<string, AnyCall>;
      for (let n = 0; n < 20; n++) log.error!("order %d failed", n);
      for (let n = 0; n < 20; n++) log.error!(`user 5c522f9b1a77${n} was not found`);
      t.mock.timers.tick(1_000);
      const texts = capture.lines.map(({ text, repeats }) =>
        repeats === undefined ? text : `${repeats} ${text}`,
      );
      assert.deepEqual(texts, [
        ...Array.from({ length: 5 }, (_, n) => `order ${n} failed`),
        ...Array.from({ length: 5 }, (_, n) => `user 5c522f9b1a77${n} was not found`),
        "15 order <*> failed",
        "15 user <*> was not found",
      ]);
      t.mock.timers.tick(1_000);
    }
  });

  it("so a flood of one text hides no other", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    const capture = throttled();
    for (let n = 0; n < 1_000; n++) capture.logger.pino.error(`retry ${n}`);
    capture.logger.pino.error("the disk is full");
    capture.logger.pino.error(gone);
    (capture.logger.error as AnyCall).call(capture.logger, "the queue is gone");
    assert.deepEqual(
      capture.lines.slice(5).map(({ text }) => text),
      ["the disk is full", "db gone", "the queue is gone"],
    );
  });

  it("and lines with a name are throttled by it, whatever text they bear", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    const capture = throttled();
    for (let n = 0; n < 10; n++)
      (capture.logger.error as AnyCall).call(capture.logger, "fail-redeem", { n }, `text ${"abc"[n % 3]}`);
    assert.equal(capture.lines.length, 5);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function inEnvironment(t: { after(undo: () => void): void }, nodeEnv: string): void {
  process.env.NODE_ENV = nodeEnv;
  t.after(() => {
    process.env.NODE_ENV = "test";
  });
}
