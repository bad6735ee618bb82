import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));

test("an esbuild bundle with the banner that the README names logs", async (t) => {
  // Beside the sources: ajv is looked up from where the bundle lies.
  const folder = await mkdtemp(join(HERE, ".tmp-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const outfile = join(folder, "app.mjs");
  await build({
    stdin: {
      contents: `
        import { createLogger, defineEvents } from "../src/index.ts";
        const events = defineEvents({ "fail-redeem": { level: "error", description: "x" } });
        createLogger({ service: "web" }).withEvents(events).error("fail-redeem");
      `,
      resolveDir: HERE,
    },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    conditions: ["@whodunit/source"],
    logLevel: "error",
  });
  const env = { ...process.env, NODE_ENV: "test" };
  const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: "utf8", env });
  assert.equal(stderr, "");
  assert.equal(JSON.parse(stdout).msg, "web-fail-redeem");
});
