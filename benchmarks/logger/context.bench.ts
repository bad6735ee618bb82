import { AsyncLocalStorage } from "node:async_hooks";
import { createLogger, withContext } from "@whodunit/logger";
import type { Micro, Variant } from "../lib/micro.ts";
import { flatRecord } from "./records.ts";
import { reader } from "./setup.ts";

const LINES = 20;
const FIELDS = { tenant: "t1", shard: "eu-4" };
// A request that is traced has an AsyncLocalStorage of somebody else's, which makes every look into another dearer.
const inRequest = new AsyncLocalStorage<object>().run({}, () => AsyncLocalStorage.snapshot());
const inContext = inRequest(() => withContext(FIELDS, () => AsyncLocalStorage.snapshot()));

/** Runs the lines of one request inside `around`. */
function twenty(around: (lines: () => void) => void): Variant {
  const { write, lines } = reader();
  const log = createLogger({ service: "bench", level: "debug", destination: { write } });
  const write20 = (i: number) => {
    for (let line = 0; line < LINES; line++) log.debug("request-completed", flatRecord(i + line));
  };
  return { batch: 10, run: (i) => around(() => write20(i)), delivered: () => lines() / LINES };
}

export const micro: Micro = {
  together: true,
  title: "twenty lines of a request, without and within a context of two fields",
  note: "The difference, divided by twenty, is what a context costs a line. In the last row the context is made for these lines.",
  variants: {
    "no context": () => twenty(inRequest),
    "within a context": () => twenty(inContext),
    "withContext each time": () => twenty((lines) => inRequest(() => withContext(FIELDS, lines))),
  },
};
