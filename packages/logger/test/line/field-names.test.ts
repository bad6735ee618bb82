import assert from "node:assert/strict";
import { test } from "node:test";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { createLogger, type Logger, type LoggerOptions, withContext } from "../../src/index.ts";

const OWN = ["level", "time", "msg", "service", "trace_id", "span_id"];
const NAMES = {
  ecs: ["log.level", "@timestamp", "message", "service.name", "trace.id", "span.id"],
  gcp: [
    "severity",
    "time",
    "message",
    "service",
    "logging.googleapis.com/trace",
    "logging.googleapis.com/spanId",
  ],
  datadog: ["status", "date", "message", "service", "trace_id", "span_id"],
};
const TRACE = "5c522f9b5c522f9b5c522f9b5c522f9b";
const SPAN = "17c85417c85417c8";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const active = trace.setSpan(
  context.active(),
  trace.wrapSpanContext({ traceId: TRACE, spanId: SPAN, traceFlags: 1 }),
);

/** What a logger of these names writes. */
function written(
  fieldNames: LoggerOptions["fieldNames"] | undefined,
  write: (log: Logger) => void,
  options: Partial<LoggerOptions> = {},
): string[] {
  const lines: string[] = [];
  const names = fieldNames === undefined ? {} : { fieldNames };
  const destination = { write: (line: string) => void lines.push(line) };
  write(createLogger({ service: "api", level: "debug", pretty: false, ...options, ...names, destination }));
  return lines;
}

/** The line's members by their order, ours by their own names, without the time. */
function normal(line: string, names: readonly string[]): [string, unknown][] {
  return Object.entries(JSON.parse(line) as object).map(([key, value]) => {
    const own = OWN[names.indexOf(key)] ?? key;
    if (own === "time") return [own, typeof value];
    return [own, own === "level" ? value.toLowerCase() : value];
  });
}

test("fieldNames puts standard names in place of ours and changes nothing else", () => {
  const write = (log: Logger): void =>
    context.with(active, () => {
      log
        .child("purchase", { tenant: "acme" })
        .error("fail-redeem", { err: new RangeError("no"), password: "hunter2" });
      (log.debug as (...given: unknown[]) => void)("free text %s", "here");
      withContext({ AccountID: "5c522f9b" }, () => log.pino.info({ a: 1 }, "by pino"));
    });
  const stacks = (line: string) => line.replace(/"stack":"[^"]*"/g, '"stack":""');
  const plain = written(undefined, write).map((line) => normal(stacks(line), OWN));
  assert.equal(plain.length, 3);
  for (const [set, names] of Object.entries(NAMES)) {
    const lines = written(set as keyof typeof NAMES, write);
    assert.deepEqual(
      lines.map((line) => normal(stacks(line), names)),
      plain,
      set,
    );
    assert.ok(lines.every((line) => !line.includes("hunter2")));
    const [first] = lines.map((line) => Object.keys(JSON.parse(line)));
    assert.deepEqual(first!.slice(0, 4), names.slice(0, 4));
  }
  const mine = { msg: "event", trace_id: "traceId" };
  assert.deepEqual(
    written(mine, write).map((line) =>
      normal(stacks(line), ["level", "time", "event", "service", "traceId", "span_id"]),
    ),
    plain,
  );
});

test("fieldNames writes Google Cloud's levels in capitals, and its trace with the project where that is known", (t) => {
  const line = (): Record<string, unknown> =>
    JSON.parse(written("gcp", (log) => context.with(active, () => log.error("fail")))[0]!);
  t.after(() => delete process.env.GOOGLE_CLOUD_PROJECT);
  assert.equal(line().severity, "ERROR");
  assert.equal(line()["logging.googleapis.com/trace"], TRACE);
  process.env.GOOGLE_CLOUD_PROJECT = "my-shop";
  assert.equal(line()["logging.googleapis.com/trace"], `projects/my-shop/traces/${TRACE}`);
  process.env.GOOGLE_CLOUD_PROJECT = '"},{"';
  assert.equal(line()["logging.googleapis.com/trace"], TRACE);
});

test("a field that has one of the names in use is renamed, and no line has a key twice or is no JSON", () => {
  const keys = [
    ...new Set([...OWN, ...Object.values(NAMES).flat(), "_message", "_level", "text", "repeats"]),
  ];
  const fieldsOf = fc.dictionary(fc.constantFrom(...keys), anyText(), { maxKeys: 8 });
  fc.assert(
    fc.property(fc.constantFrom("ecs", "gcp", "datadog"), fieldsOf, fieldsOf, (set, bound, fields) => {
      const [line = ""] = written(set as keyof typeof NAMES, (log) =>
        context.with(active, () => log.child("a", { ...bound }).error("b", { ...fields })),
      );
      const seen = [...line.matchAll(/(?<=[{,])"((?:[^"\\]|\\.)*)":/g)].map(([, key]) => key!);
      const parsed = JSON.parse(line) as Record<string, unknown>;
      assert.equal(parsed[NAMES[set as keyof typeof NAMES][2]!], "api-a-b");
      assert.equal(parsed[NAMES[set as keyof typeof NAMES][5]!], SPAN);
      assert.equal(new Set(Object.keys(parsed)).size, Object.keys(parsed).length);
      for (const key of NAMES[set as keyof typeof NAMES])
        assert.equal(seen.filter((one) => one === key).length <= 1, true);
    }),
    { numRuns: runs(2_000) },
  );
});

test("fieldNames refuses what is no name, is taken, or is none of ours", () => {
  const wrong: [given: unknown, said: RegExp][] = [
    ["elastic", /option "fieldNames" is "elastic", want "ecs", "gcp", "datadog"/],
    [[], /option "fieldNames"/],
    [{ message: "x" }, /option "fieldNames\.message" is "x", want one of level, time, msg/],
    [{ msg: "" }, /option "fieldNames\.msg" is "", want 1 to 64/],
    [{ msg: 'a"b' }, /option "fieldNames\.msg"/],
    [{ msg: 7 }, /option "fieldNames\.msg" is 7/],
    [{ msg: "level" }, /option "fieldNames\.msg" is "level", want a name that is not taken by level/],
    [{ msg: "a", time: "a" }, /option "fieldNames\.msg" is "a", want a name that is not taken by time/],
    [{ msg: "repeats" }, /not taken by repeats/],
    [{ msg: "err" }, /not taken by the field err/],
  ];
  for (const [fieldNames, said] of wrong)
    assert.throws(() => createLogger({ service: "api", fieldNames: fieldNames as never }), said);
  // Names may change places.
  assert.equal(written({ msg: "service", service: "msg" }, (log) => log.error("x")).length, 1);
});

test("a person at a terminal reads the same, whatever the names are", () => {
  const write = (log: Logger): void => log.error("fail", { status: "open" });
  const shown = (set?: LoggerOptions["fieldNames"]) =>
    written(set, write, { pretty: true }).map((line) => line.replace(/\d\d:\d\d:\d\d\.\d{3}/, ""));
  for (const set of ["ecs", "gcp"] as const) assert.deepEqual(shown(set), shown());
});
