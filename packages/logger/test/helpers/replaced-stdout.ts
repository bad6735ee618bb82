/**
 * A process whose stdout somebody else has taken over, in the way its argument says. What that somebody was given is
 * told on stderr as JSON; what is left goes to the descriptor.
 */
import { PassThrough } from "node:stream";
import { isMainThread, Worker } from "node:worker_threads";
import { createLogger } from "../../src/index.ts";

const [way = ""] = process.argv.slice(2);
const taken: string[] = [];
const take = (text: unknown): boolean => {
  taken.push(String(text));
  return true;
};
const tell = (): boolean => process.stderr.write(JSON.stringify(taken));

function log(): void {
  const logger = createLogger({ service: "app", level: "debug" });
  logger.debug("first", { n: 1 });
  logger.error("second", { n: 2 });
}

if (way === "write replaced before") {
  process.stdout.write = take as never;
  log();
  tell();
} else if (way === "write replaced after, and given back") {
  const logger = createLogger({ service: "app", level: "debug" });
  logger.debug("waits-for-its-batch");
  const { write } = process.stdout;
  process.stdout.write = take as never;
  logger.debug("first", { n: 1 });
  logger.error("second", { n: 2 });
  process.stdout.write = write;
  logger.debug("last");
  tell();
} else if (way === "stdout replaced") {
  const stream = new PassThrough();
  stream.on("data", take);
  Object.defineProperty(process, "stdout", { value: stream });
  log();
  setImmediate(tell);
} else if (way === "a collector that logs what it is given") {
  const logger = createLogger({ service: "collector", level: "debug" });
  process.stdout.write = ((text: string) => {
    logger.error("collected");
    return take(text);
  }) as never;
  log();
  tell();
} else if (way === "a worker thread") {
  if (isMainThread) {
    const worker = new Worker(new URL(import.meta.url), { argv: [way], stdout: true });
    worker.stdout.on("data", take);
    worker.once("exit", () => setImmediate(tell));
  } else log();
}
