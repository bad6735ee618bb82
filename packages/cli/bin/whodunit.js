#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Nothing else is imported before this is known: an older Node may not even be able to read the program.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 16)) {
  process.stderr.write(`whodunit needs Node 22.16 or newer, this is ${process.version}\n`);
  process.exit(2);
}

// In a clone nothing is built: there the sources run, in this process's place, by the condition that finds those of the
// other packages too.
const built = new URL("../dist/main.js", import.meta.url);
if (existsSync(built)) await import(built.href);
else if (process.execve === undefined) {
  process.stderr.write("whodunit is not built, and this system cannot run its sources: npm run build\n");
  process.exit(2);
} else {
  const source = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const options = ["--conditions=@whodunit/source", "--disable-warning=ExperimentalWarning"];
  process.execve(
    process.execPath,
    [process.execPath, ...options, source, ...process.argv.slice(2)],
    process.env,
  );
}
