import type { Micro } from "../lib/micro.ts";
import { lineVariants } from "./line.ts";
import { flatRecord } from "./records.ts";

export const micro: Micro = {
  title: "one line, a flat record of six fields",
  note: "Default redaction, name and trace ids on for us; pino plain and with three redact paths. Both into a function that makes bytes of the line and counts.",
  variants: lineVariants(flatRecord),
};
