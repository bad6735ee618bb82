import { FakeClock } from "@whodunit/core/testing";
export declare function createScriptedProbe(settings: ProbeSettings & Pick<Probe, "name" | "kind">, ...script: readonly ScriptStep[]): ScriptedProbe;
export interface ScriptedProbe {
    readonly probe: Probe;
    readonly runs: number;
    readonly running: number;
    readonly maxRunning: number;
    play(...script: readonly ScriptStep[]): void;
    release(): void;
}
export type ScriptStep = "OK" | "DEGRADED" | "ERROR" | "HANG";
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
type Priority = "page" | "business-hours" | "none";
