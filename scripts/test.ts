import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
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

// Most tests wait, for other processes and for time to pass: two files a core keep it busy. Node's default leaves one core
// out, which is half of a machine of two.
const CONCURRENCY = 2 * availableParallelism();

// These take longest: begun first, so that none of them is waited for at the end. Those that mostly wait stand between
// those that compute.
const FIRST = [
  "packages/cli/test/simulator/simulator.test.ts",
  "packages/cli/test/view/page-safety.test.ts",
  "packages/cli/test/view/durability.test.ts",
  "test/story.test.ts",
  "packages/cli/test/sources/prometheus/dialects.test.ts",
  "packages/cli/test/view/page-overview.test.ts",
  "test/verdict-databases.test.ts",
  "test/examples.test.ts",
  "test/causes.test.ts",
  "packages/cli/test/view/page-time.test.ts",
  "packages/cli/test/sources/prometheus/fleet.test.ts",
  "packages/cli/test/view/page-trace.test.ts",
  "packages/cli/test/alerts/watch/real-alerts.test.ts",
  "packages/health/test/probes/real/rabbitmq.test.ts",
  "packages/health/test/http/monitors.test.ts",
  "packages/cli/test/view/page-accessible.test.ts",
  "test/cluster.test.ts",
  "packages/health/test/http/desk.test.ts",
  "packages/logger/test/sink/delivery.test.ts",
  "packages/cli/test/alerts/objectives/objectives.test.ts",
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

const wanted = patterns.length === 0 ? ALL : patterns;

/** The files of these patterns, those that take longest first. */
function inOrder(): string[] {
  const gone = FIRST.filter((file) => statSync(ROOT + file, { throwIfNoEntry: false }) === undefined);
  if (gone.length > 0) throw new Error(`scripts/test.ts begins with what is not there: ${gone.join(", ")}`);
  const files = globSync(wanted, { cwd: ROOT, exclude: (name) => name === "node_modules" }).sort();
  if (files.length === 0) throw new Error(`There are no tests in ${wanted.join(", ")}`);
  const first = FIRST.filter((file) => files.includes(file));
  return [...first, ...files.filter((file) => !first.includes(file))];
}

// What only Node's own runner does, which takes files by their names.
const isNodes = values.watch === true || values.coverage === true || nodes.length > 0;
const runner = isNodes
  ? [
      "--test",
      `--test-concurrency=${CONCURRENCY}`,
      ...(values.watch === true ? ["--watch"] : []),
      ...(values.coverage === true ? COVERAGE : []),
      ...nodes,
      ...wanted,
    ]
  : [`${ROOT}scripts/test-in-order.ts`, `${CONCURRENCY}`, ...inOrder()];

const { status, signal } = spawnSync(process.execPath, ["--conditions=@whodunit/source", ...runner], {
  cwd: ROOT,
  stdio: "inherit",
  env: {
    ...(values.coverage === true ? {} : COMPILED),
    ...process.env,
    ...(values.full === true ? { FC_RUNS: "all", REQUESTS: "all" } : {}),
  },
});
if (signal !== null) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
