/**
 * A process that logs and then leaves by the way its first argument names. The second is where the lines go
 * (`-`: stdout), the third how many there are, each with its number.
 */
import { createLogger } from "../../src/index.ts";

const [way, destination, count] = process.argv.slice(2);
const log = createLogger({
  service: "writer",
  level: "debug",
  throttle: false,
  ...(destination === "-" ? {} : { destination }),
});

for (let n = 0; n < Number(count); n++) {
  if (n % 2 === 0) log.debug("line", { n });
  else log.error(n % 3 === 0 ? "failed" : "failed-again", { n });
}

if (way === "exit") process.exit(0);
if (way === "throw") throw new Error("uncaught");
if (way === "reject") void Promise.reject(new Error("unhandled"));
if (way === "abort") process.abort();
if (way === "own-handler") process.on("SIGTERM", () => setTimeout(() => process.exit(0), 20));
if (way === "signal" || way === "own-handler") {
  setInterval(() => {}, 1_000);
  process.stderr.write("ready\n");
}
