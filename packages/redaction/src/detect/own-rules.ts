import type { Rule } from "../options.ts";
import type { Span } from "./detector.ts";

const PIECE = 4096;
const SHARED = 512;

/** Runs the user's own patterns. */
export interface RuleScanner {
  /** Whether any pattern has to look at this text. */
  concerns(text: string): boolean;
  /** What the patterns find, in the order of the text, nothing overlapping. */
  spans(text: string): Span[];
}

/** Builds it. Each run of a pattern sees a bounded piece, so that one of polynomial time is linear in the text. */
export function createRuleScanner(rules: readonly Rule[]): RuleScanner {
  const own = rules.map((rule) => ({
    ...rule,
    pattern: new RegExp(rule.pattern.source, `${rule.pattern.flags.replace(/[gy]/g, "")}g`),
  }));
  return {
    concerns: (text) => own.some(({ gate }) => gate === undefined || text.includes(gate)),
    spans(text) {
      const found: Span[] = [];
      for (const rule of own) {
        if (rule.gate !== undefined && !text.includes(rule.gate)) continue;
        for (let from = 0; from === 0 || from + SHARED < text.length; from += PIECE - SHARED) {
          for (const match of text.slice(from, from + PIECE).matchAll(rule.pattern)) {
            if (match[0] === "" || !isValid(rule, match[0])) continue;
            found.push({
              start: from + match.index,
              end: from + match.index + match[0].length,
              kind: rule.kind,
            });
          }
        }
      }
      return found;
    },
  };
}

function isValid({ validate }: Rule, match: string): boolean {
  if (validate === undefined) return true;
  try {
    return validate(match) !== false;
  } catch {
    // A broken check must not let a secret through, nor throw into the service.
    return true;
  }
}

/** Joins two lists of spans: in order, and what overlaps becomes one of the earlier kind. */
export function joinSpans(some: readonly Span[], others: readonly Span[]): Span[] {
  const all = [...some, ...others].sort((a, b) => a.start - b.start || b.end - a.end);
  const joined: Span[] = [];
  for (const span of all) {
    const last = joined.at(-1);
    if (last === undefined || span.start >= last.end) joined.push(span);
    else if (span.end > last.end) joined[joined.length - 1] = { ...last, end: span.end };
  }
  return joined;
}
