import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const INDEX = fileURLToPath(new URL("../src/index.ts", import.meta.url));

/** What a program with one probe, whose check does this, loads of other packages; and what it tells of the probe. */
function ranWith(check: string): { readonly packages: string[]; readonly reason: string | undefined } {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { createHealth } = await import(${JSON.stringify(INDEX)});
    // Its first run is somewhere within its interval, and the loop turns until then.
    const health = createHealth({ service: "web", probes: [{ name: "own", intervalMs: 100, check() { ${check} } }] });
    const seen = () => health.entries()[0];
    while (seen().level !== "well" && seen().fault === undefined) await new Promise((go) => setImmediate(go));
    const reason = seen().fault?.text;
    await health.close();
    console.log(JSON.stringify({ loaded, reason }));
  `;
  const args = ["--conditions=@whodunit/source", "--input-type=module", "-e", program];
  const { loaded, reason } = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  const packages = (loaded as string[]).flatMap(
    (url) => /\/(?:node_modules|packages)\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [],
  );
  return { packages: [...new Set(packages)].toSorted(), reason };
}

test("createHealth() loads core and OpenTelemetry's API, and what removes secrets only for the first error", () => {
  assert.deepEqual(ranWith("").packages, ["@opentelemetry/api", "core", "health"]);
  const failed = ranWith(`throw new Error("password=hunter2hunter2");`);
  assert.deepEqual(failed.packages, ["@opentelemetry/api", "core", "health", "redaction"]);
  assert.match(failed.reason ?? "", /password=\[/);
});
