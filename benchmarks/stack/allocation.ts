import { ask } from "../lib/child.ts";
import { type Bench, startService, stopService } from "./measure.ts";
import type { StackVariant } from "./variants.ts";

// So large a young generation is collected seldom. A collection only takes away, so the most of the samples is the truth.
const YOUNG_MB = 256;
const SAMPLES = 3;
const TASK = { seconds: 1, rate: 1_500 };

/** Kilobytes that a service allocates on the heap for a request. */
export async function allocatedKb(variant: StackVariant, { load }: Bench): Promise<number> {
  const young = ["--min-semi-space-size", "--max-semi-space-size"].map((flag) => `${flag}=${YOUNG_MB}`);
  const service = await startService(variant, young);
  const heapBytes = async (): Promise<number> => (await ask(service.child, "heap")) as number;
  try {
    await load({ port: service.port, seconds: 1 });
    const samples: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      const before = await heapBytes();
      const { count } = await load({ ...TASK, port: service.port });
      samples.push(((await heapBytes()) - before) / count / 1_024);
    }
    return Math.max(...samples);
  } finally {
    await stopService(service);
  }
}
