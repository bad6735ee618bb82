import type { Row } from "../lib/results.ts";
import { measureWhole, WHOLE_NOTE } from "./whole.ts";

export const title = "what all three packages cost a request on Fastify";
export const note: string = WHOLE_NOTE;
export const measure = (rounds: number): Promise<Row[]> => measureWhole("fastify", "whole", rounds);
