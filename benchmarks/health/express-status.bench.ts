import type { Row } from "../lib/results.ts";
import { measureStatus } from "./status.ts";

export { note } from "./status.ts";
export const title = "serving the status on Express";
export const measure = (rounds: number): Promise<Row[]> => measureStatus("express", rounds);
