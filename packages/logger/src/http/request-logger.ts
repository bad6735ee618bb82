import type { IncomingMessage } from "node:http";
import type { Logger } from "../logger.ts";
import type { PinoLogger } from "../pino/pino-logger.ts";
import { REQUEST_ID_HEADER, requestId } from "./request-log.ts";

const LOGGER: unique symbol = Symbol("whodunit.logger");

interface Logged extends IncomingMessage {
  [LOGGER]?: Logger;
}

const PROPERTY: PropertyDescriptor & ThisType<Logged> = {
  configurable: true,
  enumerable: true,
  get(): PinoLogger | undefined {
    const logger = this[LOGGER];
    // The id once more: a handler may log after its async context is gone.
    const log = logger?.pino.child({ RequestID: requestId(this, REQUEST_ID_HEADER) });
    if (log !== undefined) setOwn(this, log);
    return log;
  },
  set(value: unknown) {
    setOwn(this, value);
  },
};

const prepared = new WeakSet<object>();

/**
 * Makes `logger` what a handler finds as `req.log`. The child with the request's id is made when somebody asks for it, by
 * a property of the application's own prototype of requests: most requests never do.
 */
export function giveLog(request: Logged, logger: Logger): void {
  const prototype: object = Object.getPrototypeOf(request);
  request[LOGGER] = logger;
  if (prepared.has(prototype)) return;
  if (!prepare(prototype)) {
    setOwn(request, logger.pino.child({ RequestID: requestId(request, REQUEST_ID_HEADER) }));
  }
}

// `app.request` of Express, and never the prototype that all requests of the process share.
function prepare(prototype: object): boolean {
  if (!Object.hasOwn(prototype, "app")) return false;
  try {
    Object.defineProperty(prototype, "log", PROPERTY);
    prepared.add(prototype);
    return true;
  } catch {
    // Somebody has made it so that it cannot be changed.
    return false;
  }
}

function setOwn(request: object, value: unknown): void {
  Object.defineProperty(request, "log", { configurable: true, enumerable: true, writable: true, value });
}
