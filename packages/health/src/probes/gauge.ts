import { ofType, optionError, required, requiredFunction } from "@whodunit/core";
import {
  type CheckResult,
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";

/** What {@link gaugeProbe} takes. */
export interface GaugeProbeOptions extends ProbeSettings {
  readonly name: string;
  /** Reads the number, such as a queue's length. */
  readonly read: () => number | Promise<number>;
  /** From here on it is DEGRADED. */
  readonly degradedAt: number;
  /**
   * From here on it is ERROR; `Infinity` or `-Infinity`: never. Above `degradedAt` high numbers are bad, below it
   * low ones.
   */
  readonly errorAt: number;
  /** The unit of the number. */
  readonly unit?: string;
}

const requiredNumber = required((value) => typeof value === "number" && !Number.isNaN(value), "a number");

const SHAPE: OwnShape<GaugeProbeOptions> = {
  read: requiredFunction,
  degradedAt: requiredNumber,
  errorAt: requiredNumber,
  unit: ofType("string"),
};

/** Watches a number with two thresholds. @throws TypeError when an option is wrong */
export function gaugeProbe(options: GaugeProbeOptions): Probe {
  checkProbeOptions("gaugeProbe", options, SHAPE);
  const { read, degradedAt, errorAt, unit = "" } = options;
  if (degradedAt === errorAt)
    throw optionError("gaugeProbe", "errorAt", errorAt, "another number than degradedAt");
  const bad = errorAt > degradedAt ? "high" : "low";
  return probeFrom(options, {
    check: async () => holdAgainst(await read(), { degradedAt, errorAt, bad, unit }),
  });
}

/** Two thresholds and which side of them is bad. */
export interface Thresholds {
  readonly degradedAt: number;
  readonly errorAt: number;
  readonly bad: "high" | "low";
  readonly unit: string;
}

/** Holds a number against two thresholds. */
export function holdAgainst(value: number, { degradedAt, errorAt, bad, unit }: Thresholds): CheckResult {
  if (typeof value !== "number" || Number.isNaN(value)) {
    return {
      status: "ERROR",
      reason: `read ${typeof value === "number" ? "NaN" : typeof value}, want a number`,
    };
  }
  const beyond = (limit: number): boolean => (bad === "high" ? value >= limit : value <= limit);
  const status = beyond(errorAt) ? "ERROR" : beyond(degradedAt) ? "DEGRADED" : "OK";
  if (status === "OK") return { status, value, unit };
  const measured = unit === "" ? `${value}` : `${value} ${unit}`;
  const relation = bad === "high" ? "at or above" : "at or below";
  return {
    status,
    value,
    unit,
    reason: `${measured} is ${relation} ${status === "ERROR" ? errorAt : degradedAt}`,
  };
}
