import type { Row } from "../lib/results.ts";
import { measureStart, START_NOTE } from "../lib/start.ts";

export const title = "what it costs to import and to start";

// What every service loads, with or without tracing.
const EVERYWHERE = `await import("node:http"); await import("@opentelemetry/api");`;
export const note = START_NOTE;

export const measure = async (rounds: number): Promise<Row[]> =>
  measureStart(
    "tracing",
    {
      "NodeSDK, started": `
        ${EVERYWHERE}
        const { NodeSDK } = await import("@opentelemetry/sdk-node");
        new NodeSDK({ serviceName: "bench" }).start();`,
      startTracing: `
        ${EVERYWHERE}
        const { startTracing } = await import("@whodunit/tracing");
        startTracing({ service: "bench" });`,
      "startTracing with metrics, which loads NodeSDK": `
        ${EVERYWHERE}
        process.env.OTEL_METRICS_EXPORTER = "otlp";
        const { startTracing } = await import("@whodunit/tracing");
        startTracing({ service: "bench" });`,
      "the helpers, imported": `${EVERYWHERE} await import("@whodunit/tracing");`,
      "node:http and @opentelemetry/api, imported": EVERYWHERE,
    },
    rounds,
  );
