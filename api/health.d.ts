import { Answer } from "@whodunit/core";
import { IncomingMessage } from "node:http";
import { Redactor } from "@whodunit/redaction";
import { Server } from "node:http";
export declare function breakerProbe(options: BreakerProbeOptions): Probe;
export declare function createHealth(options: HealthOptions): Health;
export declare function diskProbe(options: DiskProbeOptions): Probe;
export declare function dnsProbe(options: DnsProbeOptions): Probe;
export declare function eventLoopProbe(options?: EventLoopProbeOptions): Probe;
export declare function gaugeProbe(options: GaugeProbeOptions): Probe;
export declare function httpProbe(options: HttpProbeOptions): Probe;
export declare function kafkaProbe(options: KafkaProbeOptions): Probe;
export declare function memoryProbe(options?: MemoryProbeOptions): Probe;
export declare function mongodbProbe(options: MongodbProbeOptions): Probe;
export declare function mysqlProbe(options: MysqlProbeOptions): Probe;
export declare function natsProbe(options: NatsProbeOptions): Probe;
export declare function postgresProbe(options: PostgresProbeOptions): Probe;
export declare function rabbitmqProbe(options: RabbitmqProbeOptions): Probe;
export declare function redisProbe(options: RedisProbeOptions): Probe;
export declare function serviceProbe(options: ServiceProbeOptions): Probe;
export declare function tcpProbe(options: TcpProbeOptions): Probe;
export declare function tlsProbe(options: TlsProbeOptions): Probe;
export declare function trafficProbe(traffic: TrafficSource, options?: TrafficProbeOptions): Probe;
export interface BreakerProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly breaker: OpossumBreaker | CockatielBreaker;
}
export interface ChangeLogger {
    error(name: string, fields: Readonly<Record<string, unknown>>): void;
    debug(name: string, fields: Readonly<Record<string, unknown>>): void;
}
export interface CheckResult {
    readonly status: "OK" | "DEGRADED" | "ERROR";
    readonly reason?: string;
    readonly value?: number;
    readonly unit?: string;
}
export interface Clock {
    now(): number;
    wall(): number;
    after(delayMs: number, callback: () => void): () => void;
    random(): number;
    uptime?(): number;
}
export interface CockatielBreaker {
    readonly state: number;
}
export interface DiskProbeOptions extends ProbeSettings {
    readonly name?: string;
    readonly path: string;
    readonly degradedPercent?: number;
    readonly errorPercent?: number;
}
export interface DnsProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly hostname: string;
    readonly recordType?: "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SRV" | "TXT";
    readonly resolver?: DnsResolver;
}
export interface DnsResolver {
    resolve(hostname: string, recordType: string): Promise<unknown>;
}
export interface EventLoopProbeOptions extends ProbeSettings {
    readonly name?: string;
    readonly degradedMs?: number;
    readonly errorMs?: number;
}
export interface Fault {
    readonly code: string;
    readonly text: string;
}
export interface GaugeProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly read: () => number | Promise<number>;
    readonly degradedAt: number;
    readonly errorAt: number;
    readonly unit?: string;
}
export interface Health {
    readonly service: string;
    entries(): readonly HealthEntry[];
    subscribe(listener: HealthListener): () => void;
    answer(request: IncomingMessage, path?: string): Answer | Promise<Answer> | undefined;
    adoptServer(server: Server, close?: () => Promise<void>): void;
    close(): Promise<void>;
}
export interface HealthChange {
    readonly event: string;
    readonly service: string;
    readonly probe: string;
    readonly from: Status;
    readonly to: Status;
    readonly since: string;
    readonly at: string;
    readonly priority: Priority;
    readonly critical: boolean;
    readonly group: string;
    readonly error?: string;
    readonly owner?: string;
    readonly runbook?: string;
}
export interface HealthEntry {
    readonly probe: ResolvedProbe;
    readonly status: Status;
    readonly statusTime: number;
    readonly level: Level;
    readonly levelSince: number;
    readonly failedAs: "TIMEOUT" | "ERROR" | "STALE" | undefined;
    readonly durationMs: number | undefined;
    readonly fault: Fault | undefined;
    readonly value: number | undefined;
    readonly unit: string | undefined;
    readonly flapping: boolean;
    readonly abandoned: number;
    readonly history: readonly HistoryItem[];
}
export interface HealthOptions {
    readonly service: string;
    readonly probes?: readonly Probe[];
    readonly authorize?: Authorize;
    readonly drainDelayMs?: number;
    readonly logger?: ChangeLogger;
    readonly webhook?: WebhookOptions;
    readonly redactor?: Redactor;
    readonly clock?: Clock;
}
export interface HistoryItem {
    readonly status: Status;
    readonly since: number;
}
export interface HttpProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly url: string | URL;
    readonly method?: "GET" | "HEAD";
    readonly headers?: Readonly<Record<string, string>>;
    readonly accept?: (status: number) => boolean;
    readonly fetch?: typeof fetch;
}
export interface KafkaAdmin {
    describeCluster(): Promise<{
        readonly brokers: readonly unknown[];
    }>;
}
export interface KafkaProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly client: KafkaAdmin;
}
export interface MemoryProbeOptions extends ProbeSettings {
    readonly name?: string;
    readonly degradedPercent?: number;
    readonly errorPercent?: number;
}
export interface MongodbClient {
    db(name: string): {
        command(command: {
            readonly ping: 1;
        }): Promise<unknown>;
    };
}
export interface MongodbProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly client: MongodbClient;
}
export interface MysqlClient {
    query(sql: string): unknown;
    promise?(): {
        query(sql: string): Promise<unknown>;
    };
}
export interface MysqlProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly client: MysqlClient;
}
export interface NatsClient {
    rtt(): Promise<unknown>;
}
export interface NatsProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly client: NatsClient | (() => NatsClient | undefined);
}
export interface OpossumBreaker {
    readonly opened: boolean;
    readonly halfOpen: boolean;
}
export interface PostgresClient {
    query(sql: string): Promise<unknown>;
    readonly totalCount?: number;
    readonly idleCount?: number;
    readonly waitingCount?: number;
}
export interface PostgresProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly client: PostgresClient;
}
export interface Probe extends ProbeSettings {
    readonly name: string;
    readonly check: Check;
    readonly kind?: "own" | "service";
    readonly explain?: () => string | undefined;
    readonly close?: () => void;
}
export interface ProbeSettings {
    readonly critical?: boolean;
    readonly group?: string;
    readonly priority?: Priority;
    readonly intervalMs?: number;
    readonly timeoutMs?: number;
    readonly failAfter?: number;
    readonly recoverAfter?: number;
    readonly owner?: string;
    readonly runbook?: string;
}
export interface RabbitmqChannel {
    readonly connection: unknown;
    cancel(consumerTag: string, done: Done): unknown;
}
export interface RabbitmqConnection {
    createChannel(...nothing: never[]): unknown;
}
export interface RabbitmqProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly client: RabbitmqClient | (() => RabbitmqClient | undefined);
}
export interface RedisClient {
    ping(): Promise<unknown>;
    readonly isReady?: boolean;
    readonly status?: string;
}
export interface RedisProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly client: RedisClient;
}
export interface ServiceProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly url: string | URL;
    readonly headers?: Readonly<Record<string, string>>;
    readonly fetch?: typeof fetch;
}
export interface TcpProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly host: string;
    readonly port: number;
}
export interface TlsProbeOptions extends ProbeSettings {
    readonly name: string;
    readonly host: string;
    readonly port?: number;
    readonly servername?: string;
    readonly ca?: string | Buffer;
    readonly degradedDays?: number;
    readonly errorDays?: number;
}
export interface TrafficProbeOptions extends ProbeSettings {
    readonly name?: string;
    readonly minSuccess?: number;
    readonly minCount?: number;
    readonly windowS?: 10 | 60 | 600;
}
export interface TrafficSeries {
    readonly side: "server" | "client";
    readonly peer: string;
    readonly route: string;
    readonly windowS: number;
    readonly count: number;
    readonly failures: number;
}
export interface TrafficSource {
    snapshot(): {
        readonly series: readonly TrafficSeries[];
    };
    counts?(windowS: 10 | 60 | 600): readonly TrafficSeries[];
}
export interface WebhookOptions {
    readonly url: string | URL;
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
    readonly fetch?: typeof fetch;
}
export type Authorize = (request: IncomingMessage) => boolean | Promise<boolean>;
export type Check = (signal: AbortSignal) => unknown;
export type HealthListener = (change: HealthChange) => void | Promise<void>;
export type Level = "unknown" | "well" | "degraded" | "failing";
export type Priority = "page" | "business-hours" | "none";
export type RabbitmqClient = RabbitmqConnection | RabbitmqChannel;
export type ResolvedProbe = Required<Omit<Probe, OptionalKey>> & Pick<Probe, OptionalKey> & {
    readonly staleAfterMs: number;
};
export type Status = "OK" | "DEGRADED" | "TIMEOUT" | "ERROR" | "STALE" | "STARTING";
type Done = (error: unknown) => void;
type OptionalKey = "owner" | "runbook" | "explain" | "close";
