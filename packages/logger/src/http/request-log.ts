import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { context, type Context as OtelContext, propagation } from "@opentelemetry/api";
import { isSlow, type ObservedRequest, type RequestEnd, runWithLog, withDebugEntry } from "@whodunit/core";
import { Context, type RequestState } from "../context.ts";
import type { Fields, Logger } from "../logger.ts";

/** Where a request's id comes from and goes back to, unless the service names another header. */
export const REQUEST_ID_HEADER = "x-request-id";

const ID: unique symbol = Symbol("whodunit.request-id");
// Characters that are harmless in a header, a file name, a shell and a page.
const HARMLESS: Uint8Array = new Uint8Array(128);
for (let code = 0; code < HARMLESS.length; code++) {
  if (/[\w.-]/.test(String.fromCharCode(code))) HARMLESS[code] = 1;
}
const HARMLESS_MAX_LENGTH = 64;
const ID_MAX_LENGTH = 200;

interface Identified extends Pick<IncomingMessage, "headers"> {
  [ID]?: string;
  /** What frameworks and other middleware call it. */
  readonly id?: unknown;
}

/**
 * The request's id: the one it has already (`request.id`), else the caller's, where the header is short and harmless, else
 * one made now. The same for whoever asks.
 *
 * @param header the request header that holds the caller's, in lower case
 */
export function requestId(request: Identified, header: string): string {
  const known = request[ID];
  if (known !== undefined) return known;
  const given = request.headers[header];
  const id = idFrom(request.id) ?? (typeof given === "string" && isHarmless(given) ? given : randomUUID());
  request[ID] = id;
  return id;
}

/** Has `id` be the request's, where it is one; a framework may have made its own. */
export function takeRequestId(request: Identified, id: unknown): void {
  const taken = idFrom(id);
  if (taken !== undefined) request[ID] ??= taken;
}

// A loop: every request has an id, and one of a few hundred a second finds nothing of a regular expression's engine at hand.
function isHarmless(id: string): boolean {
  const { length } = id;
  if (length === 0 || length > HARMLESS_MAX_LENGTH) return false;
  for (let index = 0; index < length; index++) if (HARMLESS[id.charCodeAt(index)] !== 1) return false;
  return true;
}

/** Whether a framework's id of a request can be told as it is. */
export function isRequestId(id: unknown): boolean {
  return idFrom(id) !== undefined;
}

function idFrom(id: unknown): string | undefined {
  const text = typeof id === "number" ? String(id) : id;
  return typeof text === "string" && text !== "" && text.length <= ID_MAX_LENGTH ? text : undefined;
}

/** What is kept of a request until its line is written. */
class LoggedRequest {
  readonly logger: Logger;
  readonly state: RequestState;

  constructor(logger: Logger, state: RequestState) {
    this.logger = logger;
    this.state = state;
  }
}

/**
 * Runs `next` inside the request's log context: `RequestID` is on every line, goes back to the caller in
 * `header`, and one line is written when the request ends, unless Whodunit itself answers it.
 */
export function enterRequest(
  logger: Logger,
  observed: ObservedRequest,
  header: string,
  next: () => void,
): void {
  if (observed.isOwn) {
    next();
    return;
  }
  if (observed.isLikelyOwn && observed.end === undefined) {
    observed.onEnd(enterLate, { logger, header });
    next();
    return;
  }
  // Registered twice, it still is one request.
  if (!observed.claim("line")) {
    next();
    return;
  }
  const id = requestId(observed.request, header);
  if (isHarmless(id)) observed.addHeader(header, id);
  const state = logger.core.gates.requestState(observed);
  const logged = new Context({ RequestID: id }, state);
  if (observed.end !== undefined) {
    runWithLog(logged, () => observed.onEnd(endRequest, new LoggedRequest(logger, state)));
    next();
    return;
  }
  observed.onEnd(endRequest, new LoggedRequest(logger, state));
  const { debugToken } = state;
  if (debugToken !== undefined) context.with(carrying(debugToken), () => observed.enterLog(logged, next));
  else observed.enterLog(logged, next);
}

// Whose request it was is known by now.
function enterLate(
  _end: RequestEnd,
  observed: ObservedRequest,
  { logger, header }: { readonly logger: Logger; readonly header: string },
): void {
  enterRequest(logger, observed, header, () => {});
}

/** The active context with the request's debug token in its baggage, so that it reaches the services called. */
function carrying(token: string): OtelContext {
  const active = context.active();
  const baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
  return propagation.setBaggage(active, withDebugEntry(baggage, token));
}

function endRequest(end: RequestEnd, observed: ObservedRequest, { logger, state }: LoggedRequest): void {
  if (!observed.isOwn) logEnd(logger, observed, end, state);
  state.end();
}

function logEnd(logger: Logger, observed: ObservedRequest, end: RequestEnd, state: RequestState): void {
  const { status, outcome } = end;
  const failed = outcome === "torn" || (status !== undefined && status >= 500);
  const name = outcome === "aborted" ? "http-abort" : "http-response";
  const isKept = !failed && state.recorder !== undefined && isSlow(end);
  // Nothing comes after it that could ask for a recorded line.
  if (!failed && !isKept && !logger.writesDebug(name)) return;
  const fields: Record<string, unknown> = {
    method: observed.request.method,
    // Never the URL: it holds values. `*` is what no route matched.
    route: observed.route ?? "*",
    status,
    duration: Math.round(end.durationMs * 10) / 10,
  };
  if (outcome === "torn") fields.torn = true;
  if (failed && observed.error !== undefined) fields.err = observed.error;
  addDescribed(fields, observed.described);
  if (failed) {
    logger.error(name, fields satisfies Fields);
  } else logger.debug(name, fields satisfies Fields);
  if (isKept) state.release();
}

/** Adds what the service told of the request; what has the name of a field of ours gets a `_` before it. */
function addDescribed(fields: Record<string, unknown>, described: readonly unknown[] | undefined): void {
  if (described === undefined) return;
  const own = new Set(Object.keys(fields));
  for (let i = 0; i < described.length; i += 2) {
    const name = described[i] as string;
    fields[own.has(name) ? `_${name}` : name] = described[i + 1];
  }
}
