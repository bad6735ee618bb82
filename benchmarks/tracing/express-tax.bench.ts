import type { Row } from "../lib/results.ts";
import { measureTax } from "./tax.ts";

export { note } from "./tax.ts";
export const title = "what tracing adds to a request of Express";
export const measure = (rounds: number): Promise<Row[]> => measureTax("express", rounds);
