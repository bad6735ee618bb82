import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SpanKind } from "@opentelemetry/api";
import { leftOut } from "../../../../test/helpers/scale.ts";
import type { Beside, Other } from "../helpers/beside-app.ts";
import { type Kind, runProgram } from "../helpers/program.ts";

const APP = fileURLToPath(new URL("../helpers/beside-app.ts", import.meta.url));
const HERE = import.meta.dirname;
const OTHERS = fileURLToPath(new URL("../../../../test/others/", import.meta.url));

/** The versions of OpenTelemetry's API that an application may have, each with the SDK that goes with it. */
const APIS = {
  "1.9": {
    folder: OTHERS,
    version: "1.9.1",
    sdk: `
      import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
      const start = (exporter) =>
        new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();`,
  },
  "1.10": {
    folder: HERE,
    version: "1.10.0",
    sdk: `
      import { NodeSDK } from "@opentelemetry/sdk-node";
      import { SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
      const start = (exporter) =>
        new NodeSDK({ spanProcessors: [new SimpleSpanProcessor({ exporter })], metricReaders: [] }).start();`,
  },
};
const KINDS: readonly Kind[] = ["ESM", "CommonJS"];
const ORDERS: readonly Other["order"][] = ["before", "after", "none"];

/** One server span, right parents, and the call's header: whoever exports them. */
function assertOneTrace({ theirs, ours, headers, counts }: Beside, by: "theirs" | "ours"): void {
  const spans = by === "theirs" ? theirs : ours;
  assert.equal((by === "theirs" ? ours : theirs).length, 0);
  const named = (name: string, kind: SpanKind) => {
    const found = spans.filter((span) => span.name === name && span.kind === kind);
    assert.equal(found.length, 1, `${name}: ${JSON.stringify(spans)}`);
    return found[0] as Beside["ours"][number];
  };
  const server = named("GET /a/:id", SpanKind.SERVER);
  const inner = named("inner", SpanKind.INTERNAL);
  const byHand = named("by hand", SpanKind.INTERNAL);
  const call = named("GET", SpanKind.CLIENT);
  assert.equal(spans.length, 4, JSON.stringify(spans));
  assert.deepEqual(
    [server, inner, byHand, call].map(({ parentSpanId }) => parentSpanId),
    [undefined, server.spanId, inner.spanId, byHand.spanId],
  );
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  assert.equal(headers.traceparent, `00-${call.traceId}-${call.spanId}-01`);
  assert.deepEqual([...counts].sort(), ["client GET 1", "server GET /a/:id 1"]);
}

const CASES = Object.entries(APIS).flatMap(([api, of]) =>
  KINDS.flatMap((kind) => ORDERS.map((order) => ({ api, ...of, kind, order }))),
);
const isLeftOut = leftOut(CASES, 4);

for (const one of CASES) {
  const { api, folder, version, sdk, kind, order } = one;
  test(`with an SDK of the application's own ${order}, API ${api}, ${kind}: one trace, or one line that says why not`, {
    skip: isLeftOut(one),
  }, async (t) => {
    const program = `
      import { trace } from "@opentelemetry/api";
      ${order === "none" ? "const start = undefined;" : sdk}
      import { tryBeside } from ${JSON.stringify(APP)};
      void tryBeside({ order: "${order}", start, early: trace.getTracer("early") });`;
    const { code, stdout, stderr, told } = await runProgram(t, program, { kind, folder });
    assert.equal(code, 0, stderr);
    assertOneTrace(JSON.parse(stdout) as Beside, order === "before" ? "theirs" : "ours");
    const ownApi = "1.10.0";
    const versions = version === ownApi ? {} : { api: version, ownApi };
    const wanted = {
      before: [{ msg: "web-tracing-provider_registered", ignored: ["exporters"], ...versions }],
      after: [{ msg: "web-tracing-sdk_late", api: version, ownApi }],
      none: [],
    }[order];
    assert.deepEqual(
      told.map(({ time, text, level, service, ...rest }) => rest),
      wanted,
      stderr,
    );
  });
}

test("what an SDK on API 1.9 registers later than its tracer provider, such as metrics, still works", async (t) => {
  const program = `
      import { metrics, trace } from "@opentelemetry/api";
      import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
      import { startTracing } from ${JSON.stringify(fileURLToPath(new URL("../../src/index.ts", import.meta.url)))};
      new NodeTracerProvider().register();
      startTracing({ service: "web" });
      const own = { getMeter: () => ({ createCounter: () => ({ add: (n) => console.log("added", n) }) }) };
      console.log(metrics.setGlobalMeterProvider(own));
      metrics.getMeter("a").createCounter("b").add(7);
      process.exit();`;
  const { stdout } = await runProgram(t, program, { kind: "ESM", folder: OTHERS });
  assert.equal(stdout, "true\nadded 7\n");
});

test("where only diagnostics are registered by API 1.9, our spans and its own tracers work", async (t) => {
  const program = `
      import { diag, trace } from "@opentelemetry/api";
      import { tryBeside } from ${JSON.stringify(APP)};
      diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} });
      void tryBeside({ order: "none", early: trace.getTracer("early") });`;
  const { stdout, stderr } = await runProgram(t, program, { kind: "ESM", folder: OTHERS });
  assert.notEqual(stdout, "", stderr);
  assertOneTrace(JSON.parse(stdout) as Beside, "ours");
});

test("beside a registered provider options that have no effect are named, whatever they are", async (t) => {
  const program = `
      import { trace } from "@opentelemetry/api";
      ${APIS["1.10"].sdk}
      import { tryBeside } from ${JSON.stringify(APP)};
      const options = { sampleRatio: 0, keepErrors: true, instrumentations: [], service: "web" };
      void tryBeside({ order: "before", start, early: trace.getTracer("early"), options });`;
  const { told } = await runProgram(t, program, { kind: "ESM", folder: HERE });
  assert.deepEqual(
    told.map(({ level, msg, ignored }) => [level, msg, ignored]),
    [
      [
        "error",
        "web-tracing-provider_registered",
        ["sampleRatio", "keepErrors", "exporters", "instrumentations"],
      ],
    ],
  );
});
