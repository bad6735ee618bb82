import { Baggage } from "@opentelemetry/api";
import { Context } from "@opentelemetry/api";
import { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { RedactorOptions } from "@whodunit/redaction";
import { Sampler } from "@opentelemetry/sdk-trace";
import { Span as OtelSpan } from "@opentelemetry/api";
import { SpanContext as OtelSpanContext } from "@opentelemetry/api";
import { SpanExporter } from "@opentelemetry/sdk-trace";
import { SpanProcessor } from "@opentelemetry/sdk-trace";
import { Workers } from "@whodunit/core";
import { describeRequest } from "@whodunit/core";
import { reportChange } from "@whodunit/core";
import { watchPool } from "@whodunit/core";
declare class UnansweredRequests {}
declare const PASTS: readonly [3600, 86400];
declare const WINDOWS: readonly [{
    readonly windowS: 10;
    readonly slotMs: 1000;
    readonly slots: 10;
}, {
    readonly windowS: 60;
    readonly slotMs: 10000;
    readonly slots: 6;
}, {
    readonly windowS: 600;
    readonly slotMs: 60000;
    readonly slots: 10;
}];
export declare class Span {
    readonly otel: OtelSpan;
    constructor(tracer: Tracer, otel: OtelSpan, context: Context, finished?: Finished);
    context(): SpanContext;
    tracer(): Tracer;
    setOperationName(name: string): this;
    setBaggageItem(key: string, value: string): this;
    getBaggageItem(key: string): string | undefined;
    setTag(key: string, value: unknown): this;
    addTags(tags: Tags): this;
    log(fields: Tags, timestampMs?: number): this;
    logEvent(event: string, payload: unknown): void;
    finish(finishTimeMs?: number): void;
    enter(): Context;
    fail(error: unknown): void;
}
export declare class SpanContext {
    readonly otel: OtelSpanContext;
    constructor(otel: OtelSpanContext, baggage: Baggage | undefined);
    toTraceId(): string;
    toSpanId(): string;
    baggage(): Baggage | undefined;
    enter(context: Context): Context;
}
export declare class Tracer {
    startSpan(name: string, options?: SpanOptions): Span;
    inject(span: Span | SpanContext, format: string, carrier: unknown): void;
    extract(format: string, carrier: unknown): SpanContext | null;
}
export declare class Traffic {
    readonly unanswered: UnansweredRequests;
    spans: (() => NonNullable<TrafficSnapshot["spans"]>) | undefined;
    constructor(options: TrafficOptions);
    record(record: TrafficRecord): Verdict;
    recordLateFailure(counted: TrafficRecord, errorType: string, agoMs: number): void;
    listen(listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined): void;
    snapshot(): TrafficSnapshot;
    counts(windowS: WindowSeconds): readonly TrafficCounts[];
    snapshotJson(): AsyncGenerator<string, void, undefined>;
    scrape(format: ScrapeFormat): string;
}
export declare const FORMAT_BINARY = "binary";
export declare const FORMAT_HTTP_HEADERS = "http_headers";
export declare const FORMAT_TEXT_MAP = "text_map";
export declare const PRIVATE_HOSTS: readonly string[];
export declare const tracer: Tracer;
export declare function currentSpan(): Span | undefined;
export declare function extractMessage(...messages: readonly Carrier[]): MessageOrigin;
export declare function injectMessage<Headers extends Carrier>(headers: Headers, span?: Span): Headers;
export declare function startTracing(options?: TracingOptions): Tracing;
export declare function traceClient<Client extends object>(client: Client): Client;
export declare function traced<This, Args extends unknown[], Result>(work: (this: This, ...args: Args) => Result, options?: TracedOptions): (this: This, ...args: Args) => Result;
export declare function withSpan<Result>(name: string, work: (span: Span) => Result): Result;
export declare function withSpan<Result>(name: string, options: SpanOptions, work: (span: Span) => Result): Result;
export interface MessageOrigin {
    readonly childOf: OpenTracingContext | undefined;
    readonly references: readonly {
        type(): string;
        referencedContext(): OpenTracingContext;
    }[];
}
export interface Reference {
    type(): string;
    referencedContext(): SpanContext | Span;
}
export interface ResourceWindow {
    readonly windowS: WindowSeconds;
    readonly seconds: number;
    readonly eventLoop: {
        readonly utilization: number;
        readonly delayMs: {
            readonly mean: number;
            readonly max: number;
        };
    };
    readonly gc: {
        readonly share: number;
        readonly longestMs: number;
    };
    readonly cpu: {
        readonly used: number;
        readonly limit: number | null;
        readonly throttled: number | null;
        readonly queued: number | null;
    };
    readonly memory: {
        readonly heapBytes: number;
        readonly heapLimitBytes: number;
        readonly rssBytes: number;
        readonly rssLimitBytes: number | null;
    };
    readonly waits: readonly Waits[];
}
export interface SpanAccounts {
    readonly ended: number;
    readonly exported: number;
    readonly unsampled: number;
    readonly pending: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
    readonly exporters?: readonly ExporterAccounts[];
}
export interface SpanOptions {
    readonly childOf?: Span | SpanContext | null;
    readonly references?: readonly Reference[];
    readonly tags?: Tags;
    readonly startTime?: number;
    readonly peer?: string;
}
export interface TracedOptions extends SpanOptions {
    readonly name?: string;
}
export interface Tracing {
    readonly service: string;
    readonly traffic: Traffic;
    readonly ready: Promise<void>;
    spans(): SpanAccounts;
    flush(): Promise<void>;
    close(): Promise<SpanAccounts>;
}
export interface TracingOptions {
    readonly service?: string;
    readonly version?: string;
    readonly propagateTo?: readonly string[];
    readonly ignoreCalls?: readonly string[];
    readonly classify?: Classify;
    readonly sampleRatio?: number;
    readonly keepErrors?: boolean;
    readonly sampler?: Sampler;
    readonly exporters?: readonly SpanExporter[];
    readonly processors?: readonly SpanProcessor[];
    readonly instrumentations?: NodeSDKConfiguration["instrumentations"];
    readonly redact?: RedactorOptions;
}
export interface TrafficAttributes {
    readonly side: TrafficSide;
    readonly peer: string;
    readonly route: string;
    readonly windowS: WindowSeconds;
    readonly failing: number;
    readonly good: number;
    readonly values: readonly TrafficValue[];
}
export interface TrafficExemplar {
    readonly traceId: string;
    readonly spanId: string;
    readonly at: string;
    readonly status: number | string;
    readonly failed: boolean;
    readonly error?: string;
}
export interface TrafficOutcome {
    readonly side: TrafficSide;
    readonly peer: string;
    readonly route: string;
    readonly status: number | undefined;
    readonly errorType: string | undefined;
    readonly refused?: boolean;
}
export interface TrafficSeries {
    readonly side: TrafficSide;
    readonly peer: string;
    readonly route: string;
    readonly windowS: WindowSeconds;
    readonly count: number;
    readonly waiting?: number;
    readonly failures: number;
    readonly aborted: number;
    readonly classes: Readonly<Record<string, number>>;
    readonly failingSince: string | null;
    readonly latency: {
        readonly gamma: number;
        readonly bins: readonly (readonly [number, number])[];
    };
    readonly exemplar: TrafficExemplar | null;
}
export interface TrafficSnapshot {
    readonly service: string;
    readonly instance: string;
    readonly workers?: Workers;
    readonly version: string | null;
    readonly startedAt: string;
    readonly now: string;
    readonly series: readonly TrafficSeries[];
    readonly changes: readonly TrafficChange[];
    readonly baseline: readonly TrafficPast[];
    readonly attributes: readonly TrafficAttributes[];
    readonly resources: readonly ResourceWindow[];
    readonly spans?: SpanAccounts;
}
export interface TrafficValue {
    readonly name: string;
    readonly value: string;
    readonly failing: number;
    readonly good: number;
}
export interface Waits {
    readonly kind: "sockets" | "pool";
    readonly name: string;
    readonly waiting: number;
    readonly size: number | null;
}
export type Carrier = object | {
    get(name: string): unknown;
    set(name: string, value: string): unknown;
} | (string | Uint8Array)[];
export type Classify = (outcome: TrafficOutcome) => "success" | "failure";
export type DropReason = "queue-full" | "too-large" | "unreadable" | "rejected" | "unreachable" | "failed" | "closed";
export type Tags = Readonly<Record<string, unknown>>;
export type TrafficSide = "server" | "client";
export type WindowSeconds = (typeof WINDOWS)[number]["windowS"];
interface Clock {
    monotonicMs(): number;
    wallMs(monotonicMs: number): number;
}
interface ExporterAccounts {
    readonly exporter: string;
    readonly given: number;
    readonly exported: number;
    readonly pending: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
}
interface TrafficChange {
    readonly at: string;
    readonly kind: "start" | "level" | "report";
    readonly what: string;
}
interface TrafficOptions {
    readonly service: string;
    readonly instance: string;
    readonly version: string | null;
    readonly classify: Classify | undefined;
    readonly clean?: (text: string) => string;
    readonly clock?: Clock;
    readonly resources?: () => readonly ResourceWindow[];
}
interface TrafficRecord extends TrafficOutcome {
    readonly aborted: boolean;
    readonly durationMs: number;
    readonly latencyMs?: number | undefined;
    readonly trace: {
        readonly traceId: string;
        readonly spanId: string;
        readonly traceFlags?: number;
    } | undefined;
    readonly thrown: string | undefined;
    readonly described?: readonly unknown[] | undefined;
    readonly path?: string | undefined;
}
type Finished = (failure: string | undefined, atMs: number | undefined) => void;
type PastSeconds = (typeof PASTS)[number];
type ScrapeFormat = "openmetrics" | "prometheus";
type TrafficCounts = Pick<TrafficSeries, "side" | "peer" | "route" | "windowS" | "count" | "failures" | "aborted">;
type TrafficPast = Omit<TrafficSeries, "windowS" | "waiting" | "failingSince" | "exemplar"> & {
    readonly windowS: PastSeconds;
    readonly known: number;
};
type Verdict = "success" | "failure" | "aborted";
