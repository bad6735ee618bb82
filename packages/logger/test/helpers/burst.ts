/**
 * A process that logs as many lines of 1 KB as its argument says in one turn of the event loop, and tells on stderr how
 * many were dropped.
 */
import { createLogger } from "../../src/index.ts";

const log = createLogger({ service: "burst", level: "debug", throttle: false });
const note = "x".repeat(900);
for (let n = 0; n < Number(process.argv[2]); n++) log.debug("line", { n, note });
await log.flush();
process.stderr.write(`${JSON.stringify({ dropped: log.counts().dropped })}\n`);
