import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@whodunit/logger";
import { pino } from "pino";
import type { Micro, Variant } from "../lib/micro.ts";
import { activateSpan } from "./setup.ts";

type Make = (i: number) => Record<string, unknown>;

const REDACT = ["*.authorization", "*.cookie", "*.email"];
const BUFFERED = { minLength: 4_096 };

/** The variants that write one record into a file, plain pino with a buffer first. */
export function destinationVariants(record: Make): Micro["variants"] {
  return {
    "pino, minLength 4096": () => withPino(record, {}, BUFFERED),
    "pino, minLength 4096, 3 wildcard redact paths": () => withPino(record, { redact: REDACT }, BUFFERED),
    "pino, a write a line": () => withPino(record, {}, {}),
    "pino, a write a line, 3 wildcard redact paths": () => withPino(record, { redact: REDACT }, {}),
    "@whodunit/logger": () => ours(record, "debug"),
    "@whodunit/logger, error lines": () => ours(record, "error"),
  };
}

function withPino(record: Make, options: object, buffering: object): Variant {
  const { path, lines } = file();
  const destination = pino.destination({ dest: path, sync: true, ...buffering });
  const log = pino(options, destination);
  return {
    run: (i) => log.info(record(i), "request-completed"),
    settle: async () => destination.flushSync(),
    delivered: lines,
  };
}

function ours(record: Make, level: "debug" | "error"): Variant {
  activateSpan();
  const { path, lines } = file();
  const log = createLogger({ service: "bench", level: "debug", destination: path, throttle: false });
  return {
    run: (i) => log[level]("request-completed", record(i)),
    settle: () => log.flush(),
    delivered: lines,
  };
}

/** A file in memory where there is such a place, so that no disk is measured; it is gone with the process. */
function file(): { readonly path: string; readonly lines: () => number } {
  const directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "whodunit-"));
  const path = join(directory, "log");
  process.on("exit", () => rmSync(directory, { recursive: true }));
  return { path, lines: () => linesOf(path) };
}

function linesOf(path: string): number {
  const fd = openSync(path, "r");
  const bytes = Buffer.allocUnsafe(1 << 20);
  let lines = 0;
  for (let read = readSync(fd, bytes); read > 0; read = readSync(fd, bytes)) {
    for (let i = 0; i < read; i++) if (bytes[i] === 10) lines++;
  }
  closeSync(fd);
  return lines;
}
