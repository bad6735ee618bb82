import { AsyncResource } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { reportFault } from "../process/report-fault.ts";

/** How an observed request ended. Told once. */
export interface RequestEnd {
  /** The response's status code; what had been set when the client went away, if it did. */
  readonly status: number;
  /** True when the connection closed before the response was complete. */
  readonly aborted: boolean;
  /** From the first look at the request to its end, in milliseconds. */
  readonly durationMs: number;
}

/** Told of a request's end, with what was given to {@link ObservedRequest.onEnd} beside it. */
export type RequestEndListener<State> = (end: RequestEnd, observed: ObservedRequest, state: State) => void;

/** What is made of a request once, whoever makes it: its server span, its log line. */
export type RequestPart = "span" | "line";

// Bits in the request itself: a WeakSet of requests costs the garbage collector more than all the rest.
const PARTS: Readonly<Record<RequestPart, number>> = { span: 1, line: 2 };

// Symbol.for: two copies of this package in one process still share the one observed request.
const OBSERVED = Symbol.for("whodunit.request");
const IN_FLIGHT = Symbol.for("whodunit.requests-in-flight");
const process_ = globalThis as { [IN_FLIGHT]?: { count: number } };
process_[IN_FLIGHT] ??= { count: 0 };
const inFlight = process_[IN_FLIGHT];

// Nothing hangs on the end of the resource, so that Node need not watch for it.
const MANUAL = { requireManualDestroy: true } as const;

type EmitArguments = [event: string | symbol, ...args: unknown[]];
type Emitter = { emit(...args: EmitArguments): boolean };
type Tagged = { [OBSERVED]?: ObservedRequest };

/**
 * One request as all plugins see it, whichever of them came first: start, route, error, end. It is made by
 * the first {@link observeRequest} for a `req` object and shared by every later one.
 */
