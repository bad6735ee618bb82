import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { ROOT } from "./packages.ts";

/**
 * Runs the tests under the Node that runs this: `node scripts/test.ts [--full] [--watch] [--coverage] [path…]`. A path is a
 * test's file, a folder of them, or a pattern; without, all tests. Other options go to `node --test` after `--`.
 */
const ALL = ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"];
const COVERAGE = [
  "--experimental-test-coverage",
  "--test-coverage-include=packages/*/src/**",
  "--test-coverage-exclude=packages/cli/src/view/page/browser/**",
];

// The tests start hundreds of processes, and half of a small one's time goes into reading the same sources again. Not for
// coverage, which code from a cache makes less exact (Node's documentation of module.enableCompileCache).
const COMPILED = { NODE_COMPILE_CACHE: `${ROOT}node_modules/.cache/whodunit-tests` };

const options = process.argv.slice(2);
const cut = options.indexOf("--");
const own = cut === -1 ? options : options.slice(0, cut);
const nodes = cut === -1 ? [] : options.slice(cut + 1);
const { values, positionals } = parseArgs({
  args: own,
  allowPositionals: true,
  options: { full: { type: "boolean" }, watch: { type: "boolean" }, coverage: { type: "boolean" } },
});
const patterns = positionals.map((path) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ? `${path}/**/*.test.ts` : path,
);

const { status, signal } = spawnSync(
  process.execPath,
  [
    "--conditions=@whodunit/source",
    "--test",
    ...(values.watch === true ? ["--watch"] : []),
    ...(values.coverage === true ? COVERAGE : []),
    ...nodes,
    ...(patterns.length === 0 ? ALL : patterns),
  ],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      ...(values.coverage === true ? {} : COMPILED),
      ...process.env,
      ...(values.full === true ? { FC_RUNS: "all", REQUESTS: "all" } : {}),
    },
  },
);
if (signal !== null) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
