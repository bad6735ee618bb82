import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Load } from "../lib/load-from.ts";
import { flatRecord, nested } from "../logger/records.ts";
import { activateSpan, reader } from "../logger/setup.ts";
import type { Loop, LoopSubject } from "./loop.ts";

type Make = (i: number) => Record<string, unknown>;
type LoggerPackage = typeof import("@whodunit/logger");

const NAME = "request-completed";
const NEWLINE = 10;

/** A debug line, redacted, with its name and trace ids: into a function, and into a file in memory. */
export const LINE: Readonly<Record<string, LoopSubject>> = {
  "line/flat/function": { operations: 3_000, make: (load) => intoFunction(load, flatRecord) },
  "line/nested/function": { operations: 1_000, make: (load) => intoFunction(load, nested) },
  "line/flat/file": { operations: 3_000, make: (load) => intoFile(load, flatRecord) },
  "line/nested/file": { operations: 1_000, make: (load) => intoFile(load, nested) },
};

async function intoFunction(load: Load, record: Make): Promise<Loop> {
  activateSpan();
  const { createLogger } = await load<LoggerPackage>("@whodunit/logger");
  const { write, lines } = reader();
  const log = createLogger({ service: "bench", level: "debug", destination: { write } });
  return { run: (i) => log.debug(NAME, record(i)), delivered: lines };
}

async function intoFile(load: Load, record: Make): Promise<Loop> {
  activateSpan();
  const { createLogger } = await load<LoggerPackage>("@whodunit/logger");
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "whodunit-compare-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  const path = join(folder, "log");
  const log = createLogger({ service: "bench", level: "debug", destination: path });
  let lines = 0;
  return {
    run: (i) => log.debug(NAME, record(i)),
    settle: async () => {
      await log.flush();
      const bytes = readFileSync(path);
      for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
      truncateSync(path);
    },
    delivered: () => lines,
  };
}
