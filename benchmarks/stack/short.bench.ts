import { buildTree, OWN_TREE } from "../compare/tree.ts";
import type { Row } from "../lib/results.ts";
import { measureStack, withBench } from "./measure.ts";
import { stackRows } from "./rows.ts";
import { shortVariants } from "./variants.ts";

export const title = "what all three packages cost a request, in less than a minute";
export const note =
  "The packages as they are published: the handler's line with nested fields, the response line, span and traffic, every request sampled and exported to a receiver that drains. Server on core 0, load on core 1, fresh processes each round, asked in turn. The value is CPU a request at 3,000 requests/s, by the operating system's account of the process, above that of the bare framework; the ratio is to what pino adds for the same two lines, unredacted. Latency from when a request was due.";
/** Its length is fixed: three rounds of each framework. */
export const rounds = 3;

export async function measure(): Promise<Row[]> {
  buildTree(OWN_TREE);
  return await withBench(async (bench) => {
    const rows: Row[] = [];
    for (const framework of ["fastify", "express"] as const) {
      const variants = shortVariants(framework, OWN_TREE, bench.endpoint);
      const plan = {
        rounds,
        warmUpSeconds: 0.7,
        rate: 3_000,
        openSeconds: 0.9,
        closedSeconds: 0.5,
        slices: 2,
      };
      const samples = await measureStack(variants, bench, plan, (round) =>
        process.stderr.write(`${framework}: round ${round + 1} of ${rounds}\n`),
      );
      for (const row of stackRows(variants, samples))
        rows.push({ ...row, name: `${framework}: ${row.name}` });
    }
    return rows;
  });
}
