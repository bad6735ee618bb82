import { LOOPS } from "./loops.ts";
import { compareLoops } from "./paired-loops.ts";
import { compareStacks } from "./paired-stack.ts";

/** Ratios of CPU time, this tree's over the other's: one a round. */
export type Compare = (other: string, rounds: number) => Promise<number[]>;

/** All that can be compared, by name. */
export const SUBJECTS: Readonly<Record<string, Compare>> = {
  ...Object.fromEntries(
    Object.keys(LOOPS).map((name) => [
      name,
      (other: string, rounds: number) => compareLoops(name, other, rounds),
    ]),
  ),
  "stack/fastify": (other, rounds) => compareStacks("fastify", "route", other, rounds),
  "stack/express": (other, rounds) => compareStacks("express", "route", other, rounds),
  "status/fastify": (other, rounds) => compareStacks("fastify", "status", other, rounds),
  "status/express": (other, rounds) => compareStacks("express", "status", other, rounds),
};
