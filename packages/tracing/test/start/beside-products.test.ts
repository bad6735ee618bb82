import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { leftOut } from "../../../../test/helpers/scale.ts";
import type { Beside, SeenSpan } from "../helpers/beside-app.ts";
import { type Ran, runProgram } from "../helpers/program.ts";

// Where the packages of benchmarks/peers are installed. They are large, so that `npm ci` does not bring them.
const PEERS =
  process.env.OTEL_PEERS ?? fileURLToPath(new URL("../../../../benchmarks/peers/", import.meta.url));
const skip =
  existsSync(`${PEERS}/node_modules/dd-trace`) || process.env.CI === "true"
    ? false
    : "dd-trace and Sentry are not installed: npm install --no-workspaces in benchmarks/peers";

const APP = fileURLToPath(new URL("../helpers/beside-app.ts", import.meta.url));
const SERVER = 1;
const CLIENT = 2;

const besideOf = ({ stdout, stderr }: Ran): Beside => {
  const line = stdout.split("\n").find((text) => text.startsWith('{"theirs"'));
  assert.ok(line !== undefined, stderr);
  return JSON.parse(line.slice(0, line.lastIndexOf("}") + 1)) as Beside;
};

/** A span as dd-trace logs it. */
interface DatadogSpan {
  readonly name: string;
  readonly resource: string;
  readonly span_id: string;
  readonly parent_id: string;
  readonly meta: Readonly<Record<string, string>>;
}

const datadogSpans = ({ stdout }: Ran): DatadogSpan[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith('{"traces"'))
    .flatMap((line) => (JSON.parse(line) as { traces: DatadogSpan[][] }).traces.flat());

const INIT = `require("dd-trace").init({ startupLogs: false, flushInterval: 0 })`;
const datadog = (start: string): string => `
      const tracer = ${INIT};
      ${start}
      require("node:http");
      const { trace } = require("@opentelemetry/api");
      const { tryBeside } = require(${JSON.stringify(APP)});
      void tryBeside({ order: "none", early: trace.getTracer("early") });`;
const datadogAfter = (start: string): string => `
      const { trace } = require("@opentelemetry/api");
      const { tryBeside } = require(${JSON.stringify(APP)});
      const start = () => {
        const tracer = ${INIT};
        ${start}
      };
      void tryBeside({ order: "after", start, early: trace.getTracer("early") });`;
const DATADOG_ENV = {
  DD_TRACE_EXPERIMENTAL_EXPORTER: "log",
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
  DD_REMOTE_CONFIGURATION_ENABLED: "false",
};

test("beside dd-trace with its TracerProvider there is one server span, which learns the route, and the right parents", {
  skip,
}, async (t) => {
  const program = datadog("new tracer.TracerProvider().register();");
  const ran = await runProgram(t, program, { kind: "CommonJS", folder: PEERS, env: DATADOG_ENV });
  const { ours, headers, counts } = besideOf(ran);
  assert.deepEqual(ours, []);
  const spans = datadogSpans(ran);
  const server = spans.filter(({ resource }) => resource === "GET /a/:id");
  assert.equal(server.length, 1, JSON.stringify(spans));
  assert.equal(server[0]?.meta["span.kind"], "server");
  const inner = spans.find(({ resource }) => resource === "inner");
  assert.equal(inner?.parent_id, server[0]?.span_id);
  const byHand = spans.find(({ resource }) => resource === "by hand");
  assert.equal(byHand?.parent_id, inner?.span_id);
  const call = spans.filter(({ meta }) => meta["span.kind"] === "client" && meta["http.url"] !== undefined);
  assert.deepEqual(
    call.map(({ parent_id }) => parent_id),
    [byHand?.span_id],
  );
  assert.equal(String(headers.traceparent).split("-")[2], call[0]?.span_id);
  assert.deepEqual([...counts].sort(), ["client GET 1", "server GET /a/:id 1"]);
});

for (const [program, when] of [
  [datadog(""), "started before"],
  [datadogAfter(""), "started after"],
] as const) {
  test(`beside dd-trace without its TracerProvider, ${when}, one line names both versions and what does not work`, {
    skip,
  }, async (t) => {
    const ran = await runProgram(t, program, { kind: "CommonJS", folder: PEERS, env: DATADOG_ENV });
    const { ours } = besideOf(ran);
    assert.equal(ours.filter(({ kind }) => kind === SERVER).length, 1);
    const [line, ...others] = ran.told;
    assert.deepEqual(others, []);
    assert.equal(line?.msg, "web-tracing-datadog_apart");
    assert.match(String(line?.ddTrace), /^6\./);
    assert.match(String(line?.whodunit), /^\d/);
  });
}

