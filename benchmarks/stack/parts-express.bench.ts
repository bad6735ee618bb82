import type { Row } from "../lib/results.ts";
import { measureWhole, WHOLE_NOTE } from "./whole.ts";

export const title = "what parts of it cost a request on Express";
export const note: string = WHOLE_NOTE;
export const measure = (rounds: number): Promise<Row[]> => measureWhole("express", "parts", rounds);
