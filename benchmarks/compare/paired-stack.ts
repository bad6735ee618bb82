import { setTimeout as sleep } from "node:timers/promises";
import type { LoadTask } from "../lib/load.ts";
import { usageOf } from "../lib/process-usage.ts";
import { median } from "../lib/results.ts";
import { type Bench, type Running, startService, stopService, withBench } from "../stack/measure.ts";
import { type Framework, STACK, type StackVariant, shortVariants } from "../stack/variants.ts";
import { buildTree, OWN_TREE } from "./tree.ts";

const WARM_UP_S = 1;
const SLICES = 16;
const SLICE_S = 0.1;
const PAUSE_MS = 50;
// Often enough for every slice to have its share of the export.
const EXPORT_DELAY_MS = 20;

/** What is asked for: the service's one route, or the status that a monitor polls. */
export type Asked = "route" | "status";

const PATHS: Readonly<Record<Asked, Pick<LoadTask, "paths">>> = {
  route: {},
  status: { paths: ["/health/status"] },
};

/**
 * The CPU time a request of a whole service with this tree's built packages over that with the other's, once a round:
 * fresh processes, both on one core, driven in turn in a closed loop, by the operating system's account of them. The
 * round's ratio is the median of those of neighbouring slices, as with loops.
 */
export async function compareStacks(
  framework: Framework,
  asked: Asked,
  other: string,
  rounds: number,
): Promise<number[]> {
  for (const tree of new Set([OWN_TREE, other])) buildTree(tree);
  return await withBench(async (bench) => {
    const variantOf = (tree: string): StackVariant => {
      const all = shortVariants(framework, tree, bench.endpoint);
      const stack = all.find(({ name }) => name === STACK) as StackVariant;
      return { ...stack, env: { ...stack.env, OTEL_BSP_SCHEDULE_DELAY: `${EXPORT_DELAY_MS}` } };
    };
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++)
      ratios.push(await playRound(variantOf(OWN_TREE), variantOf(other), bench, PATHS[asked]));
    return ratios;
  });
}

async function playRound(
  own: StackVariant,
  other: StackVariant,
  bench: Bench,
  task: Pick<LoadTask, "paths">,
): Promise<number> {
  const services: Running[] = [];
  try {
    for (const variant of [own, other]) services.push(await startService(variant));
    const [ours, theirs] = services as [Running, Running];
    for (const { port } of services) {
      await probed(port);
      await bench.load({ ...task, port, seconds: WARM_UP_S });
    }
    const ratios: number[] = [];
    for (let slice = 0; slice < SLICES; slice++) {
      // What runs second finds the caches of the core as the first has left them.
      const isFirst = slice % 2 === 0;
      const before = await microsOf(isFirst ? ours : theirs, bench, task);
      const after = await microsOf(isFirst ? theirs : ours, bench, task);
      ratios.push(isFirst ? before / after : after / before);
    }
    return median(ratios);
  } finally {
    await Promise.all(services.map(stopService));
  }
}

/** Waits for the first run of its probe: from then on the status has one length. */
async function probed(port: number): Promise<void> {
  const status = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/health/status`)).text();
  while ((await status()).includes("STARTING")) await sleep(PAUSE_MS);
}

/** CPU a request in one slice. */
async function microsOf(
  { child, port }: Running,
  { load }: Bench,
  task: Pick<LoadTask, "paths">,
): Promise<number> {
  const before = usageOf(child.pid as number).cpuMicros;
  const { count } = await load({ ...task, port, seconds: SLICE_S });
  return (usageOf(child.pid as number).cpuMicros - before) / count;
}
