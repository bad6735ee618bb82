import { totalmem } from "node:os";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { checkOrder, percentage } from "./check-percentages.ts";
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

const SHAPE: OwnShape<MemoryProbeOptions> = {
  degradedPercent: percentage,
  errorPercent: percentage,
};

/**
 * Watches this process's memory: the heap against V8's limit, and all of it against the container's (or the
 * machine's), whichever is nearer.
 *
 * @throws TypeError when an option is wrong
 */
export function memoryProbe(options: MemoryProbeOptions = {}): Probe {
  checkProbeOptions("memoryProbe", options, SHAPE);
  const { degradedPercent = 85, errorPercent = 95 } = options;
  checkOrder("memoryProbe", "degradedPercent", degradedPercent, "errorPercent", errorPercent);
  const thresholds: Thresholds = {
    degradedAt: degradedPercent,
    errorAt: errorPercent,
    bad: "high",
    unit: "% used",
  };
  return probeFrom(options, {
    name: "memory",
    check() {
      // Loaded where it is asked: it brings more of Node with it than all of our own.
      const { getHeapStatistics } = process.getBuiltinModule("node:v8");
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      const share = Math.max(used / limit, process.memoryUsage.rss() / residentLimit());
      return holdAgainst(Math.round(share * 1_000) / 10, thresholds);
    },
  });
}

// Without a limit the kernel says 0 or a number beyond the machine's.
function residentLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
