/**
 * A process that logs more at once than its backlog holds, waits until there is a file of the name that its argument
 * gives, and leaves by process.exit with a listener that logs too. Tells on stderr how many lines were dropped.
 */
import { existsSync } from "node:fs";
import { createLogger } from "../../src/index.ts";

const PAUSE_MS = 5;
const sleep = new Int32Array(new SharedArrayBuffer(4));

const log = createLogger({ service: "last", level: "debug" });
const note = "x".repeat(8_000);
for (let n = 0; n < 2_000; n++) log.debug("line", { n, note });
process.stderr.write(`${JSON.stringify({ dropped: log.counts().dropped })}\n`);
process.on("exit", () => log.debug("exit"));
while (!existsSync(process.argv[2]!)) Atomics.wait(sleep, 0, 0, PAUSE_MS);
process.exit(0);
