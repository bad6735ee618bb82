import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createLogger } from "@whodunit/logger";
import { pino } from "pino";
import type { Micro, Variant } from "../lib/micro.ts";
import { activateSpan, pinoWith, WILDCARD_PATHS } from "./setup.ts";

type Make = (i: number) => Record<string, unknown>;

const BUFFERING = { "minLength 4096": { minLength: 4_096 }, "a write a line": {} };

/** Where lines go, and how many have arrived there once all are written and the writer has closed. */
interface Destination {
  readonly path: string;
  readonly lines: () => Promise<number>;
}

/** The variants that write one record, plain pino with a buffer first. */
export function destinationVariants(record: Make, into: () => Destination): Micro["variants"] {
  const peers = Object.entries(BUFFERING).flatMap(([name, buffering]) => [
    [`pino, ${name}`, () => withPino(record, into(), {}, buffering)] as const,
    ...WILDCARD_PATHS.map(
      (redact) =>
        [`${pinoWith(redact)}, ${name}`, () => withPino(record, into(), { redact }, buffering)] as const,
    ),
  ]);
  return {
    ...Object.fromEntries(peers),
    "@whodunit/logger": () => ours(record, into(), "debug"),
    "@whodunit/logger, error lines": () => ours(record, into(), "error"),
  };
}

function withPino(record: Make, { path, lines }: Destination, options: object, buffering: object): Variant {
  const destination = pino.destination({ dest: path, sync: true, ...buffering });
  const log = pino(options, destination);
  let delivered = 0;
  return {
    run: (i) => log.info(record(i), "request-completed"),
    settle: async () => {
      destination.flushSync();
      destination.end();
      delivered = await lines();
    },
    delivered: () => delivered,
  };
}

function ours(record: Make, { path, lines }: Destination, level: "debug" | "error"): Variant {
  activateSpan();
  const log = createLogger({ service: "bench", level: "debug", destination: path, throttle: false });
  let delivered = 0;
  return {
    run: (i) => log[level]("request-completed", record(i)),
    settle: async () => {
      await log.close();
      delivered = await lines();
    },
    delivered: () => delivered,
  };
}

/** A file in memory where there is such a place, so that no disk is measured; it is gone with the process. */
export function file(): Destination {
  const path = pathIn(existsSync("/dev/shm") ? "/dev/shm" : tmpdir());
  return { path, lines: async () => linesOf(path) };
}

/** A pipe to a process that counts its lines, as a container's output is read. */
export function pipe(): Destination {
  const path = pathIn(tmpdir());
  execFileSync("mkfifo", [path]);
  const reader = spawn("sh", ["-c", 'exec wc -l < "$0"', path], { stdio: ["ignore", "pipe", "inherit"] });
  const counted = text(reader.stdout);
  // Opened when the reader has opened its end.
  const held = openSync(path, "w");
  return {
    path,
    lines: async () => {
      closeSync(held);
      return Number(await counted);
    },
  };
}

function pathIn(parent: string): string {
  const directory = mkdtempSync(join(parent, "whodunit-"));
  process.on("exit", () => rmSync(directory, { recursive: true }));
  return join(directory, "log");
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
