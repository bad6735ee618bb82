import { createLogger } from "@whodunit/logger";
import { pino } from "pino";
import type { Micro, Variant } from "../lib/micro.ts";

const FIELDS = { status: 200, duration: 252.2 };
const nowhere = { write: () => {} };

function ours(recorder: false | undefined): Variant {
  const options = recorder === undefined ? {} : { recorder };
  const log = createLogger({ service: "bench", level: "error", destination: nowhere, ...options });
  return {
    batch: 10_000,
    run: () => log.debug("request-completed", FIELDS),
  };
}

export const micro: Micro = {
  title: "a debug call while the level is error",
  note: "The recorder is on by default; outside a request it has nothing to do but look.",
  variants: {
    pino: () => {
      const log = pino({ level: "error" }, nowhere);
      return { batch: 10_000, run: () => log.debug(FIELDS, "request-completed") };
    },
    "@whodunit/logger, recorder: false": () => ours(false),
    "@whodunit/logger": () => ours(undefined),
  },
};
