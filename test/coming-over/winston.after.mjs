import { createLogger } from "@whodunit/logger";

const { pino } = createLogger({ service: "web" });
const winston = {
  error: pino.error.bind(pino),
  warn: pino.warn.bind(pino),
  info: pino.info.bind(pino),
  debug: pino.debug.bind(pino),
};
winston.info("listening", { port: 8080 });
winston.warn("slow answer", { host: "db-1" });
winston.error("order failed", { orderId: 3, password: "hunter2" });
