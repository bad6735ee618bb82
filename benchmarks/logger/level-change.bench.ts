import { createLogger } from "@whodunit/logger";
import type { Micro, Variant } from "../lib/micro.ts";

const LOGGERS = 10_000;
const nowhere = { write: () => {} };

/** Debug calls of 10,000 loggers, all off; before them, `change` is called. */
function calls(change: (log: ReturnType<typeof createLogger>) => void): Variant {
  const log = createLogger({ service: "bench", level: "error", destination: nowhere, recorder: false });
  const parent = log.child("some");
  const loggers = Array.from({ length: LOGGERS }, (_, n) =>
    parent.child(`part${n % 1_000}` as string, { n }),
  );
  return {
    batch: 1,
    run: () => {
      change(log);
      for (const each of loggers) each.debug("step");
    },
  };
}

export const micro: Micro = {
  title: "a level that changes for 10,000 loggers",
  note: "One debug call of each, all of them off. In the second and third row two changes come before: debug on for their prefix, and off again; each writes its line.",
  variants: {
    "no change": () => calls(() => {}),
    "setLevel twice": () =>
      calls((log) => {
        log.setLevel("bench-some", "debug");
        log.setLevel("bench-some", null);
      }),
    "setLevel twice, 100 other prefixes set": () => {
      const names = Array.from({ length: 100 }, (_, n) => `bench-other-part${n}`);
      let isSet = false;
      return calls((log) => {
        if (!isSet) for (const name of names) log.setLevel(name, "debug");
        isSet = true;
        log.setLevel("bench-some", "debug");
        log.setLevel("bench-some", null);
      });
    },
  },
};
