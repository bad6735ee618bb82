import { checkShape, integer, type Shape } from "@whodunit/core";
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

const SHAPE = {
  stringLength: integer(64, 1_048_576),
  depth: integer(1, 32),
  items: integer(1, 10_000),
  lineBytes: integer(1_024, LINE_BYTES_MAX),
} satisfies Shape<Limits>;

/** Fills in the defaults. @throws TypeError on an unknown limit or one out of range */
export function resolveLimits(limits: Limits = {}): ResolvedLimits {
  checkShape("createLogger limits", limits, SHAPE);
  return { stringLength: 8_192, depth: 8, items: 100, lineBytes: 65_536, ...definedOf(limits) };
}

function definedOf(limits: Limits): Limits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
