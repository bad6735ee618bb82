// Over 300 lines: one subject, the life of a request, whose steps share private state on the hot path.
import { AsyncResource } from "node:async_hooks";
import { type EventEmitter, errorMonitor } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { reportFault } from "../process/report-fault.ts";
import { currentFrame, Frame, type RequestLink, runInFrame } from "./frame.ts";
import { leaveConnection } from "./idle-connection.ts";
import { inFlight } from "./in-flight.ts";
import { isOwnPath, rememberOwnPath } from "./own-paths.ts";
import { forgetWaiting, settleWithSocket } from "./pipeline.ts";
import { endOf, errorOf, hasBody, type RequestEnd, type ResponseFacts } from "./request-end.ts";
import { addsHeaderLate, type ResponseHeader, type WriteHead, withHeader } from "./response-header.ts";
import { asksForUpgrade, watchStatusLine } from "./upgrade.ts";

/** Told of a request's end, with what was given to {@link ObservedRequest.onEnd} beside it. */
export type RequestEndListener<State> = (end: RequestEnd, observed: ObservedRequest, state: State) => void;

/** What is made of a request once, whoever makes it: its server span, its log line. */
export type RequestPart = "span" | "line";

// Bits in the request itself: a WeakSet of requests costs the garbage collector more than all the rest.
const PARTS: Readonly<Record<RequestPart, number>> = { span: 1, line: 2 };

// Symbol.for: two copies of this package in one process still share the one observed request.
const OBSERVED = Symbol.for("whodunit.request");

// Nothing hangs on the end of the resource, so that Node need not watch for it.
const MANUAL = { requireManualDestroy: true } as const;

type EmitArguments = [event: string | symbol, ...args: unknown[]];
type Emitter = { emit(...args: EmitArguments): boolean };
type Tagged = { [OBSERVED]?: ObservedRequest };

/**
 * One request as all plugins see it, whichever of them came first: start, route, error, end. It is made by
 * the first {@link observeRequest} for a `req` object and shared by every later one.
 */
