import type { Micro } from "../lib/micro.ts";
import { destinationVariants, pipe } from "./destination.ts";
import { nested } from "./records.ts";

export const micro: Micro = {
  title: "one line, a nested request record of 1 KB, into a pipe",
  note: "Default redaction, name and trace ids on for us; pino plain and with three redact paths, into its own destination. The pipe is read by `wc -l`, whose count is checked. We batch debug lines up to 16 KB or 10 ms and write error lines at once.",
  variants: destinationVariants(nested, pipe),
};
