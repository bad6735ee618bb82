import type { Load } from "../lib/load-from.ts";
import type { Loop, LoopSubject } from "./loop.ts";

type TracingPackage = typeof import("@whodunit/tracing");

/** `withSpan` around a function: sampled, into the exporter and its encoder, whose batches are drained; not sampled. */
export const SPAN: Readonly<Record<string, LoopSubject>> = {
  "span/sampled": { operations: 2_500, make: (load) => spans(load, 1) },
  "span/unsampled": { operations: 12_000, make: (load) => spans(load, 0) },
};

async function spans(load: Load, sampleRatio: number): Promise<Loop> {
  const { startTracing, withSpan } = await load<TracingPackage>("@whodunit/tracing");
  const tracing = await startTracing({ service: "bench", sampleRatio });
  return {
    run: (i) => withSpan("work", () => i),
    // The receiver answers in another process; its answers are read here, between two slices.
    settle: () => tracing.flush(),
    delivered: () => (sampleRatio === 1 ? tracing.spans().exported : tracing.spans().unsampled),
  };
}
