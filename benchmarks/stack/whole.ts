import { buildTree, OWN_TREE } from "../compare/tree.ts";
import type { Row } from "../lib/results.ts";
import { allocatedKb } from "./allocation.ts";
import { measureStack, withBench } from "./measure.ts";
import { stackRows } from "./rows.ts";
import { type Framework, stackVariants } from "./variants.ts";

export const WHOLE_NOTE =
  "The packages as they are published, with the peers of benchmarks/peers where those are installed. All services of a round run at once on core 0, each in a fresh process, and are asked in turn by a load generator on core 1, where a receiver drains what they export. A request writes the handler's line with nested fields and a response line, into stdout, and has a span; all are sampled where nothing else is said. pino writes the same lines unredacted, the second from `onResponse` or `finish`. The value is CPU a request at 3,000 requests/s, by the operating system's account of the process, above that of the bare framework; the ratio is to what the variant named after \"of\" adds. Latency from when a request was due. KB/req is what the heap is given.";

/** Every set-up on one framework. */
export async function measureWhole(framework: Framework, rounds: number): Promise<Row[]> {
  buildTree(OWN_TREE);
  return await withBench(async (bench) => {
    const variants = stackVariants(framework, OWN_TREE, bench.endpoint);
    const plan = {
      rounds,
      warmUpSeconds: 0.8,
      rate: 3_000,
      openSeconds: 1,
      slowRate: 500,
      slowSeconds: 1,
      closedSeconds: 0.5,
      slices: 2,
    };
    const samples = await measureStack(variants, bench, plan, (round) =>
      process.stderr.write(`${framework}: round ${round + 1} of ${rounds}\n`),
    );
    const allocated = new Map<string, number>();
    for (const variant of variants) allocated.set(variant.name, await allocatedKb(variant, bench));
    return stackRows(variants, samples, allocated);
  });
}
