export declare class StoreError extends Error {
    readonly name = "StoreError";
}
export declare function compareSummaries(before: Pick<Summary, "names">, now: Pick<Summary, "names">): Change[];
export declare function compareVersions(urls: readonly string[], options?: SourceOptions): Promise<VersionComparison>;
export declare function edges(urls: readonly string[], options?: EdgesOptions): Promise<Edges>;
export declare function health(urls: readonly string[], options?: HealthOptions, resolve?: ResolveHost): Promise<HealthReport>;
export declare function investigate(urls: readonly string[], options?: InvestigateOptions): Promise<Verdict>;
export declare function profile(url: string, options?: ProfileOptions): Promise<Profile>;
export declare function renderEdges({ rows }: Edges): string;
export declare function renderHealth(report: HealthReport, paint?: Paint): string;
export declare function renderProfile({ profiledMs, busyShare, gcShare, functions, worker, }: Omit<Profile, "text">): string;
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
export interface Cause {
    readonly kind: CauseKind;
    readonly instance: string;
    readonly told: string;
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
    readonly why: readonly Cause[];
    readonly which: readonly Which[];
    readonly evidence: readonly Evidence[];
    readonly confidence: Confidence;
    readonly asBefore: boolean;
}
export interface CulpritProfile extends Profile {
    readonly instance: string;
}
export interface EdgeRow extends Figures {
    readonly src: string;
    readonly dst: string;
    readonly seenBy: "src" | "dst";
}
export interface Edges extends Reached {
    readonly windowS: number;
    readonly rows: readonly EdgeRow[];
}
export interface EdgesOptions extends SourceOptions {
}
export interface Evidence {
    readonly claim: string;
    readonly source: Source;
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
    readonly windowS: number;
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
    readonly unreached: readonly Unanswered[];
    readonly blamed: readonly string[];
}
export interface HotFunction {
    readonly name: string;
    readonly file: string;
    readonly line: number;
    readonly ms: number;
    readonly share: number;
}
export interface Hottest {
    readonly profiledMs: number;
    readonly busyShare: number;
    readonly gcShare: number;
    readonly functions: readonly HotFunction[];
}
export interface InvestigateOptions extends SourceOptions {
    readonly view?: string;
    readonly logs?: readonly string[];
    readonly profile?: boolean;
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
export interface Profile extends Hottest {
    readonly text: string;
    readonly worker: Worker | null;
}
export interface ProfileOptions {
    readonly seconds?: number;
    readonly token?: string | undefined;
    readonly address?: string | undefined;
}
export interface Reached {
    readonly addresses: Readonly<Record<string, readonly string[]>>;
    readonly unreached: readonly Unanswered[];
}
export interface Receiver {
    readonly url: string;
    readonly port: number;
    counts(): Promise<StoreCounts>;
    trace(traceId: string): Promise<Span[] | null>;
    addLines(lines: readonly Line[]): Promise<void>;
    follow(path: string): Promise<void>;
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
export interface ServiceHealth {
    readonly address: string;
    readonly service: string;
    readonly worker: number | null;
    readonly status: "pass" | "warn" | "fail";
    readonly checks: readonly HealthCheck[];
}
export interface Share {
    readonly name: string;
    readonly count: number;
    readonly failures: number;
}
export interface SourceOptions extends SurveyOptions {
    readonly windowS?: number;
    readonly store?: StoreOptions | undefined;
    readonly receiver?: ViewOptions | undefined;
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
export interface Stat extends Reached {
    readonly windowS: number;
    readonly rows: readonly StatRow[];
}
export interface StatOptions extends SourceOptions {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
}
export interface StatRow extends Figures {
    readonly name: string;
    readonly route: string | null;
}
export interface StoreAddress {
    readonly url: string;
    readonly token?: string | undefined;
    readonly user?: {
        readonly name: string;
        readonly password: string;
    } | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly tls?: {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
        readonly insecure?: boolean | undefined;
    } | undefined;
    readonly timeoutMs?: number | undefined;
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
export interface StoreOptions extends StoreAddress {
    readonly at?: Date | undefined;
    readonly match?: string | undefined;
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
export interface SurveyOptions {
    readonly token?: string | undefined;
    readonly follow?: readonly string[] | undefined;
    readonly discover?: boolean | "followed";
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
    readonly lateMs: number | null;
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
export interface TraceLine {
    readonly timeMs: number;
    readonly service: string;
    readonly level: string;
    readonly text: string;
    readonly traceId: string;
    readonly fields: Readonly<Record<string, unknown>>;
}
export interface Unanswered {
    readonly address: string;
    readonly error: string;
}
export interface Verdict extends Findings {
    readonly addresses: Readonly<Record<string, readonly string[]>>;
    readonly at: string | null;
    readonly unreached: readonly string[];
    readonly health: readonly string[];
    readonly trace: {
        readonly traceId: string;
        readonly spans: readonly Span[];
    } | null;
    readonly lines: readonly TraceLine[];
    readonly profile: CulpritProfile | null;
}
export interface VersionComparison extends Reached {
    readonly windowS: number;
    readonly rows: readonly VersionRow[];
    readonly worse: readonly VersionFinding[];
    readonly undecided: readonly string[];
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
export interface ViewOptions {
    readonly url: string;
    readonly at?: Date | undefined;
}
export interface Which {
    readonly name: string;
    readonly value: string;
    readonly failing: number;
    readonly ofFailing: number;
    readonly good: number;
    readonly ofGood: number;
    readonly isWhole: boolean;
}
export type AttributeValue = string | number | boolean | null | AttributeValue[] | Attributes;
export type CauseKind = "memory" | "garbage-collection" | "cpu-limit" | "event-loop" | "pool" | "sockets" | "cpu";
export type Confidence = "high" | "medium" | "low";
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
    readonly kind: "attributes";
    readonly service: string;
    readonly routes: readonly string[];
    readonly windowS: number;
} | {
    readonly kind: "resources";
    readonly service: string;
    readonly instance: string;
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
interface Worker {
    readonly worker: number;
    readonly of: number | null;
}
type ResolveHost = (hostname: string) => Promise<readonly (string | undefined)[]>;
