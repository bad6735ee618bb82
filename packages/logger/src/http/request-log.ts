import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { context, type Context as OtelContext, propagation } from "@opentelemetry/api";
import { type ObservedRequest, type RequestEnd, withDebugEntry } from "@whodunit/core";
import { Context, runInContext } from "../context.ts";
import type { Fields, Logger } from "../logger.ts";
import type { PinoLogger } from "../pino/pino-logger.ts";

const ID: unique symbol = Symbol("whodunit.request-id");
const ID_HEADER = "x-request-id";
// Short, and made of characters that are harmless in a header, a file name, a shell and a page.
const ID_SHAPE = /^[\w.-]{1,64}$/;

/**
 * The request's id: the caller's, where `x-request-id` is short and harmless, else one made now. The same
 * for whoever asks.
 */
export function requestId(request: IncomingMessage & { [ID]?: string }): string {
  const known = request[ID];
  if (known !== undefined) return known;
  const given = request.headers[ID_HEADER];
  const id = typeof given === "string" && ID_SHAPE.test(given) ? given : randomUUID();
  request[ID] = id;
  return id;
}

/**
 * Runs `next` inside the request's log context: `RequestID` is on every line, goes back to the caller in
 * `x-request-id`, and one line is written when the request ends. Whodunit's own routes get none of it.
 */
export function enterRequest(logger: Logger, observed: ObservedRequest, next: () => void): void {
  // Registered twice, it still is one request.
  if (observed.quiet || !observed.claim("line")) {
    next();
    return;
  }
  const id = requestId(observed.request);
  const { response } = observed;
  if (!response.headersSent && !response.hasHeader(ID_HEADER)) response.setHeader(ID_HEADER, id);
  const { core } = logger;
  const state = core.requestState(observed);
  observed.onEnd((end) => {
    logEnd(logger, observed, end);
    core.endRequest(state);
  });
  const logged = () => runInContext(new Context({ RequestID: id }, state), () => observed.enter(next));
  if (state.debugToken !== undefined) context.with(carrying(state.debugToken), logged);
  else logged();
}

/** The active context with the request's debug token in its baggage, so that it reaches the services called. */
function carrying(token: string): OtelContext {
  const active = context.active();
  const baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
  return propagation.setBaggage(active, withDebugEntry(baggage, token));
}

/** The logger that a handler finds as `req.log`. */
export function requestLogger(logger: Logger, request: IncomingMessage): PinoLogger {
  // The id once more: a handler may log after its async context is gone.
  return logger.pino.child({ RequestID: requestId(request) });
}

function logEnd(logger: Logger, observed: ObservedRequest, end: RequestEnd): void {
  const { status } = end;
  const fields: Record<string, unknown> = {
    method: observed.request.method,
    // Never the URL: it holds values. `*` is what no route matched.
    route: observed.route ?? "*",
    status,
    duration: Math.round(end.durationMs * 10) / 10,
  };
  if (end.aborted) {
    logger.debug("http-abort", fields satisfies Fields);
  } else if (status >= 500) {
    if (observed.error !== undefined) fields.err = observed.error;
    logger.error("http-response", fields satisfies Fields);
  } else {
    logger.debug("http-response", fields satisfies Fields);
  }
}
