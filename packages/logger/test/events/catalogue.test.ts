import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { defineEvents, type EventDefinitions, type LoggerOptions, withContext } from "../../src/index.ts";
import { type Capture, type CapturedLine, captureLogs } from "../../src/testing.ts";

process.env.NODE_ENV = "test";

const DEFINITIONS = {
  started: { level: "debug", description: "The service takes requests." },
  "purchase-done": {
    level: "debug",
    description: "A purchase went through.",
    fields: {
      AccountID: { type: "string", minLength: 3 },
      items: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
      currency: { enum: ["EUR", "USD"] },
      duration: { type: ["number", "null"], minimum: 0 },
    },
    required: ["AccountID"],
  },
  "purchase-fail-redeem": {
    level: "error",
    description: "A voucher could not be redeemed. Page the shop team.",
    fields: {
      AccountID: { type: "string" },
      customer: { type: "string", pii: true },
      contact: {
        type: "object",
        properties: { mail: { type: "string", pii: "email" }, city: { type: "string" } },
        required: ["city"],
      },
      consents: { type: "boolean", pii: true },
      notes: { type: "array", items: { type: "string", pii: true } },
      labels: { type: "object", additionalProperties: true },
      extra: {
        type: ["object", "null"],
        additionalProperties: true,
        properties: { owner: { pii: true } },
      },
    },
  },
  "purchase-fail-pay": { level: "error", description: "The bank said no.", required: ["err"] },
} as const satisfies EventDefinitions;

/** A logger with the events of this file, made as if NODE_ENV was this. */
function catalogued(nodeEnv: string, options: Partial<LoggerOptions> = {}) {
  const events = inEnvironment(nodeEnv, () => defineEvents(DEFINITIONS));
  const capture = captureLogs({ service: "api", ...options });
  return { capture, events, log: capture.logger.withEvents(events) };
}

function inEnvironment<Result>(nodeEnv: string, run: () => Result): Result {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = nodeEnv;
  try {
    return run();
  } finally {
    process.env.NODE_ENV = before;
  }
}

/** The fields of the only line. */
function own(capture: Capture): Record<string, unknown> {
  assert.equal(capture.lines.length, 1);
  const {
    level: _level,
    time: _time,
    msg: _msg,
    service: _service,
    ...fields
  } = capture.lines[0] as CapturedLine;
  return fields;
}

/** An untyped view, as JavaScript has it. */
interface Untyped {
  debug(name: string, fields?: unknown): void;
  error(name: string, fields?: unknown): void;
  child(name: string): Untyped;
}
const untyped = (log: unknown): Untyped => log as Untyped;

describe("Logger.withEvents()", () => {
  it("writes a defined event at its level with its declared fields", () => {
    const { capture, log } = catalogued("test");
    log.debug("started");
    log.debug("purchase-done", {
      AccountID: "5c522f9b",
      items: [{ sku: "a1" }],
      currency: "EUR",
      duration: null,
    });
    assert.deepEqual(
      capture.lines.map(({ level, msg }) => [level, msg]),
      [
        ["debug", "api-started"],
        ["debug", "api-purchase-done"],
      ],
    );
    const { AccountID, items, currency, duration } = capture.lines[1]!;
    assert.deepEqual([AccountID, items, currency, duration], ["5c522f9b", [{ sku: "a1" }], "EUR", null]);
  });

  it("composes with child names and scopes, before and after", () => {
    const { events } = catalogued("test");
    const capture = captureLogs({ service: "shop" });
    const log = capture.logger.child("api", { region: "eu" }).withEvents(events);
    const purchase = log.child("purchase");
    purchase.debug("done", { AccountID: "5c522f9b" });
    purchase.child("fail").error("pay", new Error("no"));
    log.child("purchase-fail").error("redeem");
    assert.equal(purchase.name, "shop-api-purchase");
    assert.deepEqual(
      capture.lines.map(({ msg, region }) => [msg, region]),
      [
        ["shop-api-purchase-done", "eu"],
        ["shop-api-purchase-fail-pay", "eu"],
        ["shop-api-purchase-fail-redeem", "eu"],
      ],
    );
  });

  it("gives any event its error, alone or as `err`", () => {
    for (const given of [new TypeError("Boom"), { err: new TypeError("Boom") }]) {
      const { capture, log } = catalogued("test");
      log.error("purchase-fail-pay", given);
      const { err } = own(capture) as { err: Record<string, unknown> };
      assert.deepEqual([err.type, err.message], ["TypeError", "Boom"]);
    }
  });

  it("obeys levels by prefix, and validates nothing that is not written", () => {
    const { capture, log } = catalogued("test", { level: "error,api-purchase=debug" });
    untyped(log).debug("nobody-defined-this", { a: 1 });
    log.debug("started");
    log.debug("purchase-done", { AccountID: "5c522f9b" });
    assert.deepEqual(
      capture.lines.map(({ msg }) => msg),
      ["api-purchase-done"],
    );
  });

  it("shows what an open field holds as everywhere", () => {
    const { capture, log } = catalogued("production");
    const labels = new Map<string, unknown>([
      ["at", new Date(0)],
      ["token", "s3cr3t"],
    ]);
    untyped(log).error("purchase-fail-redeem", { labels });
    assert.deepEqual(own(capture), { labels: { at: "1970-01-01T00:00:00.000Z", token: "[Redacted]" } });
  });

  it("leaves the logger it came from as it was", () => {
    const { capture } = catalogued("test");
    capture.logger.error("anything", { goes: true });
    assert.deepEqual(own(capture), { goes: true });
  });

  it("redacts as everywhere: a secret in a declared field does not pass", () => {
    const { capture, log } = catalogued("test");
    log.error("purchase-fail-redeem", {
      AccountID: "Bearer 5e2f8a91c0d7aa",
      labels: { password: "hunter2", open: "yes" },
    });
    assert.deepEqual(own(capture), {
      AccountID: "Bearer [Redacted]",
      labels: { password: "[Redacted]", open: "yes" },
    });
  });
});

