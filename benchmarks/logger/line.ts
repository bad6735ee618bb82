import { createLogger, withContext } from "@whodunit/logger";
import { pino } from "pino";
import type { Micro, Variant } from "../lib/micro.ts";
import { activateSpan, reader } from "./setup.ts";

type Make = (i: number) => Record<string, unknown>;

/** The variants that write one record, plain pino first. */
export function lineVariants(record: Make): Micro["variants"] {
  return {
    pino: () => withPino(record, {}),
    "pino, 3 wildcard redact paths": () =>
      withPino(record, { redact: ["*.authorization", "*.cookie", "*.email"] }),
    "@whodunit/logger": () => ours(record),
    "@whodunit/logger, with a context of two fields": () => ours(record, { tenant: "t1", shard: 4 }),
    "@whodunit/logger, redact: false": () => ours(record, undefined, false),
  };
}

function withPino(record: Make, options: object): Variant {
  const { write, lines } = reader();
  const log = pino(options, { write });
  return { run: (i) => log.info(record(i), "request-completed"), delivered: lines };
}

function ours(record: Make, fields?: Record<string, unknown>, redact?: false): Variant {
  activateSpan();
  const { write, lines } = reader();
  const log = createLogger({
    service: "bench",
    level: "debug",
    destination: { write },
    ...(redact === undefined ? {} : { redact }),
  });
  const run = (i: number) => log.debug("request-completed", record(i));
  if (fields === undefined) return { run, delivered: lines };
  // One context a batch of lines, as one a request.
  return {
    batch: 20,
    delivered: () => lines() / 10,
    run: (i) =>
      withContext(fields, () => {
        for (let line = 0; line < 10; line++) run(i + line);
      }),
  };
}
