import { createLogger } from "@whodunit/logger";
import { pino } from "pino";
import type { Micro, Variant } from "../lib/micro.ts";

const nowhere = { write: () => {} };
const IDS = Array.from({ length: 64 }, (_, i) => `5c522f9b-${i}`);

function ours(make: (log: ReturnType<typeof createLogger>, id: string) => unknown): Variant {
  const log = createLogger({ service: "bench", level: "debug", destination: nowhere });
  return { run: (i) => void make(log, IDS[i & 63] as string) };
}

export const micro: Micro = {
  title: "a child logger",
  note: "With one field of text; by name; and by both. Redaction of the field included for us.",
  variants: {
    "pino.child({ RequestID })": () => {
      const log = pino({}, nowhere);
      return { run: (i) => void log.child({ RequestID: IDS[i & 63] }) };
    },
    "log.child({ RequestID })": () => ours((log, RequestID) => log.child({ RequestID })),
    'log.child("http")': () => ours((log) => log.child("http")),
    'log.child("http", { RequestID })': () => ours((log, RequestID) => log.child("http", { RequestID })),
  },
};
