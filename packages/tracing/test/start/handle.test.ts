import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { metrics, trace } from "@opentelemetry/api";
import { type BuildOptions, build } from "esbuild";
import { startTracing, withSpan } from "../../src/index.ts";
import { withTracing } from "../../src/node.ts";
import { recordTracing } from "../../src/testing.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask, listen } from "../helpers/tracing.ts";

const HERE = import.meta.dirname;

/** Sends spans to a receiver of the test's own. */
async function receiverOf(t: TestContext): Promise<Awaited<ReturnType<typeof startReceiver>>> {
  const receiver = await startReceiver();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  t.after(async () => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    await receiver.close();
  });
  return receiver;
}

test("startTracing() gives a handle that is no promise; spans, headers and traffic count from that moment", async (t) => {
  const receiver = await receiverOf(t);
  let traceparent: unknown;
  const port = await listen(
    t,
    createServer(
      withTracing((request, response) => {
        traceparent = request.headers.traceparent;
        response.end();
      }),
    ),
  );
  const tracing = startTracing({ service: "web" });
  assert.equal("then" in tracing, false);
  withSpan("at once", () => {});
  const asked = ask(port);
  assert.equal(await tracing, tracing, "awaiting it changes nothing");
  await asked;
  await tracing.ready;
  await tracing.flush();
  assert.ok(receiver.spans.some(({ name }) => name === "at once"));
  const client = receiver.spans.find(({ kind }) => kind === 3);
  assert.equal(traceparent, `00-${client?.traceId}-${client?.spanId}-01`);
  assert.deepEqual(
    tracing.traffic.counts(600).map(({ side, count }) => [side, count]),
    [
      ["server", 1],
      ["client", 1],
    ],
  );
  await tracing.close();
});

test("close() in the turn of the start delivers what there is", async (t) => {
  const receiver = await receiverOf(t);
  const tracing = startTracing({ service: "web" });
  withSpan("only", () => {});
  const { exported } = await tracing.close();
  assert.equal(exported, 1);
  assert.equal(receiver.spans[0]?.name, "only");
  await tracing.ready;
});

test("a start after close() begins anew, whether close() was awaited or not", async (t) => {
  const receiver = await receiverOf(t);
  const first = startTracing({ service: "first" });
  withSpan("one", () => {});
  const closing = first.close();
  const second = startTracing({ service: "second" });
  assert.notEqual(second, first);
  withSpan("two", () => {});
  assert.equal((await closing).exported, 1);
  withSpan("three", () => {});
  assert.equal((await second.close()).exported, 2);
  assert.deepEqual(receiver.spans.map(({ name, resource }) => [resource["service.name"], name]).sort(), [
    ["first", "one"],
    ["second", "three"],
    ["second", "two"],
  ]);
  assert.equal(await first.close(), await closing, "later calls get the same");
  assert.equal(trace.getTracer("x").startSpan("x").isRecording(), false);
});

test("startTracing() while recordTracing() records gives the recorder's tracing: an application under test may start its own", async (t) => {
  const recorder = recordTracing({ service: "web" });
  t.after(() => recorder.close());
  const tracing = startTracing({ service: "web" });
  assert.equal(tracing.traffic, recorder.traffic);
  withSpan("work", () => {});
  assert.equal(recorder.spans.length, 1);
});

test("close() leaves the meter provider that the application registered where it is", async (t) => {
  await receiverOf(t);
  const own = { getMeter: () => assert.fail("not asked") };
  const tracing = startTracing({ service: "web" });
  metrics.setGlobalMeterProvider(own as never);
  t.after(() => metrics.disable());
  await tracing.close();
  assert.equal(metrics.getMeterProvider(), own);
});

