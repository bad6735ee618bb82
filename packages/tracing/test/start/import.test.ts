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
  // Of the sources: built, they are a few joined files.
  assert.ok(loaded.length <= 100, `${loaded.length} modules`);
  // Node's crypto and net take longer to load than all the helpers; async_hooks it has loaded for itself.
  assert.deepEqual(
    loaded.filter((url) => url.startsWith("node:") && url !== "node:async_hooks"),
    [],
  );
});

test("startTracing() loads NodeSDK, once and as CommonJS, and only it asks for it", () => {
  const loaded = loadedBy(`
    const { startTracing } = await import(${JSON.stringify(INDEX)});
    const tracing = await startTracing({ service: "web" });
    await tracing.close();
  `);
  const sdk = loaded.filter((url) => url.includes("@opentelemetry/sdk-"));
  assert.ok(sdk.length > 50, `${sdk.length} modules`);
  assert.deepEqual(
    sdk.filter((url) => !url.endsWith(".cjs")),
    [],
  );
});
