export type { Action, Kind } from "./kinds.ts";
export { KINDS } from "./kinds.ts";
export type { RedactorOptions, Rule } from "./options.ts";
export type { Redactor } from "./redactor.ts";
export { createRedactor } from "./redactor.ts";
export type { ValueLimits } from "./replace/redact-value.ts";