test("dd-trace that registers its TracerProvider after the start is named", { skip }, async (t) => {
  const program = datadogAfter("new tracer.TracerProvider().register();");
  const ran = await runProgram(t, program, { kind: "CommonJS", folder: PEERS, env: DATADOG_ENV });
  const apart = ran.told.filter(({ msg }) => msg === "web-tracing-datadog_apart");
  assert.equal(apart.length, 1, JSON.stringify(ran.told));
  assert.match(String(apart[0]?.ddTrace), /^6\./);
});

const sentry = (rate: number, order: "before" | "after"): string => `
      const Sentry = require("@sentry/node");
      const { trace } = require("@opentelemetry/api");
      const { tryBeside } = require(${JSON.stringify(APP)});
      const start = (kept) =>
        Sentry.init({
          dsn: "https://a@o1.ingest.sentry.io/1",
          tracesSampleRate: ${rate},
          beforeSendTransaction(event) {
            const { trace } = event.contexts;
            const all = [{ ...trace, description: event.transaction }, ...event.spans];
            for (const { trace_id: traceId, span_id: spanId, parent_span_id: parentSpanId, ...one } of all) {
              const kind = one.op === "http.server" ? ${SERVER} : one.op === "http.client" ? ${CLIENT} : 0;
              kept.spans.push({ name: one.description, kind, traceId, spanId, parentSpanId });
            }
            return null;
          },
        });
      void tryBeside({ order: "${order}", start, early: trace.getTracer("early"), settled: () => Sentry.flush(2_000) });`;

test("beside Sentry, started before, there is one server span and one span of the call, with the right parents", {
  skip,
}, async (t) => {
  const ran = await runProgram(t, sentry(1, "before"), { kind: "CommonJS", folder: PEERS });
  const { theirs, ours, headers } = besideOf(ran);
  assert.deepEqual(ours, []);
  const own = theirs.filter(({ name }) => name !== "GET /");
  const named = (name: string | RegExp): SeenSpan => {
    const found = own.filter((span) =>
      typeof name === "string" ? span.name === name : name.test(span.name),
    );
    assert.equal(found.length, 1, JSON.stringify(theirs));
    return found[0] as SeenSpan;
  };
  const server = named("GET /a/:id");
  const inner = named("inner");
  const byHand = named("by hand");
  const call = named(/^GET http/);
  assert.equal(server.kind, SERVER);
  assert.deepEqual(
    [inner, byHand, call].map(({ parentSpanId }) => parentSpanId),
    [server.spanId, inner.spanId, byHand.spanId],
  );
  assert.equal(String(headers["sentry-trace"]), `${call.traceId}-${call.spanId}-1`);
});

test("beside Sentry, started before, a request that Sentry does not sample has no span of ours either", {
  skip,
}, async (t) => {
  const ran = await runProgram(t, sentry(0, "before"), { kind: "CommonJS", folder: PEERS });
  const { theirs, ours, counts } = besideOf(ran);
  assert.deepEqual([theirs, ours], [[], []]);
  assert.deepEqual([...counts].sort(), ["client GET 1", "server GET /a/:id 1"]);
});

test("Sentry that is started after is named, with both versions of OpenTelemetry's API", {
  skip,
}, async (t) => {
  const ran = await runProgram(t, sentry(1, "after"), { kind: "CommonJS", folder: PEERS });
  assert.deepEqual(
    ran.told.map(({ msg, api, ownApi }) => [msg, api, ownApi]),
    [["web-tracing-sdk_late", "1.9.1", "1.10.0"]],
  );
});

const RATIOS = ["1", "0"];
const isLeftOut = leftOut(RATIOS, 1);

for (const ratio of RATIOS) {
  test(`beside NodeSDK of OpenTelemetry 2 with its instrumentation of HTTP, sampling ${ratio}, there is one server span at most`, {
    skip: skip === false ? isLeftOut(ratio) : skip,
  }, async (t) => {
    const program = `
      const { NodeSDK } = require("@opentelemetry/sdk-node");
      const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
      const { trace } = require("@opentelemetry/api");
      const { SimpleSpanProcessor } = require("@opentelemetry/sdk-node").tracing;
      let kept;
      const sdk = new NodeSDK({
        spanProcessors: [
          new SimpleSpanProcessor({ export: (spans, done) => kept.export(spans, done), shutdown: async () => {} }),
        ],
        instrumentations: [new HttpInstrumentation()],
      });
      sdk.start();
      require("node:http");
      const { tryBeside } = require(${JSON.stringify(APP)});
      const start = (own) => {
        kept = own;
      };
      void tryBeside({ order: "before", start, early: trace.getTracer("early") });`;
    const env = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: ratio };
    const off = { OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };
    const ran = await runProgram(t, program, { kind: "CommonJS", folder: PEERS, env: { ...env, ...off } });
    const { theirs, ours } = besideOf(ran);
    assert.deepEqual(ours, []);
    const servers = theirs.filter(({ kind, name }) => kind === SERVER && name !== "GET");
    assert.deepEqual(
      servers.map(({ name }) => name),
      ratio === "1" ? ["GET /a/:id"] : [],
    );
  });
}
