import { buildTree, OWN_TREE } from "../compare/tree.ts";
import type { Row } from "../lib/results.ts";
import { allocatedKb } from "./allocation.ts";
import { measureStack, withBench } from "./measure.ts";
import { stackRows } from "./rows.ts";
import { type Compared, comparedVariants, type Framework } from "./variants.ts";

// Until the optimising compiler is through: it works on the same core, and its time is counted.
const WARM_UP_S = 4;

export const WHOLE_NOTE =
  "The packages as they are published, with the peers of benchmarks/peers where those are installed. All services of a round run at once on core 0, each in a fresh process, and are asked in turn, after four seconds of full load, by a load generator on core 1 that never sleeps, where a receiver drains what they export. A request writes the handler's line with nested fields and a response line, into stdout, and has a span; all are sampled where nothing else is said. pino writes the same lines unredacted, the second from `onResponse` or `finish`. The value is CPU a request at 3,000 requests/s, by the operating system's account of the process, above that of the bare framework; the ratio is to what the variant named after \"of\" adds. Latency from when a request was due. KB/req is what the heap is given.";

/** The set-ups of one table on one framework. */
export async function measureWhole(framework: Framework, compared: Compared, rounds: number): Promise<Row[]> {
  buildTree(OWN_TREE);
  return await withBench(async (bench) => {
    const variants = comparedVariants(framework, compared, OWN_TREE, bench.endpoint);
    const plan = {
      rounds,
      warmUpSeconds: WARM_UP_S,
      rate: 3_000,
      openSeconds: 0.8,
      slowRate: 500,
      slowSeconds: 0.8,
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
