import { createLogger } from "@whodunit/logger";

const log = createLogger({ service: "web" }).pino;
log.info({ id: 7, password: "hunter2" }, "found user %s", "7");
log.warn({ host: "db-1" }, "slow answer");
log.error(new Error("db gone"));
log.child({ job: 3 }).error({ err: new RangeError("no stock") }, "order failed");