/** Runs a program of this folder's; its lines on stderr, and what it printed. */
async function run(t: TestContext, name: string, text: string, env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(HERE, ".tmp-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  await writeFile(file, text);
  return runFile(file, env);
}

async function runFile(file: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--conditions=@whodunit/source", file], {
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk) => {
      output[stream] += chunk;
    });
  }
  const [code] = await once(child, "close");
  assert.equal(code, 0, output.stderr);
  const lines = output.stderr.split("\n").filter((line) => line.startsWith("{"));
  return {
    stdout: output.stdout.trim(),
    told: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const TWICE = (first: string, ...later: string[]): string => `
  import { startTracing } from "@whodunit/tracing";
  const first = startTracing(${first});
  const later = [${later.map((options) => `startTracing(${options})`).join()}];
  console.log(later.every((one) => one === first));
  await first.close();`;

test("a second start gives the first handle, and says so once", async (t) => {
  const { stdout, told } = await run(
    t,
    "same.mjs",
    TWICE(
      `{ service: "web", sampleRatio: 0.5 }`,
      `{ service: "web" }`,
      `{ service: "web", sampleRatio: 0.5 }`,
    ),
  );
  assert.equal(stdout, "true");
  assert.deepEqual(
    told.map(({ level, msg, ignored }) => [level, msg, ignored]),
    [["debug", "web-tracing-started_already", undefined]],
  );
});

test("a second start with other options names them, and none of their values", async (t) => {
  const { stdout, told } = await run(
    t,
    "other.mjs",
    TWICE(
      `{ service: "web", propagateTo: ["loopback"] }`,
      `{ service: "api", propagateTo: ["loopback"], redact: { mask: "s3cret" }, classify: () => "success" }`,
      `{ service: "web", keepErrors: true }`,
    ),
  );
  assert.equal(stdout, "true");
  assert.deepEqual(
    told.map(({ level, ignored }) => [level, ignored]),
    [["error", ["service", "redact", "classify"]]],
  );
  assert.doesNotMatch(JSON.stringify(told), /s3cret/);
});

test("a second start with a wrong option throws all the same", async (t) => {
  await receiverOf(t);
  const tracing = startTracing({ service: "web" });
  t.after(() => tracing.close());
  assert.throws(() => startTracing({ service: 7 } as never), /option "service" is 7/);
  assert.equal(startTracing({ service: "web" }), tracing);
});

test("another copy of the package, as a bundle or a test framework has it, gets the first copy's handle", async (t) => {
  const folder = await mkdtemp(join(HERE, ".tmp-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await build({
    stdin: { contents: `export * from "@whodunit/tracing";`, resolveDir: HERE },
    outfile: join(folder, "copy.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    conditions: ["@whodunit/source"],
    logLevel: "error",
  });
  const file = join(folder, "reset.mjs");
  await writeFile(
    file,
    `
    import { startTracing, withSpan } from "@whodunit/tracing";
    import copy from "./copy.cjs";
    const first = startTracing({ service: "web" });
    console.log(copy.startTracing !== startTracing, copy.startTracing({ service: "web" }) === first);
    copy.withSpan("work", () => {});
    console.log((await first.close()).ended);`,
  );
  const { stdout } = await runFile(file);
  assert.equal(stdout, "true true\n1");
});

test("a counter made right after the start counts, where metrics are exported", async (t) => {
  const { stdout } = await run(
    t,
    "meter.mjs",
    `
    import { metrics } from "@opentelemetry/api";
    import { startTracing } from "@whodunit/tracing";
    const tracing = startTracing({ service: "web" });
    metrics.getMeter("own").createCounter("sold").add(7);
    await tracing.close();`,
    { OTEL_METRICS_EXPORTER: "console" },
  );
  assert.match(stdout, /sold/);
  assert.match(stdout, /value: 7/);
});

// Without await: what a program is built to may have none at its top.
const PROGRAM = `
  import { startTracing, withSpan } from "@whodunit/tracing";
  import { trace } from "@opentelemetry/api";
  const early = trace.getTracer("early");
  export const tracing = startTracing({ service: "web" });
  withSpan("work", ({ otel }) => console.log(otel.isRecording(), early.startSpan("x").isRecording()));
  tracing.close().then(({ ended }) => console.log(ended));`;

const BUNDLES: Record<string, BuildOptions> = {
  "CommonJS, ES2020": { format: "cjs", target: "es2020", outExtension: { ".js": ".cjs" } },
  "CommonJS, packages outside": { format: "cjs", packages: "external", outExtension: { ".js": ".cjs" } },
  "ESM, packages outside": { format: "esm", packages: "external", outExtension: { ".js": ".mjs" } },
};

for (const [kind, options] of Object.entries(BUNDLES)) {
  test(`a bundle that starts tracing at its top works: ${kind}`, async (t) => {
    const folder = await mkdtemp(join(HERE, ".tmp-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "app.ts"), PROGRAM);
    await build({
      ...options,
      entryPoints: [join(folder, "app.ts")],
      outdir: folder,
      bundle: true,
      platform: "node",
      conditions: ["@whodunit/source"],
      logLevel: "error",
    });
    const { stdout } = await runFile(join(folder, `app${options.outExtension?.[".js"]}`));
    assert.equal(stdout, "true true\n1");
  });
}
