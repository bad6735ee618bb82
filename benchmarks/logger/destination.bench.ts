import { createLogger } from "@whodunit/logger";
import { pino } from "pino";
import type { Micro } from "../lib/micro.ts";
import { flatRecord } from "./records.ts";

export const micro: Micro = {
  title: "one line of six fields into a file descriptor (/dev/null)",
  note: "pino by its default destination, one write a line, and with its largest useful buffer; we by ours, which batches debug lines up to 16 KB or 10 ms and writes error lines at once.",
  variants: {
    "pino.destination, sync": () => {
      const log = pino({}, pino.destination({ dest: "/dev/null", sync: true }));
      return { run: (i) => log.info(flatRecord(i), "request-completed") };
    },
    "pino.destination, minLength 4096": () => {
      const log = pino({}, pino.destination({ dest: "/dev/null", sync: true, minLength: 4_096 }));
      return { run: (i) => log.info(flatRecord(i), "request-completed") };
    },
    "@whodunit/logger, debug": () => {
      const log = createLogger({ service: "bench", level: "debug", destination: "/dev/null" });
      return { run: (i) => log.debug("request-completed", flatRecord(i)) };
    },
    "@whodunit/logger, error": () => {
      const options = { service: "bench", destination: "/dev/null", throttle: false } as const;
      const log = createLogger(options);
      return { run: (i) => log.error("request-completed", flatRecord(i)) };
    },
  },
};
