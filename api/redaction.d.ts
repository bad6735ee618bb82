export declare const KINDS: readonly Kind[];
export declare function createRedactor(options?: RedactorOptions): Redactor;
export interface Redactor {
    redactText(text: string, maxLength?: number): string;
    redactValue(value: unknown, limits?: ValueLimits): unknown;
    redactUrl(url: string): string;
    sensitiveKey(key: string): boolean;
    readonly mask: string;
    counts(): Readonly<Record<string, number>>;
}
export interface RedactorOptions {
    readonly action?: Action;
    readonly kinds?: Readonly<Partial<Record<Kind, Action | false>>> & Readonly<Record<string, Action | false>>;
    readonly keys?: readonly string[];
    readonly safeKeys?: readonly string[];
    readonly allowKeys?: readonly string[];
    readonly rules?: readonly Rule[];
    readonly mask?: string;
    readonly pseudonymKey?: string | Uint8Array;
}
export interface Rule {
    readonly kind: string;
    readonly pattern: RegExp;
    readonly gate?: string;
    readonly validate?: (match: string) => boolean;
}
export interface ValueLimits {
    readonly depth?: number;
    readonly items?: number;
    readonly length?: number;
    readonly size?: number;
}
export type Action = "mask" | "remove" | "partial" | "pseudonym";
export type Kind = "secret" | "email" | "phone" | "card" | "iban" | "ssn" | "identity" | "jwt" | "auth" | "aws" | "vendor" | "private-key" | "userinfo" | "ip";
