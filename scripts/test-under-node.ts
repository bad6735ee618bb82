import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ROOT } from "./packages.ts";

/** Runs the whole test suite under each Node named: `node scripts/test-under-node.ts 22 24 26`. */
const versions = process.argv.slice(2);
if (versions.length === 0) throw new Error("Name the Node versions to test under, such as 22 24 26");

for (const version of versions) {
  const home = mkdtempSync(join(tmpdir(), "whodunit-node-"));
  try {
    writeFileSync(join(home, "package.json"), `{"private":true,"allowScripts":{"node":true}}`);
    execFileSync("npm", ["install", `node@${version}`], {
      cwd: home,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const node = join(home, "node_modules/node/bin/node");
    console.log(`# Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
    // Child processes of the tests find this Node first, too.
    const env = { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH };
    execFileSync(node, ["scripts/test.ts"], { cwd: ROOT, stdio: "inherit", env });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
