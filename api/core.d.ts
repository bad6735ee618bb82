import { EventEmitter } from "node:events";
import { IncomingMessage } from "node:http";
import { ServerResponse } from "node:http";
declare const OWN_ROUTE: unique symbol;
declare const table: {
    readonly WHODUNIT_ADMIN_ANSWER: {
        readonly happened: "An admin or health route could not make its answer, and answered 500.";
        readonly remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.";
    };
    readonly WHODUNIT_CHANNEL: {
        readonly happened: "An outgoing request, or an operation of a database or queue, could not be read, and has no span.";
        readonly remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.";
    };
    readonly WHODUNIT_CLASSIFY: {
        readonly happened: "The `classify` given to startTracing threw, or returned neither success nor failure.";
        readonly remedy: "Let it return one of its two words for every request; until then the default rule decides.";
    };
    readonly WHODUNIT_CLOSE: {
        readonly happened: "The exporter of spans failed to close.";
        readonly remedy: "Read `close()`'s accounts for what was dropped, and look at the OTLP endpoint.";
    };
    readonly WHODUNIT_ENCODE: {
        readonly happened: "A span could not be encoded, and was dropped and counted as unreadable.";
        readonly remedy: "Look for attributes with getters or proxies that throw.";
    };
    readonly WHODUNIT_EXPORTER: {
        readonly happened: "One of OpenTelemetry's exporters threw or rejected; what it was given is counted as failed.";
        readonly remedy: "Look at the exporter that is named, and at `spans()` for what became of each span.";
    };
    readonly WHODUNIT_EXPRESS_ROUTE: {
        readonly happened: "Express' request properties cannot be watched, so a route may miss its router's mount path.";
        readonly remedy: "Look for a library that defines `params` or `route` of `app.request` so that nobody can change them.";
    };
    readonly WHODUNIT_FLUSH: {
        readonly happened: "Spans could not be flushed.";
        readonly remedy: "Look at the OTLP endpoint that OTEL_EXPORTER_OTLP_ENDPOINT names.";
    };
    readonly WHODUNIT_HEALTH_AUTHORIZE: {
        readonly happened: "The `authorize` given to createHealth threw, and the reader got no details.";
        readonly remedy: "Let it return false where it cannot decide.";
    };
    readonly WHODUNIT_HEALTH_EXPLAIN: {
        readonly happened: "A probe's `explain` threw, so its time-out is told without a reason.";
        readonly remedy: "Mend the probe's `explain`.";
    };
    readonly WHODUNIT_HEALTH_LISTENER: {
        readonly happened: "A listener of health changes threw or rejected.";
        readonly remedy: "Catch errors inside the listener; the other listeners were told.";
    };
    readonly WHODUNIT_HEALTH_METRICS: {
        readonly happened: "A health metric could not be recorded.";
        readonly remedy: "Look at the meter provider that the service registered with OpenTelemetry.";
    };
    readonly WHODUNIT_HEALTH_PROBE_CLOSE: {
        readonly happened: "A probe's `close` threw.";
        readonly remedy: "Mend the probe's `close`; the other probes were closed.";
    };
    readonly WHODUNIT_HEALTH_RUN: {
        readonly happened: "The result of a probe's run could not be taken in.";
        readonly remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.";
    };
    readonly WHODUNIT_HEALTH_WEBHOOK: {
        readonly happened: "A health change could not be delivered to the webhook, and was given up.";
        readonly remedy: "Look at the webhook's URL, headers and answer; a 4xx is not tried again.";
    };
    readonly WHODUNIT_HEALTH_WEBHOOK_FULL: {
        readonly happened: "The webhook is too slow for the changes, and the oldest that waited was dropped.";
        readonly remedy: "Look at the webhook's response time.";
    };
    readonly WHODUNIT_INJECT: {
        readonly happened: "Trace context could not be written to an outgoing request, which went out without it.";
        readonly remedy: "Look for a propagator of the service's own that writes what no header can hold.";
    };
    readonly WHODUNIT_LOG_CLOSE: {
        readonly happened: "The log's destination failed to close.";
        readonly remedy: "Look at the destination; lines that it had not taken are lost.";
    };
    readonly WHODUNIT_LOG_DESTINATION: {
        readonly happened: "The stream given as `destination` failed or threw at a line.";
        readonly remedy: "Look at the stream's own errors; lines are counted as dropped while it fails.";
    };
    readonly WHODUNIT_LOG_EVENT: {
        readonly happened: "The fields of a catalogue's event could not be read, and the line has none of them.";
        readonly remedy: "Look for proxies or getters that throw among the fields.";
    };
    readonly WHODUNIT_LOG_EVENT_MISFIT: {
        readonly happened: "A line does not fit the catalogue, and has only the fields that do.";
        readonly remedy: "Mend the call, or define the event and its fields in `defineEvents`.";
    };
    readonly WHODUNIT_LOG_FIELDS: {
        readonly happened: "The fields given to an OpenTracing span's `log` could not be read.";
        readonly remedy: "Look for proxies or getters that throw among the fields.";
    };
    readonly WHODUNIT_LOG_INSTRUMENTATION: {
        readonly happened: "An instrumentation of pino threw at a line, which was written without it.";
        readonly remedy: "Look at the APM that instruments pino.";
    };
    readonly WHODUNIT_LOG_LINE: {
        readonly happened: "A line could not be written whole, and has its level, time and name only.";
        readonly remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.";
    };
    readonly WHODUNIT_LOG_NAME: {
        readonly happened: "A log call's first argument is no name: the line is `<scope>-unnamed` and has it as its text.";
        readonly remedy: 'Give it a name, such as `log.error("fail-redeem", { err })`, so that it can be counted and found.';
    };
    readonly WHODUNIT_LOG_PINO: {
        readonly happened: "A getter threw while pino read what it was given, and the line was written without pino.";
        readonly remedy: "Look for proxies or getters that throw among the arguments of `log.pino`.";
    };
    readonly WHODUNIT_LOG_PINO_CHILD: {
        readonly happened: "Options of a pino child logger could not be heeded, and it has the level of its parent.";
        readonly remedy: "Look at `level` and `customLevels` given to `log.pino.child`, to a route's `logLevel` or a child factory.";
    };
    readonly WHODUNIT_LOG_SERIALIZER: {
        readonly happened: "A pino serializer or formatter threw, and what it was for was written as it stands.";
        readonly remedy: "Mend the serializer given to pino or to the child logger.";
    };
    readonly WHODUNIT_PROCESSOR: {
        readonly happened: "One of the span processors given to startTracing threw or rejected.";
        readonly remedy: "Mend the processor that is named; the other processors and the exporters got the span.";
    };
    readonly WHODUNIT_PROPAGATOR: {
        readonly happened: "A propagator threw at a carrier, and was passed over.";
        readonly remedy: "Look at the propagators that OTEL_PROPAGATORS names.";
    };
    readonly WHODUNIT_REQUEST_LISTENER: {
        readonly happened: "What was to happen at the end of a request threw.";
        readonly remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.";
    };
    readonly WHODUNIT_RESOURCES: {
        readonly happened: "The process's resources could not be read, and that second is missing in `/debug/traffic`.";
        readonly remedy: "Please report it with the stack that NODE_OPTIONS=--trace-warnings shows.";
    };
    readonly WHODUNIT_SAMPLER: {
        readonly happened: "The sampler given to startTracing threw, and the span was not sampled.";
        readonly remedy: "Mend the sampler; the request went on and was counted in traffic.";
    };
    readonly WHODUNIT_SDK_SHUTDOWN: {
        readonly happened: "OpenTelemetry's NodeSDK failed to shut down.";
        readonly remedy: "Look at the metric readers and log processors that were given to it.";
    };
    readonly WHODUNIT_SHUTDOWN_FLUSH: {
        readonly happened: "A step of the shutdown list failed to flush at a signal.";
        readonly remedy: "Look at the step that is named.";
    };
    readonly WHODUNIT_SHUTDOWN_STEP: {
        readonly happened: "A step of the shutdown list failed to close.";
        readonly remedy: "Look at the step that is named; the steps after it were run.";
    };
    readonly WHODUNIT_START_SPAN: {
        readonly happened: "The options of a span could not be read, and it was started without them.";
        readonly remedy: "Look for proxies or getters that throw among the options of the span.";
    };
};
export declare class DebugTokens {
    constructor(owner: string, secret: string);
    static fromEnvironment(owner: string, env?: NodeJS.ProcessEnv): DebugTokens | undefined;
    tokenOf(request: IncomingMessage, baggage: BaggageLike | undefined): string | undefined;
    accepts(baggage: BaggageLike | undefined): boolean;
}
export declare class Frame {
    readonly request: RequestLink | undefined;
    log: unknown;
    otel: unknown;
    constructor(request: RequestLink | undefined, log: unknown, otel: unknown);
}
export declare class ObservedRequest implements ResponseFacts {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly startedAt: number;
    error: unknown;
    described: unknown[] | undefined;
    headersAt: number | undefined;
    headersGiven: unknown;
    takenOverWith: number | undefined;
    constructor(request: IncomingMessage, response: ServerResponse);
    get route(): string | undefined;
    nameRoute(route: string): void;
    routeBy<Source>(find: (source: Source) => string | undefined, source: Source): void;
    get isRouted(): boolean;
    claim(part: RequestPart): boolean;
    ownAnswer(): void;
    get isLikelyOwn(): boolean;
    get isOwn(): boolean;
    get end(): RequestEnd | undefined;
    onEnd(listener: (end: RequestEnd, observed: ObservedRequest) => void): void;
    onEnd<State>(listener: RequestEndListener<State>, state: State): void;
    enterLog(log: unknown, next: () => void): void;
    enterOtel(otel: unknown, next: () => void): void;
    enter(next: () => void): void;
    emit(target: EventEmitter & Emitter, args: IArguments | EmitArguments): boolean;
    addHeader(name: string, value: string): void;
    writeHead(args: Parameters<WriteHead>): ServerResponse;
    settle(finished: boolean): void;
    settleInContext(finished: boolean): void;
}
export declare class Rate {
    constructor(perSecond: number);
    isOver(nowMs: number): boolean;
    admit(nowMs: number): boolean;
}
export declare const DEBUG_BAGGAGE_KEY = "whodunit.debug";
export declare const DEBUG_HEADER = "whodunit-debug";
export declare const FAULTS: Readonly<Record<FaultCode, FaultText>>;
export declare const GUARD_SHAPE: Shape<GuardOptions>;
export declare const NAME_GRAMMAR = "segments of a-z, 0-9 and _ joined by -, at most 128 characters";
export declare const NAME_MAX_LENGTH = 128;
export declare const OPEN_METRICS = "application/openmetrics-text";
export declare const OPEN_METRICS_TYPE: string;
export declare const OWN_ROUTE_CONFIG: {
    readonly [OWN_ROUTE]: true;
};
export declare const PROMETHEUS_TEXT = "text/plain;version";
export declare const PROMETHEUS_TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
export declare const SIGNATURE_HEADER = "whodunit-signature";
export declare const SLOW_MS = 1000;
export declare const SUPPRESS_TRACING: symbol;
export declare const UNAUTHORIZED: Answer;
export declare const anything: Check;
export declare const integer: (min: number, max?: number) => Check;
export declare const isSlow: ({ headersMs, durationMs }: RequestEnd) => boolean;
export declare const list: (wanted: string) => Check;
export declare const ofType: (type: "string" | "boolean" | "function" | "object") => Check;
export declare const oneOf: (words: readonly string[]) => Check;
export declare const optional: (accepts: (value: unknown) => boolean, wanted: string) => Check;
export declare const required: (accepts: (value: unknown) => boolean, wanted: string) => Check;
export declare const requiredFunction: Check;
export declare const requiredInteger: (min: number, max?: number) => Check;
export declare const requiredName: Check;
export declare const requiredOneOf: (words: readonly string[]) => Check;
export declare function addedFastifyOptions(options: object): FastifyAddedOptions;
export declare function answerOf(status: number, contentType: string, body: Answer["body"], more?: Readonly<Record<string, string>>): Answer;
export declare function bound(value: number): string;
export declare function checkShape(owner: string, options: unknown, shape: Readonly<Record<string, Check>>, at?: string): void;
export declare function clusterWorkers(): Workers | undefined;
export declare function createDebugToken(secret: string, options?: DebugTokenOptions): string;
export declare function createGuard(options?: GuardOptions, owner?: string): Guard;
export declare function currentFrame(): Frame | undefined;
export declare function currentRequest(): ObservedRequest | undefined;
export declare function debugTokenExpiry(token: string): number;
export declare function describeRequest(fields: Readonly<Record<string, unknown>>): void;
export declare function enterFrame(frame: Frame | undefined): void;
export declare function errorCode(error: unknown): string | undefined;
export declare function errorType(error: unknown): string;
export declare function isCloudMetadata(host: string): boolean;
export declare function isLoopbackAddress(address: string): boolean;
export declare function isName(text: string): boolean;
export declare function isPrivateAddress(address: string): boolean;
export declare function isShuttingDown(): boolean;
export declare function json(status: number, value: unknown, more?: Readonly<Record<string, string>>): Answer;
export declare function keyFile(env?: NodeJS.ProcessEnv): string | undefined;
export declare function label(name: string, value: string): string;
export declare function lazily<Made extends object>(make: () => Made): () => Made;
export declare function macOf(key: Buffer, { expiry, use, host, address, port }: SignedClaim): string;
export declare function normaliseName(text: string): string;
export declare function observeExpressError(error: unknown, request: ExpressRequestLike, response: ServerResponse, next: (error: unknown) => void): void;
export declare function observeExpressRequest(request: ExpressRequestLike, response: ServerResponse): ObservedRequest;
export declare function observeFastifyRequest(request: FastifyRequestLike, reply: FastifyReplyLike): ObservedRequest;
export declare function observeRequest(request: IncomingMessage, response: ServerResponse): ObservedRequest;
export declare function observedRequest(request: IncomingMessage): ObservedRequest | undefined;
export declare function onChange(listener: ChangeListener): () => void;
export declare function onShutdown(step: ShutdownStep): () => void;
export declare function openStandard(fd: 1 | 2): number;
export declare function optionError(owner: string, option: string, value: unknown, wanted: string): TypeError;
export declare function ownAnswer(response: ServerResponse): void;
export declare function ownFastifyOptions<Options extends object>(options: Options & FastifyAddedOptions): Omit<Options, keyof FastifyAddedOptions>;
export declare function percentDecoded(text: string): string;
export declare function preferredOffer<Offer extends {
    readonly mediaType: string;
}>(accept: string, offers: readonly Offer[]): Offer | undefined;
export declare function readOrMakeKey(file: string): Promise<Buffer>;
export declare function recentChanges(): readonly ProcessChange[];
export declare function recordChange(kind: ProcessChange["kind"], what: string): void;
export declare function reportChange(what: string): void;
export declare function reportFault(code: FaultCode, error: unknown, about?: string): void;
export declare function requestsInFlight(): number;
export declare function runInFrame<Arguments extends unknown[], Result>(frame: Frame | undefined, run: (...args: Arguments) => Result, ...args: Arguments): Result;
export declare function runWithLog<Result>(log: unknown, run: () => Result): Result;
export declare function runWithOtel<Arguments extends unknown[], Result>(otel: unknown, run: (...args: Arguments) => Result, ...args: Arguments): Result;
export declare function send(response: ServerResponse, answer: Answer | Promise<Answer>): void;
export declare function sendByFastify<Reply extends FastifyAnswerReply>(reply: Reply, answer: Answer | Promise<Answer>): Reply | Promise<Reply>;
export declare function setError(request: IncomingMessage, response: ServerResponse, error: unknown): void;
export declare function setRoute(request: IncomingMessage, response: ServerResponse, route: string): void;
export declare function shutdown(): Promise<void>;
export declare function tellOperator(line: OperatorLine): void;
export declare function verifyDebugToken(secret: string, token: string, nowMs?: number): boolean;
export declare function watchPool(name: string, pool: object): void;
export declare function watchUnrouted(app: FastifyAppLike, see: (observed: ObservedRequest) => void): void;
export declare function watchedPools(): PoolState[];
export declare function withDebugEntry<Baggage extends BaggageLike>(baggage: Baggage, token: string): Baggage;
export interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Buffer | ((response: ServerResponse) => void);
}
export interface BaggageLike {
    getEntry(key: string): {
        readonly value: string;
    } | undefined;
    setEntry(key: string, entry: {
        readonly value: string;
    }): BaggageLike;
}
export interface DebugTokenOptions {
    readonly ttlMs?: number;
}
export interface ExpressRequestLike extends IncomingMessage {
    baseUrl?: string;
    params?: unknown;
    route?: {
        path?: unknown;
    };
}
export interface FastifyAddedOptions {
    readonly prefix?: string;
    readonly logLevel?: string;
    readonly logSerializers?: unknown;
}
export interface FastifyAnswerReply {
    readonly raw: ServerResponse;
    readonly sent: boolean;
    code(status: number): unknown;
    headers(values: Record<string, string>): unknown;
    send(payload: string | Buffer): unknown;
    hijack(): unknown;
}
export interface FastifyAppLike {
    readonly server: unknown;
    readonly initialConfig: {
        readonly maxParamLength?: number;
        readonly routerOptions?: {
            readonly maxParamLength?: number;
        };
    };
    addHook(name: "preClose", hook: (done: () => void) => void): unknown;
}
export interface FastifyReplyLike {
    readonly raw: ServerResponse;
}
export interface FastifyRequestLike {
    readonly raw: IncomingMessage;
    readonly routeOptions: {
        readonly url?: string | undefined;
        readonly config?: unknown;
    };
}
export interface FaultText {
    readonly happened: string;
    readonly remedy: string;
}
export interface Guard {
    readonly enabled: boolean;
    admits(request: IncomingMessage): Promise<boolean>;
}
export interface GuardOptions {
    readonly token?: string;
    readonly authorize?: (request: IncomingMessage) => boolean | Promise<boolean>;
}
export interface OperatorLine {
    readonly level: "debug" | "error";
    readonly msg: string;
    readonly [field: string]: unknown;
}
export interface PoolState {
    readonly name: string;
    readonly waiting: number;
    readonly size: number | null;
}
export interface ProcessChange {
    readonly atMs: number;
    readonly kind: "level" | "report";
    readonly what: string;
}
export interface RequestEnd {
    readonly status: number | undefined;
    readonly outcome: RequestOutcome;
    readonly headersMs: number | undefined;
    readonly durationMs: number;
}
export interface RequestLink {
    current: object | undefined;
}
export interface ShutdownStep {
    readonly phase: ShutdownPhase;
    readonly name: string;
    readonly close: (hurry: AbortSignal) => void | Promise<void>;
    readonly flush?: () => void | Promise<void>;
    readonly timeoutMs?: number;
}
export interface SignedClaim {
    readonly expiry: string;
    readonly use: string;
    readonly host: string;
    readonly address: string;
    readonly port: number;
}
export interface Workers {
    readonly worker: number;
    readonly of: number | null;
}
export type Check = (owner: string, option: string, value: unknown) => void;
export type FaultCode = keyof typeof table;
export type Name<Text extends string> = FitsGrammar<Text, "dash"> extends true ? Text : "a name is segments of a-z, 0-9 and _ joined by -";
export type RequestEndListener<State> = (end: RequestEnd, observed: ObservedRequest, state: State) => void;
export type RequestOutcome = "complete" | "aborted" | "torn";
export type RequestPart = "span" | "line";
export type Shape<Options> = {
    readonly [Option in keyof Required<Options>]: Check;
};
export type ShutdownPhase = "drain" | "servers" | "probes" | "spans" | "log";
interface ResponseFacts {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly startedAt: number;
    readonly headersAt: number | undefined;
    readonly headersGiven: unknown;
    readonly takenOverWith: number | undefined;
}
type ChangeListener = (change: ProcessChange) => void;
type EmitArguments = [event: string | symbol, ...args: unknown[]];
type Emitter = {
    emit(...args: EmitArguments): boolean;
};
type FitsGrammar<Text extends string, Before extends "dash" | "letter"> = Text extends `${infer First}${infer Rest}` ? string extends First ? true : First extends NameCharacter ? FitsGrammar<Rest, "letter"> : First extends "-" ? Before extends "dash" ? false : FitsGrammar<Rest, "dash"> : false : string extends Text ? true : Before extends "letter" ? true : false;
type NameCharacter = ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m") | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z") | ("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "_");
type WriteHead = (status: number, ...rest: unknown[]) => ServerResponse;
