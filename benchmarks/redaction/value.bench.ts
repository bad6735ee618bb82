import { createRedactor } from "@whodunit/redaction";
import type { Micro, Variant } from "../lib/micro.ts";
import { nested } from "../logger/records.ts";

const over = (copy: (value: unknown) => unknown): Variant => ({ run: (i) => void copy(nested(i)) });

export const micro: Micro = {
  title: "a clean copy of a request record",
  note: "1 KB, three levels, three secrets. The other rows copy and redact nothing.",
  variants: {
    structuredClone: () => over((value) => structuredClone(value)),
    "JSON.parse(JSON.stringify())": () => over((value) => JSON.parse(JSON.stringify(value))),
    "redactValue()": () => {
      const { redactValue } = createRedactor();
      return over((value) => redactValue(value));
    },
  },
};