describe("a field marked pii", () => {
  const personal = {
    customer: "Ada Lovelace",
    contact: { mail: "no-address-at-all", city: "London" },
    consents: false,
    notes: ["tall", "", "short"],
  };

  it("is hidden whatever its key and value, at any depth", () => {
    const { capture, log } = catalogued("test");
    log.error("purchase-fail-redeem", personal);
    assert.deepEqual(own(capture), {
      customer: "[Redacted]",
      contact: { mail: "[Redacted]", city: "London" },
      consents: "[Redacted]",
      notes: ["[Redacted]", "[Redacted]", "[Redacted]"],
    });
    assert.equal(capture.logger.counts().redacted.identity, 5);
    assert.equal(capture.logger.counts().redacted.email, 1);
  });

  it("is hidden where redaction is off", () => {
    const { capture, log } = catalogued("test", { redact: false });
    log.error("purchase-fail-redeem", { ...personal, AccountID: "ada@example.org" });
    const { AccountID, customer, contact } = own(capture);
    assert.deepEqual(
      [AccountID, customer, contact],
      ["ada@example.org", "[Redacted]", { mail: "[Redacted]", city: "London" }],
    );
  });

  it("gets the redactor's action of its kind", () => {
    const redact = {
      kinds: { email: "pseudonym", identity: "remove" },
      pseudonymKey: "a key of the tests",
    } as const;
    const { capture, log } = catalogued("test", { redact });
    const mail = "ada@example.org";
    log.error("purchase-fail-redeem", { ...personal, contact: { mail, city: mail } });
    const fields = own(capture) as { contact: { mail: string; city: string } };
    assert.deepEqual(Object.keys(fields), ["contact", "notes"]);
    // The same address found in text is the same token.
    assert.match(fields.contact.mail, /^\[email#[\w-]{16,}\]$/);
    assert.equal(fields.contact.mail, fields.contact.city);
  });

  it("is hidden where the context or the logger brings it, and removed where that is the action", () => {
    const { events } = catalogued("test");
    const bring = (redact: LoggerOptions["redact"]) => {
      const capture = captureLogs({ fields: { customer: "Ada", other: "x" }, redact: redact ?? {} });
      const log = capture.logger.child({ notes: ["tall"] }).withEvents(events);
      withContext({ contact: { mail: "m", city: "London" }, customer: "Bob", consents: ["odd"], id: 1 }, () =>
        log.error("purchase-fail-redeem", { AccountID: "5c5" }),
      );
      assert.doesNotMatch(capture.text, /Ada|Bob|tall|odd|"m"/);
      return own(capture);
    };
    assert.deepEqual(bring({}), {
      id: 1,
      other: "x",
      AccountID: "5c5",
      customer: "[Redacted]",
      contact: { mail: "[Redacted]", city: "London" },
      consents: "[Redacted]",
      notes: ["[Redacted]"],
    });
    const removed = bring({ kinds: { identity: "remove", email: "remove" } });
    assert.deepEqual(removed, {
      id: 1,
      other: "x",
      AccountID: "5c5",
      contact: { city: "London" },
      notes: [null],
    });
  });

  it("is hidden where the context brings it as something else than is declared", () => {
    const { capture, log } = catalogued("test");
    withContext({ contact: ["Ada"], extra: "Ada" }, () => log.error("purchase-fail-redeem"));
    assert.deepEqual(own(capture), { contact: "[Redacted]", extra: "[Redacted]" });
  });

  it("is hidden in an object that is open, which shows the rest", () => {
    const { capture, log } = catalogued("test");
    const extra = JSON.parse('{"owner":"Ada","__proto__":{"a":1},"b":2}');
    log.error("purchase-fail-redeem", { extra });
    assert.match(capture.text, /"extra":\{"owner":"\[Redacted\]","__proto__":\{"a":1\},"b":2\}/);
  });

  it("cannot be got past by a value that looks hidden, throws or is a proxy", () => {
    const { capture, log } = catalogued("production");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const evil = {
      customer: "[Redacted] Ada",
      get contact(): never {
        throw new Error("no");
      },
      labels: proxy,
    };
    untyped(log).error("purchase-fail-redeem", evil);
    untyped(log).error("purchase-fail-redeem", proxy);
    assert.equal(capture.lines.length, 2);
    assert.equal(capture.lines[0]?.customer, "[Redacted]");
    assert.doesNotMatch(capture.text, /Ada/);
  });
});

describe("a field that is not declared", () => {
  it("is never written, at any depth, and is counted", () => {
    const { capture, log } = catalogued("production");
    untyped(log).error("purchase-fail-redeem", {
      AccountID: { deep: "no object was declared" },
      secret_plan: "x",
      contact: { city: "London", street: "x", __proto__: { zip: "x" } },
      notes: { not: "an array" },
      labels: { open: true },
      extra: "no scalar was declared",
    });
    assert.deepEqual(own(capture), { contact: { city: "London" }, labels: { open: true } });
    assert.equal(capture.logger.counts().undeclaredFields, 5);
  });

  it("is not written whatever object brings it", () => {
    const { capture, log } = catalogued("production");
    const evil = JSON.parse(
      '{"__proto__":{"a":1},"constructor":1,"toJSON":2,"AccountID":"5c5","level":"debug"}',
    );
    untyped(log).error("purchase-fail-redeem", { ...evil, labels: JSON.parse('{"__proto__":{"a":1}}') });
    assert.equal(capture.text.match(/"level"/g)?.length, 1);
    assert.deepEqual(capture.lines[0]?.AccountID, "5c5");
    assert.doesNotMatch(capture.text, /constructor|toJSON/);
  });

  it("is dropped from arbitrary fields, and every line stays valid", () => {
    const { capture, log } = catalogued("production");
    const names = Object.keys(DEFINITIONS);
    fc.assert(
      fc.property(fc.constantFrom(...names, "other"), fc.anything(), (name, fields) => {
        capture.clear();
        untyped(log).error(name, fields);
        untyped(log).debug(name, { AccountID: fields, items: fields, contact: fields, customer: fields });
        assert.equal(capture.lines.length, 2);
        for (const line of capture.lines) {
          const known = [
            "AccountID",
            "items",
            "contact",
            "customer",
            "err",
            "level",
            "time",
            "msg",
            "service",
          ];
          for (const key of Object.keys(line)) assert.ok(known.includes(key), key);
          if (!Array.isArray(line.items)) continue;
          for (const item of line.items) {
            if (item !== null && typeof item === "object")
              assert.ok(Object.keys(item).every((key) => key === "sku"));
          }
        }
      }),
    );
  });
});

describe("a line that does not fit the catalogue", () => {
  const WRONG: [level: "debug" | "error", name: string, fields: object | undefined, fault: RegExp][] = [
    ["error", "purchase-fail", {}, /"api-purchase-fail": the catalogue has no such event$/],
    ["error", "started", {}, /"api-started": it is defined as debug$/],
    ["debug", "purchase-done", undefined, /field "AccountID" is missing$/],
    ["debug", "purchase-done", { AccountID: 7 }, /field "AccountID" must be string$/],
    [
      "debug",
      "purchase-done",
      { AccountID: "a" },
      /field "AccountID" must NOT have fewer than 3 characters$/,
    ],
    ["debug", "purchase-done", { AccountID: "abc", account: "x" }, /field "account" is not declared$/],
    [
      "debug",
      "purchase-done",
      { AccountID: "abc", currency: "XXX" },
      /"currency" must be one of \["EUR","USD"\]$/,
    ],
    [
      "debug",
      "purchase-done",
      { AccountID: "abc", items: [{ sku: "a", x: 1 }] },
      /"items.0.x" is not declared$/,
    ],
    ["debug", "purchase-done", { AccountID: "abc", duration: -1 }, /field "duration" must be >= 0$/],
    ["error", "purchase-fail-redeem", { contact: {} }, /field "contact.city" is missing$/],
    ["error", "purchase-fail-pay", {}, /field "err" is missing$/],
  ];

  for (const nodeEnv of ["test", "development"]) {
    it(`throws when NODE_ENV is ${nodeEnv} and names are strict, with the name, the field and no value`, () => {
      const { capture, log } = catalogued(nodeEnv, { names: "strict" });
      for (const [level, name, fields, fault] of WRONG) {
        assert.throws(() => untyped(log)[level](name, fields), { name: "TypeError", message: fault });
      }
      assert.equal(capture.text, "");
    });
  }

  for (const nodeEnv of ["test", "development", "production"]) {
    it(`is written when NODE_ENV is ${nodeEnv} with what fits, at the declared level`, () => {
      const { capture, log } = catalogued(nodeEnv);
      for (const [level, name, fields] of WRONG) untyped(log)[level](name, fields);
      assert.equal(capture.lines.length, WRONG.length);
      assert.deepEqual([capture.lines[1]?.msg, capture.lines[1]?.level], ["api-started", "debug"]);
      untyped(log)
        .child("nowhere")
        .error("at-all", { a: 1, err: new Error("Boom") });
      const { msg, a, err } = capture.lines.at(-1) as CapturedLine & { err: { message: string } };
      assert.deepEqual([msg, a, err.message], ["api-nowhere-at-all", undefined, "Boom"]);
    });
  }
});

describe("defineEvents()", () => {
  const event = (more: object) => ({ a: { level: "error", description: "x", ...more } });
  const field = (schema: unknown) => event({ fields: { f: schema } });
  const WRONG: [definitions: unknown, message: RegExp][] = [
    [{ "Bad Name": {} }, /^defineEvents: "Bad Name" is no name: want segments of a-z/],
    [{ a: null }, /^defineEvents "a": options are null, want an object/],
    [{ a: { description: "x" } }, /^defineEvents "a": option "level" is undefined, want "debug" or "error"/],
    [event({ level: "warn" }), /option "level" is "warn"/],
    [event({ description: "" }), /option "description" is "", want a text/],
    [event({ field: {} }), /option "field" is unknown, want one of level, description, fields, required/],
    [event({ required: ["x"] }), /option "required" is "x", want an array of declared fields/],
    [event({ fields: { level: { type: "string" } } }), /option "fields" is "level", want a name/],
    [field("string"), /option "fields.f" is "string", want a JSON Schema/],
    [field({}), /option "fields.f" is an object, want a type, an enum, a const or pii/],
    [field({ type: "text" }), /option "fields.f.type" is "text", want one of string, number/],
    [field({ anyOf: [] }), /option "fields.f" is "anyOf", want keywords out of/],
    [
      field({ type: "string", pii: "name" }),
      /option "fields.f.pii" is "name", want true or one of secret, email/,
    ],
    [field({ type: "string", pattern: "(" }), /option "fields.f.pattern" is "\(", want a regular expression/],
    [field({ type: "array" }), /option "fields.f.items" is undefined/],
    [field({ type: "object" }), /option "fields.f.properties" is undefined, want its fields, or additional/],
    [
      field({ type: ["object", "null"], properties: { g: { type: 3 } } }),
      /"fields.f.properties.g.type" is 3/,
    ],
    [
      field({ type: "array", items: { type: "object", properties: {}, required: ["g"] } }),
      /f.items.required" is "g"/,
    ],
  ];

  for (const nodeEnv of ["test", "production"]) {
    it(`names what is wrong in a definition when NODE_ENV is ${nodeEnv}`, () => {
      inEnvironment(nodeEnv, () => {
        for (const [definitions, message] of WRONG) {
          assert.throws(() => defineEvents(definitions as never), { name: "TypeError", message });
        }
      });
    });
  }

  it("names a condition that is no JSON Schema, where ajv checks values", () => {
    const minimum = field({ type: "number", minimum: "3" });
    assert.throws(
      () => defineEvents(minimum as never),
      /^TypeError: defineEvents "a": field "properties.f.minimum" must be number in its JSON Schema$/,
    );
  });

  it("lists what it was given, for documentation and for other catalogues", () => {
    const { events } = catalogued("test");
    const more = defineEvents({
      ...events.definitions,
      stopped: { level: "debug", description: "The end." },
    });
    const table = Object.entries<EventDefinitions[string]>(more.definitions).map(
      ([name, { level, description, fields = {} }]) =>
        `| ${name} | ${level} | ${description} | ${Object.keys(fields).join(", ")} |`,
    );
    assert.deepEqual(table.slice(-2), [
      "| purchase-fail-pay | error | The bank said no. |  |",
      "| stopped | debug | The end. |  |",
    ]);
    const capture = captureLogs();
    capture.logger.withEvents(more).debug("stopped");
    assert.equal(capture.lines[0]?.msg, "test-stopped");
  });
});

describe("ajv", () => {
  const loaded = (nodeEnv: string) => {
    const app = fileURLToPath(new URL("../helpers/loaded.ts", import.meta.url));
    const env = { ...process.env, NODE_ENV: nodeEnv };
    const { stderr } = spawnSync(process.execPath, ["--conditions=@whodunit/source", app], {
      env,
      encoding: "utf8",
    });
    return JSON.parse(stderr);
  };

  it("is loaded for a catalogue in development and tests, and never in production", () => {
    assert.deepEqual(loaded("development"), { withoutCatalogue: [], withCatalogue: ["ajv"] });
    assert.deepEqual(loaded("production"), { withoutCatalogue: [], withCatalogue: [] });
  });
});

describe("the types of a catalogue", () => {
  it("let the compiler refuse what does not fit", () => {
    const { log } = catalogued("production");
    // @ts-expect-error: no such event
    log.error("purchase-fail-redem");
    // @ts-expect-error: a debug event
    log.error("started");
    // @ts-expect-error: a field is needed
    log.debug("purchase-done");
    // @ts-expect-error: AccountID is needed
    log.debug("purchase-done", { duration: 1 });
    // @ts-expect-error: an error does not stand for AccountID
    log.debug("purchase-done", new Error("Boom"));
    // @ts-expect-error: a string
    log.debug("purchase-done", { AccountID: 7 });
    // @ts-expect-error: not declared
    log.debug("purchase-done", { AccountID: "5c5", account: "x" });
    // @ts-expect-error: one of the enum
    log.debug("purchase-done", { AccountID: "5c5", currency: "GBP" });
    // @ts-expect-error: no such field in an item
    log.debug("purchase-done", { AccountID: "5c5", items: [{ ean: "x" }] });
    // @ts-expect-error: `city` is needed in it
    log.error("purchase-fail-redeem", { contact: { mail: "m" } });
    // @ts-expect-error: `err` is needed
    log.error("purchase-fail-pay");
    // @ts-expect-error: no event has a name that begins so
    log.child("purch");
    // @ts-expect-error: the child's names are the rest
    log.child("purchase").debug("purchase-done", { AccountID: "5c5" });
    const undefinedIsFine = undefined as number | undefined;
    log.debug("purchase-done", { AccountID: "5c5", duration: undefinedIsFine });
    log.error("purchase-fail-redeem", { labels: { any: 1 }, err: "text" });

    // Of definitions that are read from a file the compiler knows no more than that they are such.
    const read = defineEvents(JSON.parse(JSON.stringify(DEFINITIONS)) as EventDefinitions);
    const capture = captureLogs();
    capture.logger.withEvents(read).child("purchase").debug("done", { AccountID: "5c5" });
    assert.deepEqual(own(capture), { AccountID: "5c5" });

    assert.throws(() =>
      defineEvents({
        // @ts-expect-error: no name
        "Bad Name": { level: "debug", description: "x" },
      }),
    );
    assert.throws(() =>
      // @ts-expect-error: `f` is not declared
      defineEvents({ a: { level: "debug", description: "x", fields: {}, required: ["f"] } }),
    );
    assert.throws(() =>
      // @ts-expect-error: no such level
      defineEvents({ a: { level: "info", description: "x" } }),
    );
    assert.throws(() =>
      // @ts-expect-error: no such kind
      defineEvents({ a: { level: "debug", description: "x", fields: { f: { pii: "nme" } } } }),
    );
  });
});
