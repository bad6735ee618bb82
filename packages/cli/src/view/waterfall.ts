import { printable } from "../terminal/safe-text.ts";
import { largest } from "../terminal/table.ts";
import type { Span } from "./span.ts";

/** A span and how deep it stands in its trace. */
export interface WaterfallRow {
  readonly span: Span;
  readonly depth: number;
}

/**
 * The spans of a trace in the order of a waterfall: children under their parent, by start. A span whose
 * parent is not here stands at the top.
 */
export function waterfallRows(spans: readonly Span[]): WaterfallRow[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(
    [...spans].sort((a, b) => a.startMs - b.startMs),
    ({ parentSpanId }) => (parentSpanId !== null && ids.has(parentSpanId) ? parentSpanId : null),
  );
  const rows: WaterfallRow[] = [];
  const seen = new Set<string>();
  // After the roots every span, for those that are one another's parents and hang below none.
  const stack = [...(children.get(null) ?? []), ...spans].map((span) => ({ span, depth: 0 })).reverse();
  while (stack.length > 0) {
    const row = stack.pop()!;
    if (seen.has(row.span.spanId)) continue;
    seen.add(row.span.spanId);
    rows.push(row);
    const below = children.get(row.span.spanId) ?? [];
    for (const span of below.toReversed()) stack.push({ span, depth: row.depth + 1 });
  }
  return rows;
}

const BAR_WIDTH = 32;
const MAX_LABEL = 60;

/** A trace as text: who did what, a bar for when, how long, and what went wrong. */
export function renderWaterfall(spans: readonly Span[]): string {
  const rows = waterfallRows(spans);
  const startMs = spans.reduce((first, span) => Math.min(first, span.startMs), Number.POSITIVE_INFINITY);
  const totalMs = largest(spans.map((span) => span.startMs + span.durationMs - startMs));
  const labels = rows.map(({ span, depth }) => cut(`${"  ".repeat(depth)}${span.service}  ${span.name}`));
  const labelWidth = largest(labels.map((label) => label.length));
  const times = rows.map(({ span }) => duration(span.durationMs));
  const timeWidth = largest(times.map((time) => time.length));
  const lines = rows.map(({ span }, i) => {
    const bar = drawBar((span.startMs - startMs) / (totalMs || 1), span.durationMs / (totalMs || 1));
    const line = `${labels[i]!.padEnd(labelWidth)}  ${bar}  ${times[i]!.padStart(timeWidth)}`;
    return span.error ? `${line}  ✗ ${failure(span)}`.trimEnd() : line;
  });
  return `${lines.join("\n")}\n`;
}

function drawBar(from: number, share: number): string {
  const start = Math.min(BAR_WIDTH - 1, Math.floor(from * BAR_WIDTH));
  const length = Math.max(1, Math.min(BAR_WIDTH - start, Math.round(share * BAR_WIDTH)));
  return `${"·".repeat(start)}${"█".repeat(length)}`.padEnd(BAR_WIDTH, "·");
}

/** What a failed span says of its failure, on one line. */
export function failure({ attributes, events, message }: Span): string {
  const exception = events.find(({ name }) => name === "exception")?.attributes;
  const type = exception?.["exception.type"] ?? attributes["error.type"];
  const text = exception?.["exception.message"] ?? message;
  const parts = [type, text].filter((part) => typeof part === "string" && part !== "");
  return cut([...new Set(parts)].join(": "));
}

function cut(text: string): string {
  const clean = printable(text);
  return clean.length <= MAX_LABEL ? clean : `${clean.slice(0, MAX_LABEL - 1)}…`;
}

/** A duration as people read it. */
export function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
