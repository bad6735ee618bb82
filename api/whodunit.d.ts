declare const EXIT: {
    readonly fine: 0;
    readonly found: 1;
    readonly usage: 2;
    readonly unreached: 3;
};
declare const WINDOWS: readonly [10, 60, 600];
export declare function compareSummaries(before: Pick<Summary, "names">, now: Pick<Summary, "names">): Change[];
export declare function compareVersions(urls: readonly string[], options?: SurveyOptions & {
    readonly windowS?: WindowS;
}): Promise<VersionComparison>;
export declare function edges(urls: readonly string[], options?: EdgesOptions): Promise<Edges>;
export declare function health(urls: readonly string[], options?: HealthOptions, resolve?: ResolveHost): Promise<HealthReport>;
export declare function investigate(urls: readonly string[], options?: InvestigateOptions): Promise<Verdict>;
export declare function renderEdges({ rows }: Edges): string;
export declare function renderHealth(report: HealthReport, paint?: Paint): string;
export declare function renderStat({ rows }: Stat): string;
export declare function renderSummary(summary: Summary, name: string, options?: RenderSummaryOptions): string;
export declare function renderSummaryMarkdown(summary: Summary, name: string, changes?: readonly Change[]): string;
export declare function renderVerdict(verdict: Verdict, options?: RenderVerdictOptions): string;
export declare function renderWaterfall(spans: readonly Span[]): string;
export declare function run(args: readonly string[], io?: Partial<Terminal>): Promise<number>;
export declare function startReceiver(options?: ReceiverOptions): Promise<Receiver>;
export declare function stat(urls: readonly string[], options?: StatOptions): Promise<Stat>;
export declare function summarise(log: AsyncIterable<Uint8Array>, options?: SummariseOptions): Promise<Summary>;
export interface Attributes {
    readonly [name: string]: AttributeValue;
}
export interface Change {
    readonly name: string;
    readonly kind: "new" | "gone" | "jump";
    readonly before: number;
    readonly now: number;
}
export interface ChangeEvidence {
    readonly at: string;
    readonly instance: string;
    readonly kind: string;
    readonly what: string;
    readonly secondsBefore: number | null;
    readonly wellVersions: readonly string[];
}
export interface Culprit extends Suspect {
    readonly path: readonly string[];
    readonly instances: readonly Share[];
    readonly changes: readonly ChangeEvidence[];
    readonly evidence: readonly Evidence[];
    readonly confidence: Confidence;
    readonly asBefore: boolean;
}
export interface DocumentChange {
    readonly at: string;
    readonly kind: string;
    readonly what: string;
}
export interface EdgeRow extends Figures {
    readonly src: string;
    readonly dst: string;
    readonly seenBy: "src" | "dst";
}
export interface Edges {
    readonly windowS: WindowS;
    readonly rows: readonly EdgeRow[];
    readonly survey: Survey;
}
export interface EdgesOptions extends SurveyOptions {
    readonly windowS?: WindowS;
}
export interface Evidence {
    readonly claim: string;
    readonly source: Source;
}
export interface Exemplar {
    readonly traceId: string;
    readonly spanId: string;
    readonly at: string;
    readonly status: number | string;
    readonly failed: boolean;
    readonly error?: string;
}
export interface Figures {
    readonly success: number | null;
    readonly rps: number | null;
    readonly latencyMsP50: number | null;
    readonly latencyMsP95: number | null;
    readonly latencyMsP99: number | null;
}
export interface Findings {
    readonly verdict: "culprit" | "nothing" | "cannot-tell";
    readonly windowS: WindowS;
    readonly culprits: readonly Culprit[];
    readonly blastRadius: readonly Share[];
    readonly asBefore: readonly Suspect[];
    readonly alwaysSlow: readonly Suspect[];
    readonly tooFew: readonly Suspect[];
    readonly missing: readonly string[];
    readonly requests: number;
    readonly services: readonly string[];
}
export interface HealthCheck {
    readonly name: string;
    readonly state: HealthState;
    readonly kind: "own" | "service";
    readonly optional: boolean;
    readonly failing: boolean;
    readonly time: string | null;
    readonly output: string | null;
}
export interface HealthOptions {
    readonly token?: string | undefined;
}
export interface HealthReport {
    readonly services: readonly ServiceHealth[];
    readonly unreached: readonly {
        readonly address: string;
        readonly error: string;
    }[];
    readonly blamed: readonly string[];
}
export interface Instance {
    readonly address: string;
    readonly key: string;
    readonly document: TrafficDocument;
}
export interface InvestigateOptions extends SurveyOptions {
    readonly windowS?: WindowS;
    readonly view?: string;
}
export interface Latency {
    readonly gamma: number;
    readonly bins: readonly (readonly [index: number, count: number])[];
}
export interface Line {
    readonly timeMs: number;
    readonly service: string;
    readonly level: string;
    readonly failed: boolean;
    readonly name: string;
    readonly text: string;
    readonly traceId: string | null;
    readonly spanId: string | null;
    readonly fields: Attributes;
    readonly count: number;
}
export interface NameCount {
    readonly name: string;
    readonly count: number;
    readonly firstSeen: string | null;
    readonly lastSeen: string | null;
    readonly example: string;
}
export interface Output {
    write(text: string): unknown;
    readonly isTTY?: boolean;
}
export interface Receiver {
    readonly url: string;
    readonly port: number;
    counts(): Promise<StoreCounts>;
    trace(traceId: string): Promise<Span[] | null>;
    addLines(lines: readonly Line[]): Promise<void>;
    close(): Promise<void>;
}
export interface ReceiverOptions {
    readonly host?: string;
    readonly token?: string | undefined;
    readonly port?: number;
    readonly data?: string | undefined;
    readonly maxBytes?: number;
    readonly maxAgeMs?: number;
    readonly maxBodyBytes?: number;
    readonly tell?: (text: string) => void;
}
export interface RenderSummaryOptions {
    readonly byScope?: boolean;
    readonly wide?: boolean;
    readonly changes?: readonly Change[];
}
export interface RenderVerdictOptions {
    readonly now?: Date;
    readonly paint?: Paint;
}
export interface Series {
    readonly side: "server" | "client";
    readonly peer: string;
    readonly route: string;
    readonly windowS: number;
    readonly count: number;
    readonly failures: number;
    readonly aborted: number;
    readonly classes: Readonly<Record<string, number>>;
    readonly failingSince: string | null;
    readonly latency: Latency;
    readonly exemplar: Exemplar | null;
}
export interface Service {
    readonly name: string;
    readonly instances: readonly Instance[];
}
export interface ServiceHealth {
    readonly address: string;
    readonly service: string;
    readonly status: "pass" | "warn" | "fail";
    readonly checks: readonly HealthCheck[];
}
export interface Share {
    readonly name: string;
    readonly count: number;
    readonly failures: number;
}
export interface Span {
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId: string | null;
    readonly service: string;
    readonly name: string;
    readonly kind: SpanKind;
    readonly startMs: number;
    readonly durationMs: number;
    readonly error: boolean;
    readonly message: string;
    readonly attributes: Attributes;
    readonly events: readonly SpanEvent[];
}
export interface SpanEvent {
    readonly name: string;
    readonly timeMs: number;
    readonly attributes: Attributes;
}
export interface Stat {
    readonly windowS: WindowS;
    readonly rows: readonly StatRow[];
    readonly survey: Survey;
}
export interface StatOptions extends SurveyOptions {
    readonly windowS?: WindowS;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
}
export interface StatRow extends Figures {
    readonly name: string;
    readonly route: string | null;
}
export interface StoreCounts {
    readonly traces: number;
    readonly spans: number;
    readonly lines: number;
    readonly bytes: number;
    readonly maxBytes: number;
    readonly received: number;
    readonly receivedLines: number;
    readonly evicted: number;
    readonly dropped: number;
    readonly problem: string | null;
}
export interface SummariseOptions {
    readonly since?: Date;
}
export interface Summary {
    readonly total: number;
    readonly names: readonly NameCount[];
    readonly lines: number;
    readonly skipped: number;
}
export interface Survey {
    readonly services: readonly Service[];
    readonly unreached: readonly Unreached[];
    readonly names: ReadonlyMap<string, string>;
    readonly notAsked: readonly string[];
}
export interface SurveyOptions {
    readonly token?: string | undefined;
    readonly follow?: readonly string[] | undefined;
    readonly discover?: boolean;
    readonly timeoutMs?: number;
}
export interface Suspect {
    readonly service: string;
    readonly known: boolean;
    readonly fault: Fault;
    readonly routes: readonly Share[];
    readonly count: number;
    readonly failures: number;
    readonly since: string | null;
    readonly error: string;
    readonly callers: readonly Share[];
    readonly traceIds: readonly string[];
    readonly extraMs: number;
}
export interface Terminal {
    readonly stdin: AsyncIterable<string | Buffer> & {
        readonly isTTY?: boolean;
    };
    readonly stdout: Output;
    readonly stderr: Output;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly signal?: AbortSignal | undefined;
}
export interface TraceService {
    readonly name: string;
    readonly spans: number;
    readonly errors: number;
}
export interface TraceSummary {
    readonly traceId: string;
    readonly startMs: number;
    readonly durationMs: number;
    readonly root: {
        readonly service: string;
        readonly name: string;
    };
    readonly services: readonly TraceService[];
    readonly spans: number;
    readonly errors: number;
}
export interface TrafficDocument {
    readonly service: string;
    readonly instance: string;
    readonly version: string | null;
    readonly startedAt: string;
    readonly now: string;
    readonly series: readonly Series[];
    readonly baseline: readonly Series[];
    readonly changes: readonly DocumentChange[];
}
export interface Unreached {
    readonly address: string;
    readonly key: string;
    readonly given: boolean;
    readonly silent: boolean;
    readonly error: string;
}
export interface Verdict extends Findings {
    readonly unreached: readonly string[];
    readonly health: readonly string[];
    readonly trace: {
        readonly traceId: string;
        readonly spans: readonly Span[];
    } | null;
}
export interface VersionComparison {
    readonly windowS: WindowS;
    readonly rows: readonly VersionRow[];
    readonly worse: readonly VersionFinding[];
    readonly undecided: readonly string[];
    readonly survey: Survey;
}
export interface VersionFinding {
    readonly name: string;
    readonly version: string;
    readonly than: readonly string[];
    readonly route: string;
    readonly what: string;
}
export interface VersionRow extends Figures {
    readonly name: string;
    readonly version: string;
    readonly route: string;
}
export type AttributeValue = string | number | boolean | null | AttributeValue[] | Attributes;
export type Confidence = "high" | "medium" | "low";
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
export type Fault = "errors" | "refusals" | "unreachable" | "timeouts" | "slow" | "slow-way" | "impatient" | "held-up";
export type HealthState = string;
export type Paint = (style: "red" | "green" | "yellow" | "bold" | "dim", text: string) => string;
export type Source = {
    readonly kind: "series";
    readonly service: string;
    readonly side: "server" | "client";
    readonly peer: string;
    readonly route: string;
    readonly windowS: number;
} | {
    readonly kind: "trace";
    readonly traceId: string;
} | {
    readonly kind: "change";
    readonly instance: string;
    readonly at: string;
};
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";
export type WindowS = (typeof WINDOWS)[number];
type ResolveHost = (hostname: string) => Promise<readonly (string | undefined)[]>;
