import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/packages.ts";
import { assertExample, assertStops, startExample, typeQuestions } from "../helpers/example.ts";
import { walk } from "../helpers/walk.ts";
import { newFolder } from "./folder.ts";

const BUILD_PATIENCE_MS = 300_000;

test("examples/next is built and starts with one command; its routes, errors, health and drain are right", {
  timeout: 2 * BUILD_PATIENCE_MS,
}, async (t) => {
  const folder = newFolder("next", "module", []);
  cpSync(join(ROOT, "examples/next"), folder, { recursive: true });
  // Its packages are installed above it.
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, dependencies: {} }));
  const env = { NEXT_TELEMETRY_DISABLED: "1" };
  await walk(t, "examples/next/README.md", {}, async (page) => {
    assert.deepEqual(page.take(/^npm start/), ["npm start"]);
    const started = await startExample(t, {
      args: ["start"],
      cwd: folder,
      env,
      patienceMs: BUILD_PATIENCE_MS,
    });
    await assertExample(started, "next");
    page.place("localhost:8080", new URL(started.url).host);
    await typeQuestions(page, "next");
    await assertStops(started);
  });
});
