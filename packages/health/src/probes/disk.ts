import { required } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { checkOrder, percentage } from "./check-percentages.ts";
import { holdAgainst, type Thresholds } from "./gauge.ts";

/** What {@link diskProbe} takes. */
export interface DiskProbeOptions extends ProbeSettings {
  /** @default "disk" */
  readonly name?: string;
  /** Any path on the file system to watch. */
  readonly path: string;
  /** With less free it is DEGRADED, in percent. @default 10 */
  readonly degradedPercent?: number;
  /** With less free it is ERROR, in percent. @default 5 */
  readonly errorPercent?: number;
}

const SHAPE: OwnShape<DiskProbeOptions> = {
  path: required((path) => typeof path === "string" && path !== "", "a path"),
  degradedPercent: percentage,
  errorPercent: percentage,
};

/** Watches the free space of a file system, as unprivileged users have it. @throws TypeError when an option is wrong */
export function diskProbe(options: DiskProbeOptions): Probe {
  checkProbeOptions("diskProbe", options, SHAPE);
  const { path, degradedPercent = 10, errorPercent = 5 } = options;
  checkOrder("diskProbe", "errorPercent", errorPercent, "degradedPercent", degradedPercent);
  const thresholds: Thresholds = {
    degradedAt: degradedPercent,
    errorAt: errorPercent,
    bad: "low",
    unit: "% free",
  };
  return probeFrom(options, {
    name: "disk",
    async check() {
      const { bavail, blocks } = await process.getBuiltinModule("node:fs").promises.statfs(path);
      return holdAgainst(Math.round((bavail / blocks) * 1_000) / 10, thresholds);
    },
  });
}
