import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { median, type Row } from "../lib/results.ts";

const STALL_MS = 10_000;
const EXIT_MAX_MS = 5_000;
const BUFFER = Buffer.allocUnsafe(65_536);
const FLOOD = fileURLToPath(new URL("./flood.ts", import.meta.url));

export const title = "a reader that stalls for ten seconds, at 50,000 lines a second";
export const note =
  "A real pipe. The value is the longest time for which the event loop stood still; then come the growth of heap and resident set, and how long process.exit took with the reader still stalled.";
export const rounds = 1;

const VARIANTS = [
  { name: "@whodunit/logger, the reader reads", logger: "whodunit", reads: true },
  { name: "@whodunit/logger", logger: "whodunit", reads: false },
  { name: "pino.destination, sync", logger: "pino sync", reads: false },
  { name: "pino.destination, minLength 4096", logger: "pino async", reads: false },
];

interface Sample {
  readonly longestMs: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Undefined where the process did not leave by itself. */
  readonly exitMs: number | undefined;
}

/** Runs each variant in turn. */
export async function measure(times: number): Promise<Row[]> {
  const samples = new Map<string, Sample[]>(VARIANTS.map(({ name }) => [name, []]));
  for (let round = 0; round < times; round++) {
    for (const { name, logger, reads } of VARIANTS) samples.get(name)?.push(await run(logger, reads));
  }
  const [first = []] = samples.values();
  return [...samples].map(([name, own]) => {
    const ratios = own.map(({ longestMs }, i) => longestMs / (first[i]?.longestMs ?? Number.NaN));
    const middle = (pick: (sample: Sample) => number): number => median(own.map(pick));
    const exitMs = middle(({ exitMs = Number.NaN }) => exitMs);
    const exit = Number.isNaN(exitMs) ? `more than ${EXIT_MAX_MS} ms` : `${Math.round(exitMs)} ms`;
    return {
      name,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `${middle(({ longestMs }) => longestMs).toFixed(1)} ms`,
      note: `heap +${megabytes(middle((one) => one.heapBytes))}, resident +${megabytes(middle((one) => one.residentBytes))}, exit ${exit}`,
    };
  });
}

async function run(logger: string, reads: boolean): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-bench-"));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  const args = ["--conditions=@whodunit/source", FLOOD, logger, `${STALL_MS}`];
  const env = { ...process.env, NODE_ENV: "production" };
  const child = spawn(process.execPath, args, { stdio: ["ignore", writeFd, "pipe"], env });
  closeSync(writeFd);
  const ended = once(child, "close");
  const told = reports(child.stderr as Readable);
  const startsReading = Date.now() + (reads ? 0 : STALL_MS + 1_000);
  const reading = setInterval(() => {
    // A logger that waits for its reader tells nothing before it is read.
    if (Date.now() >= startsReading) drain(readFd);
  }, 1);
  try {
    const flood = await told.next();
    clearInterval(reading);
    child.kill("SIGUSR2");
    const left = await Promise.race([told.next(), delay(EXIT_MAX_MS)]);
    return { ...flood.value, ...left?.value } as Sample;
  } finally {
    clearInterval(reading);
    child.kill("SIGKILL");
    await ended;
    closeSync(readFd);
    rmSync(folder, { recursive: true });
  }
}

async function* reports(output: Readable): AsyncGenerator<Partial<Sample>, undefined> {
  for await (const line of createInterface({ input: output })) {
    if (line.startsWith("{")) yield JSON.parse(line) as Partial<Sample>;
  }
}

function drain(fd: number): void {
  try {
    while (readSync(fd, BUFFER) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
