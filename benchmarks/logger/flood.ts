/**
 * Logs 50,000 lines a second into stdout for as many milliseconds as the second argument says, by the logger that the
 * first one names; tells on stderr what that did to the process; and leaves by process.exit at a SIGUSR2, saying
 * how long that took.
 */
import { createLogger } from "@whodunit/logger";
import { pino } from "pino";

const PER_MS = 50;
const PAUSE_MS = 2;
const BURST_MAX = 500;
const RECORD = { status: 200, note: "x".repeat(100) };

type Write = (n: number, isError: boolean) => void;

const loggers: Readonly<Record<string, () => Write>> = {
  whodunit: () => {
    const log = createLogger({ service: "flood", level: "debug", throttle: false });
    return (n, isError) => log[isError ? "error" : "debug"]("line", { n, ...RECORD });
  },
  "pino sync": () => withPino({ sync: true }),
  "pino async": () => withPino({ sync: false, minLength: 4_096 }),
};

function withPino(options: object): Write {
  const log = pino({}, pino.destination({ dest: 1, ...options }));
  return (n, isError) => log[isError ? "error" : "info"]({ n, ...RECORD }, "line");
}

const [name = "", forMs] = process.argv.slice(2);
const write = loggers[name]?.();
if (write === undefined) throw new Error(`No logger is named "${name}"`);
const lines = Number(forMs) * PER_MS;
const before = process.memoryUsage();
let [n, longestMs, heapBytes, residentBytes] = [0, 0, 0, 0];
const start = performance.now();
let last = start;

function burst(): void {
  const now = performance.now();
  longestMs = Math.max(longestMs, now - last - PAUSE_MS);
  last = now;
  const due = Math.min(lines, (now - start) * PER_MS, n + BURST_MAX);
  for (; n < due; n++) write?.(n, n % 100 === 99);
  const { heapUsed, rss } = process.memoryUsage();
  heapBytes = Math.max(heapBytes, heapUsed - before.heapUsed);
  residentBytes = Math.max(residentBytes, rss - before.rss);
  if (n < lines) setTimeout(burst, PAUSE_MS);
  else process.stderr.write(`${JSON.stringify({ longestMs, heapBytes, residentBytes })}\n`);
}
setTimeout(burst, PAUSE_MS);

setInterval(() => {}, 1_000);
process.once("SIGUSR2", () => {
  const asked = performance.now();
  process.on("exit", () =>
    process.stderr.write(`${JSON.stringify({ exitMs: performance.now() - asked })}\n`),
  );
  process.exit(0);
});
