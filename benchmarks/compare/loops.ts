import { LINE } from "./line.ts";
import type { LoopSubject } from "./loop.ts";
import { SPAN } from "./span.ts";

/** The loops that can be compared, by name. */
export const LOOPS: Readonly<Record<string, LoopSubject>> = { ...LINE, ...SPAN };
