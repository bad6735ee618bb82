import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ask, startChild, told } from "../lib/child.ts";
import { median } from "../lib/results.ts";
import { OWN_TREE } from "./tree.ts";

const CHILD = fileURLToPath(new URL("./loop-child.ts", import.meta.url));
const DRAIN = fileURLToPath(new URL("../lib/drain.ts", import.meta.url));
// Loading and stripping the sources takes a process longer than its slices; the engine's cache of them does not.
const COMPILED = `${OWN_TREE}/node_modules/.cache/whodunit-compare/compiled`;

const WARM_UP_SLICES = 20;
const SLICES = 26;

/**
 * The CPU time of the loop in this tree over that in the other, once a round. A round has a fresh process of each, for
 * what the compiler makes of the code differs from process to process. The two run slices of some milliseconds in turn,
 * and the round's ratio is the median of those of neighbours: on a shared core CPU time itself grows by half or more
 * from one moment to the next.
 */
export async function compareLoops(name: string, other: string, rounds: number): Promise<number[]> {
  mkdirSync(COMPILED, { recursive: true });
  const drain = startChild([DRAIN]);
  try {
    const { port } = (await told(drain)) as { port: number };
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, NODE_COMPILE_CACHE: COMPILED };
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) ratios.push(await playRound(name, other, env));
    return ratios;
  } finally {
    drain.kill("SIGKILL");
  }
}

async function playRound(name: string, other: string, env: Record<string, string>): Promise<number> {
  const args = (tree: string): string[] => ["--conditions=@whodunit/source", CHILD, tree, name];
  const ours = startChild(args(OWN_TREE), { env });
  const theirs = startChild(args(other), { env });
  try {
    await Promise.all([told(ours), told(theirs)]);
    const ratios: number[] = [];
    for (let slice = 0; slice < WARM_UP_SLICES + SLICES; slice++) {
      // What runs second finds the caches of the core as the first has left them.
      const isFirst = slice % 2 === 0;
      const before = isFirst ? await sliceOf(ours) : await sliceOf(theirs);
      const after = isFirst ? await sliceOf(theirs) : await sliceOf(ours);
      if (slice >= WARM_UP_SLICES) ratios.push(isFirst ? before / after : after / before);
    }
    return median(ratios);
  } finally {
    ours.kill("SIGKILL");
    theirs.kill("SIGKILL");
  }
}

async function sliceOf(child: ChildProcess): Promise<number> {
  return (await ask(child, "slice")) as number;
}
