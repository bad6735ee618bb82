import type { Row } from "../lib/results.ts";
import { measureStart, START_NOTE } from "../lib/start.ts";

export const title = "what it costs to import and to write the first line";
export const note = `${START_NOTE} A logger of ours looks for the active span, so it loads OpenTelemetry's API.`;

export const measure = async (rounds: number): Promise<Row[]> =>
  measureStart(
    "logger",
    {
      pino: `
        const { pino } = await import("pino");
        pino({}, { write() {} }).info({ id: 1 }, "started");`,
      "@whodunit/logger": `
        const { createLogger } = await import("@whodunit/logger");
        createLogger({ service: "bench", level: "debug", destination: { write() {} } }).debug("started", { id: 1 });`,
      "@opentelemetry/api, imported": `await import("@opentelemetry/api");`,
    },
    rounds,
  );