export class ObservedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the request was first seen, as `performance.now()`, in milliseconds. */
  readonly startedAt: number = performance.now();
  /** True for `/health/*` and `/debug/*`: no line, no span, no traffic. */
  readonly quiet: boolean;
  /** What the handler threw or passed on, where an adapter saw it. */
  error: unknown = undefined;
  #claims = 0;
  #end: RequestEnd | undefined;
  #named: string | undefined;
  #findRoute: ((source: unknown) => string | undefined) | undefined;
  #routeSource: unknown;
  // Listener and state in turn.
  #listeners: unknown[] = [];
  #scope: AsyncResource | undefined;
  #requestEmit: Emitter["emit"] | undefined;
  #responseEmit: Emitter["emit"] | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.quiet = isQuietPath(request.url ?? "");
    if (!this.quiet) inFlight.count++;
    response.on("finish", onFinish);
    response.on("close", onClose);
    // Who looks first when all is over hears neither event: an asynchronous hook stood before, and the client left.
    if (response.destroyed) queueMicrotask(() => this.settleInContext(!response.writableFinished));
    // A pipelined response that waits behind another has no socket yet and never closes with it.
    else if (response.socket === null) settleWithSocket(request.socket, this);
  }

  /** The route pattern (`/users/:id`), never the URL; undefined while unknown and where nothing matched. */
  get route(): string | undefined {
    return this.#named ?? this.#findRoute?.(this.#routeSource);
  }

  /** Names the route, whatever a framework says. */
  nameRoute(route: string): void {
    this.#named = route;
  }

  /**
   * Tells how to learn the route, for frameworks know it only after the first hook; the first to tell is asked.
   * `find` is a function of its module and gets `source`: closures that each request keeps live long enough to be
   * taken for old, and then all that they hold waits for a full collection.
   */
  routeBy<Source>(find: (source: Source) => string | undefined, source: Source): void {
    if (this.#findRoute !== undefined) return;
    this.#findRoute = find as (source: unknown) => string | undefined;
    this.#routeSource = source;
  }

  /** True for the first who asks for this part: a plugin that is registered twice still does its work once. */
  claim(part: RequestPart): boolean {
    const bit = PARTS[part];
    const first = (this.#claims & bit) === 0;
    this.#claims |= bit;
    return first;
  }

  /** How it ended, once it has. */
  get end(): RequestEnd | undefined {
    return this.#end;
  }

  /**
   * Calls `listener` once when the request ends, in the context of the last {@link enter}; at once when it
   * already has. What a listener throws goes nowhere near the service. `state` is handed to it: one function then
   * serves all requests.
   */
  onEnd(listener: (end: RequestEnd, observed: ObservedRequest) => void): void;
  onEnd<State>(listener: RequestEndListener<State>, state: State): void;
  onEnd<State>(listener: RequestEndListener<State>, state?: State): void {
    if (this.#end === undefined) this.#listeners.push(listener, state);
    else this.#tell(listener as RequestEndListener<unknown>, state, this.#end);
  }

  /**
   * Runs `next` and makes the async context of this call the request's: events of `req` and `res` (body
   * chunks, `finish`, `close`) are then emitted in it, not in the connection's. Call it inside
   * `asyncLocalStorage.run(store, …)`; the last caller's context, which holds those before it, wins.
   */
  enter(next: () => void): void {
    // What AsyncLocalStorage.snapshot() does, at a third of its cost: no bound function with copied properties.
    this.#scope = new AsyncResource("WhodunitRequest", MANUAL);
    if (this.#responseEmit === undefined) {
      this.#responseEmit = (this.response as Emitter).emit;
      (this.response as Emitter).emit = emitInContext;
      if (hasBody(this.request)) {
        this.#requestEmit = (this.request as Emitter).emit;
        (this.request as Emitter).emit = emitInContext;
      }
    }
    next();
  }

  /** @internal Emits an event of `req` or `res` in the request's context. */
  emit(target: Emitter, args: EmitArguments): boolean {
    const emit = target === (this.response as Emitter) ? this.#responseEmit : this.#requestEmit;
    return (this.#scope as AsyncResource).runInAsyncScope(emit as Emitter["emit"], target, ...args);
  }

  /** @internal Takes the first sign of the end for the end. */
  settle(aborted: boolean): void {
    if (this.#end !== undefined) return;
    if (!this.quiet) inFlight.count--;
    const end = {
      status: this.response.statusCode,
      aborted,
      durationMs: performance.now() - this.startedAt,
    };
    this.#end = end;
    waiting.get(this.request.socket)?.delete(this);
    const listeners = this.#listeners;
    this.#listeners = [];
    for (let i = 0; i < listeners.length; i += 2) {
      this.#tell(listeners[i] as RequestEndListener<unknown>, listeners[i + 1], end);
    }
  }

  /** @internal The same in the request's context, for who hears of the end outside of it. */
  settleInContext(aborted: boolean): void {
    if (this.#scope === undefined) this.settle(aborted);
    else this.#scope.runInAsyncScope(this.settle, this, aborted);
  }

  #tell(listener: RequestEndListener<unknown>, state: unknown, end: RequestEnd): void {
    try {
      listener(end, this, state);
    } catch (error) {
      reportFault("WHODUNIT_REQUEST_LISTENER", error);
    }
  }
}

// One listener per socket however deep the pipeline: Node warns of a leak from eleven on.
const waiting = new WeakMap<Socket, Set<ObservedRequest>>();

function settleWithSocket(socket: Socket, observed: ObservedRequest): void {
  const queue = waiting.get(socket);
  if (queue !== undefined) {
    queue.add(observed);
    return;
  }
  const first = new Set([observed]);
  waiting.set(socket, first);
  socket.once("close", () => {
    for (const each of first) each.settleInContext(true);
  });
}

// Shared functions in place of closures: they are attached to every request.
function onFinish(this: ServerResponse & Tagged): void {
  this[OBSERVED]?.settle(false);
}

function onClose(this: ServerResponse & Tagged): void {
  this[OBSERVED]?.settle(!this.writableFinished);
}

function emitInContext(this: Emitter & Tagged, ...args: EmitArguments): boolean {
  return (this[OBSERVED] as ObservedRequest).emit(this, args);
}

// RFC 9112, section 6: a request has a body when it says so by Content-Length or Transfer-Encoding.
function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/** Whether a URL path belongs to Whodunit's own routes, which leave no trace: `/health/*` and `/debug/*`. */
export function isQuietPath(url: string): boolean {
  return url.startsWith("/health/") || url.startsWith("/debug/");
}

/** The observed request of a `req`/`res` pair, made now if nobody has asked before. */
export function observeRequest(request: IncomingMessage, response: ServerResponse): ObservedRequest {
  const known = (request as Tagged)[OBSERVED];
  if (known !== undefined) return known;
  const observed = new ObservedRequest(request, response);
  (request as Tagged)[OBSERVED] = observed;
  (response as Tagged)[OBSERVED] = observed;
  return observed;
}

/** The observed request of `request`, if any plugin has seen it. */
export function observedRequest(request: IncomingMessage): ObservedRequest | undefined {
  return (request as Tagged)[OBSERVED];
}

/** How many observed requests have started and not ended, Whodunit's own routes left out. */
export function requestsInFlight(): number {
  return inFlight.count;
}
