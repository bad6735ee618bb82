/**
 * A process with 10,000 requests open, each with 6 debug lines below the threshold. It tells on stderr the heap that
 * these take. First argument: `on` or `off`, the recorder; second: the note on each line.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createLogger } from "../../src/index.ts";
import { beginRequest } from "./request.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const [recorder, note] = process.argv.slice(2);
const logger = createLogger({
  service: "web",
  level: "error",
  throttle: false,
  destination: { write: () => {} },
  ...(recorder === "off" ? { recorder: false } : {}),
});
const listener = () => {
  // A request's context becomes text with its first line, with or without a recorder.
  logger.error("line");
  for (let n = 0; n < 6; n++) logger.debug("line", { n, note });
};
const open: unknown[] = [];

// What the code itself takes, once it is compiled, is not the requests'.
for (let n = 0; n < 500; n++) beginRequest(logger, listener)(200);
collect();
collect();
const before = process.memoryUsage().heapUsed;
for (let n = 0; n < 10_000; n++) open.push(beginRequest(logger, listener));
collect();
collect();
const bytes = process.memoryUsage().heapUsed - before;
process.stderr.write(JSON.stringify({ bytes, open: open.length }));
