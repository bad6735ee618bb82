import { checkInteger, checkOptions } from "@whodunit/core";
import { LINE_BYTES_MAX } from "./line-buffer.ts";

/** The bounds of one line. What is over a bound is cut, and the line says `truncated`. */
export interface Limits {
  /** The longest string, in UTF-16 code units. @default 8_192 */
  readonly stringLength?: number;
  /** How deep objects and arrays may nest. @default 8 */
  readonly depth?: number;
  /** The most entries of one object, array, Map or Set. @default 100 */
  readonly items?: number;
  /** The longest line, in bytes of UTF-8. @default 65_536 */
  readonly lineBytes?: number;
}

export type ResolvedLimits = Required<Limits>;

const LIMITS = ["stringLength", "depth", "items", "lineBytes"] as const;

/** Fills in the defaults. @throws TypeError on an unknown limit or one out of range */
export function resolveLimits(limits: Limits = {}): ResolvedLimits {
  checkOptions("createLogger limits", limits, LIMITS);
  checkInteger("createLogger limits", "stringLength", limits.stringLength, 64, 1_048_576);
  checkInteger("createLogger limits", "depth", limits.depth, 1, 32);
  checkInteger("createLogger limits", "items", limits.items, 1, 10_000);
  checkInteger("createLogger limits", "lineBytes", limits.lineBytes, 1_024, LINE_BYTES_MAX);
  return { stringLength: 8_192, depth: 8, items: 100, lineBytes: 65_536, ...definedOf(limits) };
}

function definedOf(limits: Limits): Limits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
