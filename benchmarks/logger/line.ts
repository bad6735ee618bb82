import { createLogger } from "@whodunit/logger";
import { pino } from "pino";
import type { Micro, Variant } from "../lib/micro.ts";
import { activateSpan, pinoWith, reader, WILDCARD_PATHS } from "./setup.ts";

type Make = (i: number) => Record<string, unknown>;

/** The variants that write one record, plain pino first. */
export function lineVariants(record: Make): Micro["variants"] {
  return {
    pino: () => withPino(record, {}),
    ...Object.fromEntries(
      WILDCARD_PATHS.map((redact) => [pinoWith(redact), () => withPino(record, { redact })] as const),
    ),
    "@whodunit/logger": () => ours(record),
    "@whodunit/logger, redact: false": () => ours(record, false),
  };
}

function withPino(record: Make, options: object): Variant {
  const { write, lines } = reader();
  const log = pino(options, { write });
  return { run: (i) => log.info(record(i), "request-completed"), delivered: lines };
}

function ours(record: Make, redact?: false): Variant {
  activateSpan();
  const { write, lines } = reader();
  const log = createLogger({
    service: "bench",
    level: "debug",
    destination: { write },
    ...(redact === undefined ? {} : { redact }),
  });
  return { run: (i) => log.debug("request-completed", record(i)), delivered: lines };
}
