import { createLogger } from "@whodunit/logger";

const log = createLogger({ service: "web" });
console.error = log.pino.error.bind(log.pino);
console.error("order %d failed", 3, new RangeError("no stock for ada@example.org"));
