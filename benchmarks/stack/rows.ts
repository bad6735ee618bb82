import { median, type Row } from "../lib/results.ts";
import type { StackSample } from "./measure.ts";
import { BARE, type StackVariant } from "./variants.ts";

/**
 * A row a service. The ratio is CPU added to the bare framework's, by what the variant named in `against` adds, in the
 * same round.
 */
export function stackRows(
  variants: readonly StackVariant[],
  samples: ReadonlyMap<string, readonly StackSample[]>,
  allocated: ReadonlyMap<string, number> = new Map(),
): Row[] {
  const of = (name: string): readonly StackSample[] => samples.get(name) ?? [];
  const bare = of(BARE);
  const middle = (own: readonly StackSample[], field: keyof StackSample): number =>
    median(own.map((sample) => sample[field] ?? Number.NaN));
  const added = (name: string): number[] =>
    of(name).map(({ openMicros }, i) => openMicros - (bare[i]?.openMicros ?? Number.NaN));
  return variants.map(({ name, against }) => {
    const own = of(name);
    const peer = added(against);
    const ratios = added(name).map((micros, i) => micros / (peer[i] ?? Number.NaN));
    const shares = own.map(
      ({ requestsPerSecond }, i) => requestsPerSecond / (bare[i]?.requestsPerSecond ?? Number.NaN),
    );
    const kilobytes = allocated.get(name);
    return {
      name: name === BARE || name === against ? name : `${name}, of ${against}`,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: name === BARE ? micros(middle(own, "openMicros")) : `+${micros(median(added(name)))}`,
      note: [
        `p50 ${middle(own, "p50Ms").toFixed(1)}, p99 ${middle(own, "p99Ms").toFixed(1)} ms`,
        `closed loop ${median(shares).toFixed(2)} of bare's req/s, ${micros(middle(own, "closedMicros"))}`,
        ...(own[0]?.slowMicros === undefined ? [] : [`at 500/s ${micros(middle(own, "slowMicros"))}`]),
        ...(kilobytes === undefined ? [] : [`${kilobytes.toFixed(1)} KB/req`]),
        `${Math.round(middle(own, "residentMb"))} MB`,
      ].join("; "),
    };
  });
}

const micros = (value: number): string => `${value.toFixed(1)} µs`;
