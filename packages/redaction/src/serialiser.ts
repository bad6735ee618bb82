export type { SerialiserRedactor } from "./redactor.ts";
export { serialiserOf } from "./redactor.ts";
export type { SerialiserMethods } from "./replace/serialiser-methods.ts";
export { nextSuspect } from "./scan/byte-scan.ts";
export type { Inspection } from "./scan/scanner.ts";
export { CLEAN, ESCAPE, SCAN } from "./scan/scanner.ts";
