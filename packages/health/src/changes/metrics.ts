import {
  type Attributes,
  type Counter,
  type Histogram,
  type MeterProvider,
  metrics,
  type ObservableResult,
} from "@opentelemetry/api";
import { reportFault } from "@whodunit/core";
import type { Standstill } from "../watch/awake-clock.ts";
import type { HealthEntry } from "../watch/probe-state.ts";
import type { Outcome } from "../watch/run.ts";

const STATUSES = ["OK", "DEGRADED", "TIMEOUT", "ERROR", "STALE", "STARTING"] as const;
// OpenTelemetry's advice for http.server.request.duration, and a bucket below for what answers in the house.
const BOUNDARIES_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Three OpenTelemetry metrics: `health.probe.status`, 1 for the present Status of each probe and 0 for the others;
 * `health.probe.duration`, how long runs take, in seconds; `health.process.standstill`, how long the process itself
 * stood still, in seconds. No-ops until the service registers a meter provider.
 */
export class HealthMetrics {
  readonly #read: () => readonly HealthEntry[];
  #provider: MeterProvider | undefined;
  #duration: Histogram | undefined;
  #standstill: Counter | undefined;
  #stop: () => void = () => {};

  constructor(read: () => readonly HealthEntry[]) {
    this.#read = read;
  }

  /** Takes in how a run ended. A renewed TIMEOUT is no run. */
  record(entry: HealthEntry, outcome: Outcome): void {
    try {
      this.#connect();
      if (outcome.renewed === true) return;
      const attributes = { ...attributesOf(entry), "health.probe.status": outcome.status };
      this.#duration?.record(outcome.durationMs / 1_000, attributes);
    } catch (error) {
      reportFault("WHODUNIT_HEALTH_METRICS", error);
    }
  }

  /** Takes in that the process stood still. */
  recordStandstill({ durationMs, cause }: Standstill): void {
    try {
      this.#connect();
      this.#standstill?.add(durationMs / 1_000, { "health.process.standstill.cause": cause });
    } catch (error) {
      reportFault("WHODUNIT_HEALTH_METRICS", error);
    }
  }

  close(): void {
    this.#stop();
  }

  // The API has no proxy for meters: instruments of a provider that is registered later must be made then.
  #connect(): void {
    const provider = metrics.getMeterProvider();
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.#stop();
    const meter = provider.getMeter("@whodunit/health");
    this.#duration = meter.createHistogram("health.probe.duration", {
      description: "How long a probe's runs take",
      unit: "s",
      advice: { explicitBucketBoundaries: BOUNDARIES_S },
    });
    this.#standstill = meter.createCounter("health.process.standstill", {
      description: "How long this process stood still, by times of a second or more",
      unit: "s",
    });
    const status = meter.createObservableGauge("health.probe.status", {
      description: "1 for the present Status of a probe, 0 for the others",
    });
    const observe = (result: ObservableResult): void => this.#observe(result);
    status.addCallback(observe);
    this.#stop = () => status.removeCallback(observe);
  }

  #observe(result: ObservableResult): void {
    for (const entry of this.#read()) {
      const attributes = attributesOf(entry);
      for (const status of STATUSES) {
        result.observe(entry.status === status ? 1 : 0, { ...attributes, "health.probe.status": status });
      }
    }
  }
}

const attributesOf = ({ probe }: HealthEntry): Attributes => ({
  "health.probe.name": probe.name,
  "health.probe.group": probe.group,
  "health.probe.priority": probe.priority,
  "health.probe.critical": probe.critical,
});
