export declare const CLEAN = 0;
export declare const ESCAPE = 1;
export declare const SCAN = 2;
export declare function nextSuspect(bytes: DataView, start: number, from: number, end: number): number;
export declare function serialiserOf(redactor: Redactor): SerialiserRedactor;
export interface SerialiserMethods {
    inspect(text: string): Inspection;
    inspectAt(text: string, index: number): Inspection;
    holdsNumber(text: string): boolean;
    readonly concerns: ((text: string) => boolean) | undefined;
    standIn(key: string, value: unknown): unknown;
    standInUnder(key: string): ((value: unknown) => unknown) | undefined;
    hide(kind: string, value: unknown): string | undefined;
    sensitiveItem(array: readonly unknown[], index: number, before: unknown, item: unknown): boolean;
    isNamed(key: string): boolean;
    sensitiveName(holder: object, key: string): string | undefined;
}
export type Inspection = typeof CLEAN | typeof ESCAPE | typeof SCAN;
export type SerialiserRedactor = Redactor & SerialiserMethods;
interface Redactor {
    redactText(text: string, maxLength?: number): string;
    redactValue(value: unknown, limits?: ValueLimits): unknown;
    redactUrl(url: string): string;
    sensitiveKey(key: string): boolean;
    readonly mask: string;
    counts(): Readonly<Record<string, number>>;
}
interface ValueLimits {
    readonly depth?: number;
    readonly items?: number;
    readonly length?: number;
    readonly size?: number;
}
