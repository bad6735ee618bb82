export type { Action, Kind } from "./kinds.ts";
export { KINDS } from "./kinds.ts";
export type { RedactorOptions, Rule } from "./options.ts";
export type { Redactor } from "./redactor.ts";
export { createRedactor } from "./redactor.ts";
export type { Inspection } from "./scanner.ts";
export { CLEAN, ESCAPE, SCAN } from "./scanner.ts";
export { nextSuspect } from "./suspects.ts";
export type { ValueLimits } from "./value.ts";
