import { Baggage } from "@opentelemetry/api";
import { Context } from "@opentelemetry/api";
import { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { RedactorOptions } from "@whodunit/redaction";
import { Span as OtelSpan } from "@opentelemetry/api";
import { SpanContext as OtelSpanContext } from "@opentelemetry/api";
import { reportChange } from "@whodunit/core";
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
    constructor(options: TrafficOptions);
    record(record: TrafficRecord): Verdict;
    recordLateFailure(counted: TrafficRecord, errorType: string, agoMs: number): void;
    listen(listener: ((record: TrafficRecord, verdict: Verdict) => void) | undefined): void;
    snapshot(): TrafficSnapshot;
    counts(windowS: WindowSeconds): readonly TrafficCounts[];
    snapshotJson(): AsyncGenerator<string, void, undefined>;
    openMetrics(): AsyncGenerator<string, void, undefined>;
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
export interface SpanAccounts {
    readonly ended: number;
    readonly exported: number;
    readonly unsampled: number;
    readonly pending: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
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
    readonly instrumentations?: NodeSDKConfiguration["instrumentations"];
    readonly redact?: RedactorOptions;
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
}
export interface TrafficSeries {
    readonly side: TrafficSide;
    readonly peer: string;
    readonly route: string;
    readonly windowS: WindowSeconds;
    readonly count: number;
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
    readonly version: string | null;
    readonly startedAt: string;
    readonly now: string;
    readonly series: readonly TrafficSeries[];
    readonly changes: readonly TrafficChange[];
    readonly baseline: readonly TrafficPast[];
}
export type Carrier = object | {
    get(name: string): unknown;
    set(name: string, value: string): unknown;
} | (string | Uint8Array)[];
export type Classify = (outcome: TrafficOutcome) => "success" | "failure";
export type DropReason = "queue-full" | "too-large" | "unreadable" | "rejected" | "unreachable" | "closed";
export type Tags = Readonly<Record<string, unknown>>;
export type TrafficSide = "server" | "client";
export type WindowSeconds = (typeof WINDOWS)[number]["windowS"];
interface Clock {
    monotonicMs(): number;
    wallMs(monotonicMs: number): number;
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
}
type Finished = (failure: string | undefined, atMs: number | undefined) => void;
type PastSeconds = (typeof PASTS)[number];
type TrafficCounts = Pick<TrafficSeries, "side" | "peer" | "route" | "windowS" | "count" | "failures" | "aborted">;
type TrafficPast = Omit<TrafficSeries, "windowS" | "failingSince" | "exemplar"> & {
    readonly windowS: PastSeconds;
};
type Verdict = "success" | "failure" | "aborted";
