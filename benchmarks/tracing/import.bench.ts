import type { Row } from "../lib/results.ts";
import { measureStart, START_NOTE } from "../lib/start.ts";

export const title = "what it costs to import and to start";
export const note = START_NOTE;

export const measure = async (rounds: number): Promise<Row[]> =>
  measureStart(
    "tracing",
    {
      "NodeSDK, started": `
        const { NodeSDK } = await import("@opentelemetry/sdk-node");
        new NodeSDK({ serviceName: "bench" }).start();`,
      startTracing: `
        const { startTracing } = await import("@whodunit/tracing");
        await startTracing({ service: "bench" });`,
      "@opentelemetry/api, imported": `await import("@opentelemetry/api");`,
      "the helpers, imported": `await import("@whodunit/tracing");`,
    },
    rounds,
  );
