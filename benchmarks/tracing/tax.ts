import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask, startChild, told } from "../lib/child.ts";
import type { LoadResult } from "../lib/load.ts";
import { median, type Row } from "../lib/results.ts";
import { type TaxVariant, variantsOf } from "./variants.ts";

const LOAD = fileURLToPath(new URL("../lib/load.ts", import.meta.url));
const DRAIN = fileURLToPath(new URL("../lib/drain.ts", import.meta.url));

const WARM_UP_S = 1.5;
const SLICES = 10;
const SLICE_S = 0.4;
// The last batches of spans belong to the requests, too.
const SETTLE_MS = 1_500;

export const note =
  "All servers of a round run at once on one core and are asked in turn, in slices of 0.4 s, by a load generator on the other core, where the local receiver drains what they export: the speed of the machine is the same for all. The value is the server's own CPU time a request, threads and exports included, above that of the bare framework; the ratio is to what NodeSDK, instrumentation-http and the framework's own instrumentation add when they sample the same. Switched off is compared with those that do not sample.";

/** What one server of one round gave. */
interface Sample {
  readonly cpuMicros: number;
  readonly requestsPerSecond: number;
  readonly residentMb: number;
}

/** CPU added per request by each way of tracing. */
export async function measureTax(framework: "fastify" | "express", rounds: number): Promise<Row[]> {
  const drain = startChild([DRAIN], { core: 1 });
  const load = startChild([LOAD], { core: 1 });
  try {
    const { port } = (await told(drain)) as { port: number };
    const variants = variantsOf(framework, `http://127.0.0.1:${port}`);
    const samples = new Map<string, Sample[]>(variants.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      // Another is the first of each round: what starts first is not to have an advantage.
      const order = variants.map((_, i) => variants[(i + round) % variants.length] as TaxVariant);
      for (const [name, sample] of await playRound(order, load)) samples.get(name)?.push(sample);
      process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    }
    return rows(variants, samples);
  } finally {
    drain.kill("SIGKILL");
    load.kill("SIGKILL");
  }
}

async function playRound(variants: readonly TaxVariant[], load: ChildProcess): Promise<Map<string, Sample>> {
  const servers: { readonly name: string; readonly child: ChildProcess; readonly port: number }[] = [];
  try {
    for (const { name, nodeOptions, file, env } of variants) {
      const child = startChild(["--conditions=@whodunit/source", ...nodeOptions, file], { core: 0, env });
      const { port } = (await told(child)) as { port: number };
      servers.push({ name, child, port });
    }
    for (const { port } of servers) await ask(load, { port, seconds: WARM_UP_S });
    const before = new Map<string, Usage>();
    for (const { name, child } of servers) before.set(name, (await ask(child, "usage")) as Usage);
    const counts = new Map<string, number>();
    for (let slice = 0; slice < SLICES; slice++) {
      for (const { name, port } of slice % 2 === 0 ? servers : servers.toReversed()) {
        const { count } = (await ask(load, { port, seconds: SLICE_S })) as LoadResult;
        counts.set(name, (counts.get(name) ?? 0) + count);
      }
    }
    await sleep(SETTLE_MS);
    const samples = new Map<string, Sample>();
    for (const { name, child } of servers) {
      const used = (await ask(child, "usage")) as Usage;
      const count = counts.get(name) ?? Number.NaN;
      samples.set(name, {
        cpuMicros: (used.cpuMicros - (before.get(name)?.cpuMicros ?? Number.NaN)) / count,
        requestsPerSecond: count / (SLICES * SLICE_S),
        residentMb: used.residentBytes / 2 ** 20,
      });
    }
    return samples;
  } finally {
    for (const { child } of servers) child.kill("SIGKILL");
  }
}

interface Usage {
  readonly cpuMicros: number;
  readonly residentBytes: number;
}

function rows(variants: readonly TaxVariant[], samples: Map<string, Sample[]>): Row[] {
  const of = (name: string): Sample[] => samples.get(name) ?? [];
  const bare = of("bare");
  const added = (name: string): number[] =>
    of(name).map(({ cpuMicros }, i) => cpuMicros - (bare[i]?.cpuMicros ?? Number.NaN));
  return variants.flatMap(({ name, against }) => {
    if (against === undefined) return [];
    const own = added(name);
    const peer = added(against);
    const ratios = own.map((micros, i) => micros / (peer[i] ?? Number.NaN));
    const speeds = of(name).map(
      ({ requestsPerSecond }, i) => requestsPerSecond / (bare[i]?.requestsPerSecond ?? Number.NaN),
    );
    const value = median(own);
    return {
      name,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `${value < 0 ? "" : "+"}${value.toFixed(1)} µs CPU`,
      note: `${median(speeds).toFixed(2)} of bare req/s, ${Math.round(median(of(name).map((one) => one.residentMb)))} MB; bare ${median(bare.map((one) => one.cpuMicros)).toFixed(1)} µs, ${Math.round(median(bare.map((one) => one.residentMb)))} MB`,
    } satisfies Row;
  });
}
