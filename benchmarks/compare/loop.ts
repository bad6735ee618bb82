import type { Load } from "../lib/load-from.ts";

/** A loop over a tree's packages, which it reaches by their public entries only, for their files move. */
export interface LoopSubject {
  /** Operations of one slice: about 4 ms of them. */
  readonly operations: number;
  readonly make: (load: Load) => Promise<Loop>;
}

/** One operation, and how to see that it was done. */
export interface Loop {
  /** One operation; `i` counts up. */
  readonly run: (i: number) => void;
  /** Waits, after a slice and outside its account, until all has arrived. */
  readonly settle?: () => Promise<void>;
  /** How many operations have arrived where they should, since the start. */
  readonly delivered: () => number;
}
