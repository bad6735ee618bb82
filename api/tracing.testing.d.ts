import { FakeClock } from "@whodunit/core/testing";
import { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { RedactorOptions } from "@whodunit/redaction";
import { Sampler } from "@opentelemetry/sdk-trace";
import { SpanExporter } from "@opentelemetry/sdk-trace";
import { SpanKind } from "@opentelemetry/api";
import { SpanProcessor } from "@opentelemetry/sdk-trace";
import { SpanStatusCode } from "@opentelemetry/api";
declare class Traffic {}
export declare function recordTracing(options?: RecorderOptions): TracingRecorder;
export interface RecorderOptions extends Omit<TracingOptions, "exporters"> {
    readonly clock?: FakeClock;
}
export interface SpanPattern {
    readonly name?: string | RegExp;
    readonly kind?: SpanKind;
    readonly status?: SpanStatusCode;
    readonly attributes?: Readonly<Record<string, SpanValue>>;
    readonly parent?: string;
}
export interface TestSpan {
    readonly name: string;
    readonly kind: SpanKind;
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId: string | undefined;
    readonly startMs: number;
    readonly durationMs: number;
    readonly attributes: Readonly<Record<string, SpanValue>>;
    readonly events: readonly {
        readonly name: string;
        readonly attributes: Readonly<Record<string, SpanValue>>;
    }[];
    readonly links: readonly {
        readonly traceId: string;
        readonly spanId: string;
    }[];
    readonly status: SpanStatusCode;
}
export interface TracingRecorder extends Omit<Tracing, "spans"> {
    readonly spans: readonly TestSpan[];
    span(pattern: SpanPattern): TestSpan;
    tree(): string;
    clear(): void;
}
interface ExporterAccounts {
    readonly exporter: string;
    readonly given: number;
    readonly exported: number;
    readonly pending: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
}
interface SpanAccounts {
    readonly ended: number;
    readonly exported: number;
    readonly unsampled: number;
    readonly pending: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
    readonly exporters?: readonly ExporterAccounts[];
}
interface Tracing {
    readonly service: string;
    readonly traffic: Traffic;
    readonly ready: Promise<void>;
    spans(): SpanAccounts;
    flush(): Promise<void>;
    close(): Promise<SpanAccounts>;
}
interface TracingOptions {
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
interface TrafficOutcome {
    readonly side: TrafficSide;
    readonly peer: string;
    readonly route: string;
    readonly status: number | undefined;
    readonly errorType: string | undefined;
    readonly refused?: boolean;
}
type Classify = (outcome: TrafficOutcome) => "success" | "failure";
type DropReason = "queue-full" | "too-large" | "unreadable" | "rejected" | "unreachable" | "failed" | "closed";
type SpanValue = string | number | boolean | null | Uint8Array | readonly SpanValue[] | {
    readonly [key: string]: SpanValue;
};
type TrafficSide = "server" | "client";
