/**
 * A process that logs 50,000 lines a second for as many milliseconds as its argument says, every hundredth an
 * error line, and tells on stderr how that went: lines written, the longest gap of its event loop, growth.
 */
import { createLogger } from "../../src/index.ts";

const log = createLogger({ service: "flood", level: "debug", throttle: false });
const forMs = Number(process.argv[2]);
const record = { status: 200, note: "x".repeat(100) };

log.debug("warm-up");
const memory = process.memoryUsage();
let [n, gap, start, last, grown, resident] = [0, 0, 0, 0, 0, 0];

function burst(): void {
  const now = performance.now();
  if (start === 0) start = last = now;
  gap = Math.max(gap, now - last);
  const due = Math.min(now - start, forMs) * 50;
  for (; n < due; n++) {
    if (n % 100 === 99) log.error("failed", { n, ...record });
    else log.debug("line", { n, ...record });
  }
  const { heapUsed, rss } = process.memoryUsage();
  grown = Math.max(grown, heapUsed - memory.heapUsed);
  resident = Math.max(resident, rss - memory.rss);
  last = performance.now();
  if (last - start < forMs) setTimeout(burst, 2);
  else process.stderr.write(`${JSON.stringify({ n, gap, grown, resident, counts: log.counts() })}\n`);
}

// Until the test has begun to read the pipe, or wants the process to leave with the reader still stalled.
const alive = setInterval(() => {}, 1_000);
process.once("SIGUSR2", () => {
  const asked = performance.now();
  process.on("exit", () =>
    process.stderr.write(`${JSON.stringify({ tookMs: performance.now() - asked })}\n`),
  );
  process.exit(0);
});
process.once("SIGHUP", () => {
  clearInterval(alive);
  void log.flush().then(() => process.stderr.write(`${JSON.stringify({ dropped: log.counts().dropped })}\n`));
});
setTimeout(burst, 50);
