import { createLogger, withContext } from "@whodunit/logger";
import type { Micro, Variant } from "../lib/micro.ts";
import { flatRecord } from "./records.ts";
import { reader } from "./setup.ts";

const LINES = 20;

function twenty(fields: Record<string, unknown> | undefined): Variant {
  const { write, lines } = reader();
  const log = createLogger({ service: "bench", level: "debug", destination: { write } });
  const write20 = (i: number) => {
    for (let line = 0; line < LINES; line++) log.debug("request-completed", flatRecord(i + line));
  };
  const run = fields === undefined ? write20 : (i: number) => withContext(fields, () => write20(i));
  return { batch: 10, run, delivered: () => lines() / LINES };
}

export const micro: Micro = {
  title: "twenty lines, as in one request, without and within a context of two fields",
  note: "What a context adds, making it included, over the lines of a request.",
  variants: {
    "no context": () => twenty(undefined),
    "withContext, two fields": () => twenty({ tenant: "t1", shard: "eu-4" }),
  },
};
