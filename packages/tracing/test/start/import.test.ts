import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const INDEX = fileURLToPath(new URL("../../src/index.ts", import.meta.url));

/** The modules that a program loads. */
function loadedBy(program: string): string[] {
  const hooks = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    ${program}
    console.log(JSON.stringify(loaded));
  `;
  const args = ["--conditions=@whodunit/source", "--input-type=module", "-e", hooks];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("the helpers load OpenTelemetry's API and no SDK", () => {
  const loaded = loadedBy(`
    const { withSpan, tracer } = await import(${JSON.stringify(INDEX)});
    withSpan("work", () => {});
    tracer.startSpan("a").finish();
  `);
  const packages = new Set(
    loaded.map((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]).filter(Boolean),
  );
  assert.deepEqual([...packages], ["@opentelemetry/api"]);
  // Of the sources: built, they are a few joined files, and core is one.
  const apart = loaded.filter((url) => !url.includes("/core/src/"));
  assert.ok(apart.length <= 80, `${apart.length} modules`);
  // Node's crypto and net take longer to load than all the helpers; these two it has loaded for itself.
  const own = ["node:async_hooks", "node:events"];
  assert.deepEqual(
    loaded.filter((url) => url.startsWith("node:") && !own.includes(url)),
    [],
  );
});

/** The packages of OpenTelemetry's that a start loads. */
const loadedByStart = (options: string, environment: string): string[] =>
  loadedBy(`
    ${environment}
    const { startTracing } = await import(${JSON.stringify(INDEX)});
    const tracing = startTracing(${options});
    await tracing.close();
  `).filter((url) => url.includes("@opentelemetry/"));

test("startTracing() loads OpenTelemetry's API alone", () => {
  const loaded = loadedByStart(`{ service: "web" }`, "");
  assert.deepEqual(
    loaded.filter((url) => !url.includes("@opentelemetry/api/")),
    [],
  );
  assert.deepEqual(
    loaded.filter((url) => url.endsWith(".cjs")),
    [],
    "the API's copy for CommonJS is asked for by nobody",
  );
});

for (const [what, options, environment] of [
  ["metrics", `{ service: "web" }`, `process.env.OTEL_METRICS_EXPORTER = "otlp";`],
  ["logs", `{ service: "web" }`, `process.env.OTEL_LOGS_EXPORTER = "otlp";`],
  [
    "instrumentations",
    `{ service: "web", instrumentations: [{ setTracerProvider() {}, setMeterProvider() {}, enable() {}, getConfig: () => ({}) }] }`,
    "",
  ],
] as const) {
  test(`startTracing() loads NodeSDK, once and as CommonJS, for ${what}`, () => {
    const sdk = loadedByStart(options, environment).filter((url) => url.includes("@opentelemetry/sdk-"));
    assert.ok(sdk.length > 50, `${sdk.length} modules`);
    assert.deepEqual(
      sdk.filter((url) => !url.endsWith(".cjs")),
      [],
    );
  });
}

test("startTracing() loads no NodeSDK where exporters are none and instrumentations empty", () => {
  const off = `process.env.OTEL_METRICS_EXPORTER = "none"; process.env.OTEL_LOGS_EXPORTER = "none";`;
  const loaded = loadedByStart(`{ service: "web", instrumentations: [] }`, off);
  assert.deepEqual(
    loaded.filter((url) => url.includes("sdk-")),
    [],
  );
});
