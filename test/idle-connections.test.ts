import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { leftOut } from "./helpers/scale.ts";

const CHILD = fileURLToPath(new URL("./helpers/idle-connections.ts", import.meta.url));
const run = promisify(execFile);

/** Bytes of heap that an idle connection keeps after a request of 100 KB. */
async function kept(mode: "with" | "without", framework: string): Promise<number> {
  const { stdout } = await run(process.execPath, ["--conditions=@whodunit/source", CHILD, mode, framework]);
  return Number(stdout);
}

const SERVICES = ["fastify", "fastify, failing", "express", "node:http, with a call"];
const isLeftOut = leftOut(SERVICES, 1);

for (const framework of SERVICES) {
  test(`L10: on ${framework}, an idle connection, a timer and a span keep nothing of the request they come from`, {
    skip: isLeftOut(framework),
  }, async () => {
    const [withPlugins, without] = await Promise.all([kept("with", framework), kept("without", framework)]);
    // The parsed body alone would be above 100 KB; the response's own state is in both.
    assert.ok(withPlugins - without < 4_096, `${withPlugins} bytes beside ${without}`);
  });
}
