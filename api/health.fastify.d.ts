import { Answer } from "@whodunit/core";
import { FastifyPluginAsync } from "fastify";
import { IncomingMessage } from "node:http";
import { Server } from "node:http";
export declare const healthPlugin: FastifyPluginAsync<HealthPluginOptions>;
export interface HealthPluginOptions {
    readonly health: Health;
}
interface Fault {
    readonly code: string;
    readonly text: string;
}
interface Health {
    readonly service: string;
    entries(): readonly HealthEntry[];
    subscribe(listener: HealthListener): () => void;
    answer(request: IncomingMessage, path?: string): Answer | Promise<Answer> | undefined;
    adoptServer(server: Server, close?: () => Promise<void>): void;
    close(): Promise<void>;
}
interface HealthChange {
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
interface HealthEntry {
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
interface HistoryItem {
    readonly status: Status;
    readonly since: number;
}
interface Probe extends ProbeSettings {
    readonly name: string;
    readonly check: Check;
    readonly kind?: "own" | "service";
    readonly explain?: () => string | undefined;
    readonly close?: () => void;
}
interface ProbeSettings {
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
type Check = (signal: AbortSignal) => unknown;
type HealthListener = (change: HealthChange) => void | Promise<void>;
type Level = "unknown" | "well" | "degraded" | "failing";
type OptionalKey = "owner" | "runbook" | "explain" | "close";
type Priority = "page" | "business-hours" | "none";
type ResolvedProbe = Required<Omit<Probe, OptionalKey>> & Pick<Probe, OptionalKey> & {
    readonly staleAfterMs: number;
};
type Status = "OK" | "DEGRADED" | "TIMEOUT" | "ERROR" | "STALE" | "STARTING";
