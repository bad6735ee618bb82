import type { TestContext } from "node:test";
import { type Attributes, metrics } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";

export interface Point {
  readonly attributes: Attributes;
  readonly value: unknown;
}

/** Registers a meter provider until the test ends; the function collects the points of each metric, by its name. */
export function startMetrics(t: TestContext): () => Promise<Map<string, readonly Point[]>> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  t.after(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  return async () => {
    exporter.reset();
    await provider.forceFlush();
    const points = new Map<string, readonly Point[]>();
    for (const { scopeMetrics } of exporter.getMetrics()) {
      for (const scope of scopeMetrics) {
        for (const { descriptor, dataPoints } of scope.metrics) points.set(descriptor.name, dataPoints);
      }
    }
    return points;
  };
}
