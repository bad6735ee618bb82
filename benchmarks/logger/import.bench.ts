import type { Row } from "../lib/results.ts";
import { measureStart, START_NOTE } from "../lib/start.ts";

export const title = "what it costs to import and to write the first line";
export const note = `${START_NOTE} A logger of ours looks for the active span, so it loads OpenTelemetry's API: the first row is pino with what both then have.`;

const PINO = `
        const { pino } = await import("pino");
        pino({}, { write() {} }).info({ id: 1 }, "started");`;
const LOGGER = `
        const { createLogger } = await import("@whodunit/logger");
        createLogger({ service: "bench", level: "debug", destination: { write() {} } }).debug("started", { id: 1 });`;

export const measure = async (rounds: number): Promise<Row[]> =>
  measureStart(
    "logger",
    {
      "pino, beside node:http and OpenTelemetry's API": `
        await import("node:http");
        await import("@opentelemetry/api");${PINO}`,
      "@whodunit/logger, beside node:http": `
        await import("node:http");${LOGGER}`,
      pino: PINO,
      "@opentelemetry/api, imported": `await import("@opentelemetry/api");`,
    },
    rounds,
  );
