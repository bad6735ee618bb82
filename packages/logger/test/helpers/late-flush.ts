/** Logs into the destination that its argument names, then flushes and closes; tells on stdout when each has settled. */
import { createLogger } from "../../src/index.ts";

const [destination = ""] = process.argv.slice(2);
const log = createLogger({ service: "late", level: "debug", destination });
const note = "x".repeat(4_000);
for (let n = 0; n < 50; n++) log.error("line", { n, note });
await log.flush();
process.stdout.write("flushed ");
await log.close();
process.stdout.write(`closed ${log.counts().dropped}`);
