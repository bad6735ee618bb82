/** A process that logs fields and contexts under as many keys of 100 KB as its argument says, each another. */
import { createLogger, withContext } from "../../src/index.ts";

const log = createLogger({ service: "keys", throttle: false, destination: { write: () => {} } });
const long = "key ".repeat(25_000);
for (let n = 0; n < Number(process.argv[2]); n++) {
  log.error("line", { [`${n}${long}`]: n });
  withContext({ [`${n}-${long}`]: n }, () => log.error("line"));
}
