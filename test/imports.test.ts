import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { PACKAGES } from "../scripts/packages.ts";

// Whoever imports node:http as an ES module loads undici with it, for a WebSocket that is exported there. That costs a
// service 27 ms of CPU at its start.
const PROGRAM = `
  await import(process.argv[1]);
  console.log(process.moduleLoadList.filter((name) => name.includes("undici")).join());
`;

for (const { folder, manifest } of PACKAGES) {
  // The command asks services by fetch.
  if (folder.endsWith("/cli")) continue;
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const name = manifest.name + entry.slice(1);
    test(`importing ${name} does not load undici`, () => {
      const args = ["--conditions=@whodunit/source", "--input-type=module", "-e", PROGRAM, name];
      const loaded = execFileSync(process.execPath, args, { encoding: "utf8", cwd: folder });
      assert.equal(loaded.trim(), "");
    });
  }
}
