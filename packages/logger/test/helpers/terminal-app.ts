import { createLogger } from "../../src/index.ts";

const pretty = { on: true, off: false }[process.argv[2] ?? ""];
const log = createLogger({ service: "brkr", ...(pretty === undefined ? {} : { pretty }) });
log.child("http").debug("response", { status: 200, note: "\u202etfel", to: "ada@example.org" });
log.error("fail", { err: new Error("Boom", { cause: new Error("Inner") }) });
