export { withContext } from "./context.ts";
export type { Level } from "./level.ts";
export type { Limits } from "./limits.ts";
export type { Fields, Logger, SetLevelOptions } from "./logger.ts";
export { createLogger } from "./logger.ts";
export type { LoggerOptions } from "./options.ts";
export type { PinoLogger } from "./pino-bridge.ts";
export type { LoggerCounts } from "./root.ts";
export type { LineDestination } from "./stream-sink.ts";
