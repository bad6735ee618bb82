import { fileURLToPath } from "node:url";
import { driveHttp, throughputRows } from "../lib/http.ts";
import type { Row } from "../lib/results.ts";

const file = fileURLToPath(new URL("server.ts", import.meta.url));
const load = { path: "/health/status", connections: 50, seconds: 3, warmUpSeconds: 1 };

/** Serves the status of ten probes beside a bare route of the same framework that returns a ready buffer. */
export async function measureStatus(framework: "fastify" | "express", rounds: number): Promise<Row[]> {
  const variant = (name: string, HEALTH: string) => ({ name, file, env: { FRAMEWORK: framework, HEALTH } });
  const variants = [variant(`${framework}, a ready buffer`, "none"), variant("GET /health/status", "ours")];
  return throughputRows(await driveHttp(variants, load, rounds));
}

export const note: string =
  "Ten probes on an interval of 1 s, 50 connections, server on core 0, load on core 1; 0.90 is promised.";
