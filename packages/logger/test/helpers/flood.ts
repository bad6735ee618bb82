/**
 * A process that logs 50,000 lines a second for as many milliseconds as its argument says, every hundredth an
 * error line, and tells on stderr how that went: lines written, the gaps of its event loop, growth. A second
 * argument says where the lines go.
 */
import { readFileSync } from "node:fs";
import { createLogger } from "../../src/index.ts";

const PER_MS = 50;
const PAUSE_MS = 2;
// Whoever was late catches up in more than one turn.
const BURST_MAX = 500;
const GAP_MAX_MS = 20;

const [forMs, destination] = process.argv.slice(2);
const lines = Number(forMs) * PER_MS;
const log = createLogger({
  service: "flood",
  level: "debug",
  throttle: false,
  ...(destination === undefined ? {} : { destination }),
});
const record = { status: 200, note: "x".repeat(100) };

log.debug("warm-up");
const memory = process.memoryUsage();
let [n, gap, longGaps, grown, resident] = [0, 0, 0, 0, 0];
let start = 0;
let last = { at: 0, waited: 0 };

function burst(): void {
  const now = clock();
  if (start === 0) start = now.at;
  else {
    const turn = now.at - last.at - (now.waited - last.waited) - PAUSE_MS;
    gap = Math.max(gap, turn);
    if (turn > GAP_MAX_MS) longGaps++;
  }
  last = now;
  const due = Math.min(lines, (now.at - start) * PER_MS, n + BURST_MAX);
  for (; n < due; n++) {
    if (n % 100 === 99) log.error("failed", { n, ...record });
    else log.debug("line", { n, ...record });
  }
  const { heapUsed, rss } = process.memoryUsage();
  grown = Math.max(grown, heapUsed - memory.heapUsed);
  resident = Math.max(resident, rss - memory.rss);
  if (n < lines) setTimeout(burst, PAUSE_MS);
  else
    process.stderr.write(`${JSON.stringify({ n, gap, longGaps, grown, resident, counts: log.counts() })}\n`);
}

/** The time, and for how much of it this thread waited for a core that others had: both in milliseconds. */
function clock(): { at: number; waited: number } {
  const [, waitedNs] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
  return { at: performance.now(), waited: Number(waitedNs) / 1e6 };
}

// Until the test has begun to read, or wants the process to leave with the reader still stalled.
const alive = setInterval(() => {}, 1_000);
process.once("SIGUSR2", () => {
  const asked = clock();
  process.on("exit", () => {
    const left = clock();
    const tookMs = left.at - asked.at - (left.waited - asked.waited);
    process.stderr.write(`${JSON.stringify({ tookMs, dropped: log.counts().dropped })}\n`);
  });
  process.exit(0);
});
process.once("SIGHUP", () => {
  clearInterval(alive);
  void log.flush().then(() => process.stderr.write(`${JSON.stringify({ dropped: log.counts().dropped })}\n`));
});
setImmediate(burst);
