import { totalmem } from "node:os";
import { constrainedMemory, memoryUsage } from "node:process";
import { getHeapStatistics } from "node:v8";
import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkPercents } from "./check-percentages.ts";
import { holdAgainst, type Thresholds } from "./gauge.ts";

/** What {@link memoryProbe} takes. */
export interface MemoryProbeOptions extends ProbeSettings {
  /** @default "memory" */
  readonly name?: string;
  /** From here on it is DEGRADED, in percent of the limit. @default 85 */
  readonly degradedPercent?: number;
  /** From here on it is ERROR, in percent of the limit. @default 95 */
  readonly errorPercent?: number;
}

/**
 * Watches this process's memory: the heap against V8's limit, and all of it against the container's (or the
 * machine's), whichever is nearer.
 *
 * @throws TypeError when an option is wrong
 */
export function memoryProbe(options: MemoryProbeOptions = {}): Probe {
  const { degradedPercent = 85, errorPercent = 95 } = options;
  checkPercents("memoryProbe", degradedPercent, errorPercent, "degradedPercent", "errorPercent");
  const thresholds: Thresholds = {
    degradedAt: degradedPercent,
    errorAt: errorPercent,
    bad: "high",
    unit: "% used",
  };
  return probeFrom("memoryProbe", options, ["degradedPercent", "errorPercent"], {
    name: "memory",
    check() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      const share = Math.max(used / limit, memoryUsage.rss() / residentLimit());
      return holdAgainst(Math.round(share * 1_000) / 10, thresholds);
    },
  });
}

// Without a limit the kernel says 0 or a number beyond the machine's.
function residentLimit(): number {
  const limit = constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
