import { statfs } from "node:fs/promises";
import { optionError } from "@whodunit/core";
import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkPercents } from "./check-percentages.ts";
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

/** Watches the free space of a file system, as unprivileged users have it. @throws TypeError when an option is wrong */
export function diskProbe(options: DiskProbeOptions): Probe {
  const { path, degradedPercent = 10, errorPercent = 5 } = options;
  if (typeof path !== "string" || path === "") throw optionError("diskProbe", "path", path, "a path");
  checkPercents("diskProbe", errorPercent, degradedPercent, "errorPercent", "degradedPercent");
  const thresholds: Thresholds = {
    degradedAt: degradedPercent,
    errorAt: errorPercent,
    bad: "low",
    unit: "% free",
  };
  return probeFrom("diskProbe", options, ["path", "degradedPercent", "errorPercent"], {
    name: "disk",
    async check() {
      const { bavail, blocks } = await statfs(path);
      return holdAgainst(Math.round((bavail / blocks) * 1_000) / 10, thresholds);
    },
  });
}
