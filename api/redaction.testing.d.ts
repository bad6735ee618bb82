export declare function assertNoSecrets(output: string | Iterable<string>, options?: RedactorOptions): void;
interface RedactorOptions {
    readonly action?: Action;
    readonly kinds?: Readonly<Partial<Record<Kind, Action | false>>> & Readonly<Record<string, Action | false>>;
    readonly keys?: readonly string[];
    readonly safeKeys?: readonly string[];
    readonly allowKeys?: readonly string[];
    readonly rules?: readonly Rule[];
    readonly mask?: string;
    readonly pseudonymKey?: string | Uint8Array;
}
interface Rule {
    readonly kind: string;
    readonly pattern: RegExp;
    readonly gate?: string;
    readonly validate?: (match: string) => boolean;
}
type Action = "mask" | "remove" | "partial" | "pseudonym";
type Kind = "secret" | "email" | "phone" | "card" | "iban" | "ssn" | "identity" | "jwt" | "auth" | "aws" | "vendor" | "private-key" | "userinfo" | "ip";
