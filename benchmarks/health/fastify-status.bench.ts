import type { Row } from "../lib/results.ts";
import { measureStatus } from "./status.ts";

export { note } from "./status.ts";
export const title = "serving the status on Fastify";
export const measure = (rounds: number): Promise<Row[]> => measureStatus("fastify", rounds);
