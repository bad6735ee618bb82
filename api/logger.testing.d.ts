import { Redactor } from "@whodunit/redaction";
import { RedactorOptions } from "@whodunit/redaction";
import { assertNoSecrets } from "@whodunit/redaction/testing";
declare class Logger {}
declare const LEVEL_SIGNALS: readonly ["SIGUSR1", "SIGUSR2", "SIGHUP"];
declare const PINO_ERROR_LEVELS: {
    warn: number;
    error: number;
    fatal: number;
};
export declare function assertDestination(make: () => DestinationUnderTest | Promise<DestinationUnderTest>, options?: DestinationCheckOptions): Promise<void>;
export declare function captureLogs(options?: Partial<Omit<LoggerOptions, "destination" | "pretty">>): Capture;
export interface Capture {
    readonly logger: Logger;
    readonly lines: readonly CapturedLine[];
    readonly text: string;
    clear(): void;
}
export interface CapturedLine {
    readonly level: "debug" | "error";
    readonly time: string;
    readonly msg: string;
    readonly service: string;
    readonly [field: string]: unknown;
}
export interface DestinationCheckOptions {
    readonly timeoutMs?: number;
}
export interface DestinationUnderTest {
    readonly destination: LineDestination;
    received(): string | Promise<string>;
    stall?(): unknown;
    resume?(): unknown;
    fail?(): unknown;
    close?(): unknown;
}
interface FieldNames {
    readonly level?: string;
    readonly time?: string;
    readonly msg?: string;
    readonly service?: string;
    readonly trace_id?: string;
    readonly span_id?: string;
}
interface Limits {
    readonly stringLength?: number;
    readonly depth?: number;
    readonly items?: number;
    readonly lineBytes?: number;
}
interface LineDestination {
    write(line: string): unknown;
    readonly writableLength?: number;
    readonly writable?: boolean;
    flush?(done: (error?: Error | null) => void): unknown;
    flushSync?(): unknown;
}
interface LoggerOptions {
    readonly service: string;
    readonly level?: string;
    readonly fieldNames?: FieldNamesSet | FieldNames;
    readonly fields?: object;
    readonly levelSignal?: LevelSignal;
    readonly redact?: RedactorOptions | Redactor | false;
    readonly names?: NamesRule;
    readonly pinoErrorFrom?: PinoErrorLevel;
    readonly limits?: Limits;
    readonly recorder?: RecorderOptions | false;
    readonly throttle?: ThrottleOptions | false;
    readonly destination?: string | LineDestination;
    readonly pretty?: boolean;
}
interface RecorderOptions {
    readonly lines?: number;
    readonly length?: number;
    readonly perSecond?: number;
}
interface ThrottleOptions {
    readonly perSecond?: number;
}
type FieldNamesSet = "ecs" | "gcp" | "datadog";
type LevelSignal = (typeof LEVEL_SIGNALS)[number];
type NamesRule = "free-text" | "strict";
type PinoErrorLevel = keyof typeof PINO_ERROR_LEVELS;