export class ObservedRequest implements ResponseFacts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the request was first seen, as `performance.now()`, in milliseconds. */
  readonly startedAt: number = performance.now();
  /** What the handler threw or passed on, or what broke the body of its response. */
  error: unknown = undefined;
  /** What `describeRequest` told of it, name and value in turn; undefined where nothing. */
  described: unknown[] | undefined = undefined;
  #own = false;
  #likelyOwn: boolean | undefined;
  #claims = 0;
  #end: RequestEnd | undefined;
  #named: string | undefined;
  #findRoute: ((source: unknown) => string | undefined) | undefined;
  #routeSource: unknown;
  // Listener and state in turn.
  #listeners: unknown[] = [];
  #link: RequestLink | undefined;
  #frame: Frame | undefined;
  #scope: AsyncResource | undefined;
  #requestEmit: Emitter["emit"] | undefined;
  readonly #responseEmit: Emitter["emit"];
  #writeHead: WriteHead | undefined;
  #ownHeader: ResponseHeader | undefined;
  /** @internal For {@link ResponseFacts}. */
  headersAt: number | undefined;
  /** @internal For {@link ResponseFacts}. */
  headersGiven: unknown;
  /** @internal For {@link ResponseFacts}. */
  takenOverWith: number | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    // A response without a socket waits behind another: its connection is not yet to be taken over.
    if (asksForUpgrade(request) && response.socket !== null) {
      watchStatusLine(request.socket, (status) => {
        this.takenOverWith = status;
        this.headersAt ??= performance.now();
        // Whoever takes the connection over may detach the response from it, which then hears nothing more.
        if (this.#end === undefined) settleWithSocket(request.socket, this);
      });
    }
    inFlight.count++;
    // Seen as they are emitted: two listeners more on every response cost as much as all the rest of this.
    this.#responseEmit = (response as Emitter).emit;
    (response as Emitter).emit = emitInContext as Emitter["emit"];
    // Who looks first when all is over hears neither event: an asynchronous hook stood before, and the client left.
    if (response.destroyed) queueMicrotask(() => this.settleInContext(response.writableFinished));
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

  /** Whether somebody has told how to learn the route. */
  get isRouted(): boolean {
    return this.#findRoute !== undefined;
  }

  /** True for the first who asks for this part: a plugin that is registered twice still does its work once. */
  claim(part: RequestPart): boolean {
    const bit = PARTS[part];
    const first = (this.#claims & bit) === 0;
    this.#claims |= bit;
    return first;
  }

  /**
   * Says that Whodunit itself answers this request (`/health/*`, `/debug/*`), before it writes: no line, no span, no
   * traffic, and out of the requests in flight at once.
   */
  ownAnswer(): void {
    if (this.#own) return;
    this.#own = true;
    if (this.#end === undefined) inFlight.count--;
  }

  /**
   * Whether Whodunit is likely to answer this request, as it has answered others of this path. A plugin then does nothing
   * for it before its end, when {@link isOwn} says whose it was: monitors ask often.
   */
  get isLikelyOwn(): boolean {
    this.#likelyOwn ??= isOwnPath(this.request);
    return this.#own || this.#likelyOwn;
  }

  /** Whether Whodunit itself answers this request. */
  get isOwn(): boolean {
    return this.#own;
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

  /** Runs `next`, and the rest of the request, in a log context: what a package keeps in {@link Frame.log}. */
  enterLog(log: unknown, next: () => void): void {
    const frame = currentFrame();
    if (frame !== undefined && frame === this.#frame) {
      frame.log = log;
      this.enter(next);
    } else this.#enterFrame(log, frame?.otel, next);
  }

  /** Runs `next`, and the rest of the request, in an OpenTelemetry context: what is kept in {@link Frame.otel}. */
  enterOtel(otel: unknown, next: () => void): void {
    const frame = currentFrame();
    if (frame !== undefined && frame === this.#frame) {
      frame.otel = otel;
      this.enter(next);
    } else this.#enterFrame(frame?.log, otel, next);
  }

  // The first plugin makes the request's frame, the others put their part into it: one scope for all.
  #enterFrame(log: unknown, otel: unknown, next: () => void): void {
    this.#link ??= { current: this };
    this.#frame = new Frame(this.#link, log, otel);
    runInFrame(this.#frame, enterRequest, this, next);
  }

  /**
   * Runs `next` and makes the async context of this call the request's: events of `req` and `res` (body
   * chunks, `finish`, `close`) are then emitted in it, not in the connection's. The last caller's context, which
   * holds those before it, wins.
   */
  enter(next: () => void): void {
    // What AsyncLocalStorage.snapshot() does, at a fraction of its cost: no bound function with copied properties.
    this.#scope = new AsyncResource("WhodunitRequest", MANUAL);
    this.#listenIn();
    next();
  }

  #listenIn(): void {
    if (this.#writeHead !== undefined) return;
    const response = this.response as { writeHead: WriteHead };
    this.#writeHead = response.writeHead;
    response.writeHead = writeHeadSeen;
    if (!hasBody(this.request)) return;
    this.#requestEmit = (this.request as Emitter).emit;
    (this.request as Emitter).emit = emitInContext as Emitter["emit"];
  }

  /** @internal Emits an event of `req` or `res` in the request's context, and sees the end of `res`. */
  emit(target: EventEmitter & Emitter, args: IArguments | EmitArguments): boolean {
    const event = args[0] as string | symbol;
    let emit = this.#requestEmit;
    if (target === (this.response as Emitter)) {
      emit = this.#responseEmit;
      if (event === "finish") this.settleInContext(true);
      else if (event === "close") this.settleInContext(this.response.writableFinished);
      else if (event === "pipe") this.#watchSource(args[1] as Readable);
    }
    const { length } = args;
    const scope = this.#scope;
    // Most events have no listener, and the scope is entered for those who listen.
    if (scope === undefined || target.listenerCount(event) === 0) {
      return (emit as Emitter["emit"]).apply(target, args as EmitArguments);
    }
    if (length === 1) {
      const heard = scope.runInAsyncScope(emit as Emitter["emit"], target, event);
      if (event === "finish") leaveConnection(this.request);
      return heard;
    }
    if (length === 2) return scope.runInAsyncScope(emit as Emitter["emit"], target, event, args[1]);
    return scope.runInAsyncScope(emit as Emitter["emit"], target, ...(args as EmitArguments));
  }

  // A stream that breaks in the middle of a body is told to nobody: what is piped into has only its connection ended.
  // By the monitor, for a listener to "error" would take the error from whoever should have handled it.
  #watchSource(source: Readable): void {
    source.once(errorMonitor, (error: unknown) => {
      this.error ??= error;
    });
  }

  /**
   * Adds a header to the response, unless it has one of that name by the time its headers are sent.
   *
   * @param name in lower case
   */
  addHeader(name: string, value: string): void {
    const { response } = this;
    if (response.headersSent) return;
    if (addsHeaderLate(response)) {
      this.#ownHeader = { name, value };
      this.#listenIn();
    } else if (!response.hasHeader(name)) response.setHeader(name, value);
  }

  /** @internal Sends the headers, and notes when and of what. */
  writeHead(args: Parameters<WriteHead>): ServerResponse {
    this.headersAt ??= performance.now();
    const given = this.#ownHeader === undefined ? args : withHeader(this.response, args, this.#ownHeader);
    this.headersGiven = given.at(-1);
    return (this.#writeHead as WriteHead).apply(this.response, given);
  }

  /** @internal Takes the first sign of the end for the end. `finished`: Node has written the whole response. */
  settle(finished: boolean): void {
    if (this.#end !== undefined) return;
    if (!this.#own) inFlight.count--;
    const end = endOf(this, finished);
    if (end.outcome === "torn") this.error ??= errorOf(this.response);
    this.#end = end;
    forgetWaiting(this.request.socket, this);
    const listeners = this.#listeners;
    this.#listeners = [];
    for (let i = 0; i < listeners.length; i += 2) {
      this.#tell(listeners[i] as RequestEndListener<unknown>, listeners[i + 1], end);
    }
    // What goes on after the request, such as a timer or an idle connection, must not keep it.
    if (this.#link !== undefined) this.#link.current = undefined;
  }

  /** @internal The same in the request's context, for who hears of the end outside of it. */
  settleInContext(finished: boolean): void {
    if (this.#end !== undefined) return;
    if (this.#scope === undefined) this.settle(finished);
    else this.#scope.runInAsyncScope(this.settle, this, finished);
  }

  #tell(listener: RequestEndListener<unknown>, state: unknown, end: RequestEnd): void {
    try {
      listener(end, this, state);
    } catch (error) {
      reportFault("WHODUNIT_REQUEST_LISTENER", error);
    }
  }
}

function enterRequest(observed: ObservedRequest, next: () => void): void {
  observed.enter(next);
}

// Shared functions in place of closures: they are attached to every request.
function emitInContext(this: EventEmitter & Emitter & Tagged): boolean {
  // biome-ignore lint/complexity/noArguments: no list is made of them for each event of each request.
  return (this[OBSERVED] as ObservedRequest).emit(this, arguments);
}

function writeHeadSeen(this: Tagged, ...args: Parameters<WriteHead>): ServerResponse {
  return (this[OBSERVED] as ObservedRequest).writeHead(args);
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

/** {@link ObservedRequest.ownAnswer} of the request that is answered by `response`, if any plugin has seen it. */
export function ownAnswer(response: ServerResponse): void {
  const observed = (response as Tagged)[OBSERVED];
  if (observed === undefined || observed.isOwn) return;
  observed.ownAnswer();
  // Where no route says so beforehand, the next request for this path is likely to be one, too.
  rememberOwnPath(observed.request);
}

/** The observed request that the running code belongs to, while it goes on. */
export function currentRequest(): ObservedRequest | undefined {
  return currentFrame()?.request?.current as ObservedRequest | undefined;
}
