import type { WaterfallAnswer } from "./answers.ts";
import { byId, h } from "./dom.ts";
import { cut, ms, things, timeOfDay } from "./format.ts";
import { drawRow } from "./waterfall-row.ts";

type Row = WaterfallAnswer["rows"][number];

const STEP = 1_000;
const COLOURS = 8;
const FAILURES_SHOWN = 5;

interface View {
  readonly traceId: string;
  readonly open: Set<string>;
  spans: number;
  limit: number;
}

let view: View | null = null;

/** Shows a trace. Does nothing when it is shown already and no span has come since. */
export function showWaterfall(answer: WaterfallAnswer): void {
  const { traceId, rows } = answer;
  const first = view?.traceId !== traceId;
  if (!first && view?.spans === rows.length) return;
  const failures = firstFailures(rows);
  view = first
    ? { traceId, open: new Set(failures.slice(0, 1).map(({ span }) => span.spanId)), spans: 0, limit: STEP }
    : view!;
  view.spans = rows.length;
  draw(view, answer, failures);
  if (first) byId("trace-heading").focus({ preventScroll: true });
}

/** Forgets the trace that was shown. */
export function leaveWaterfall(): void {
  view = null;
  byId("waterfall").replaceChildren();
}

/** Says that there is no such trace, or that it has gone since. */
export function showGone(traceId: string): void {
  const here = view?.traceId === traceId;
  byId("trace-note").textContent = here
    ? "The receiver has let this trace go since; it is shown as it was."
    : "The receiver does not hold this trace. It may have made room for others, or not have arrived yet.";
  if (here) return;
  leaveWaterfall();
  byId("trace-heading").textContent = `Trace ${traceId}`;
  byId("trace-facts").replaceChildren();
  byId("trace-failures").replaceChildren();
}

/** The spans that failed while none below them did: where it began. */
function firstFailures(rows: readonly Row[]): Row[] {
  const parents = new Set(rows.filter(({ span }) => span.error).map(({ span }) => span.parentSpanId));
  return rows.filter(({ span }) => span.error && !parents.has(span.spanId));
}

function draw(shown: View, answer: WaterfallAnswer, failures: readonly Row[]): void {
  const { rows, traceId } = answer;
  const startMs = rows.reduce((start, { span }) => Math.min(start, span.startMs), Number.POSITIVE_INFINITY);
  const endMs = rows.reduce((end, { span }) => Math.max(end, span.startMs + span.durationMs), startMs);
  const services = [...new Set(rows.map(({ span }) => span.service))];
  const root = rows[0]!.span;
  byId("trace-heading").textContent = `${root.service}  ${root.name}`;
  byId("trace-note").textContent = isWhole(rows) ? "" : "Spans are missing: they may still be on their way.";
  byId("trace-facts").replaceChildren(
    ...fact("Trace", h("code", {}, traceId)),
    ...fact("Started", timeOfDay(startMs)),
    ...fact("Took", ms(endMs - startMs)),
    ...fact("Spans", things(rows.length, "span")),
    ...fact(
      "Services",
      services
        .map((name) => cut(name, 40))
        .slice(0, 12)
        .join(", "),
    ),
  );
  byId("trace-failures").replaceChildren(
    ...failures
      .slice(0, FAILURES_SHOWN)
      .map((row) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", onclick: () => reveal(shown, answer, row) },
            `${row.span.service}  ${cut(row.span.name, 80)}`,
          ),
          row.failure === "" ? "" : ` ${row.failure}`,
        ),
      ),
  );
  const scale = { startMs, totalMs: Math.max(endMs - startMs, 0.001) };
  const colour = (service: string): string => `s${services.indexOf(service) % COLOURS}`;
  const body = rows
    .slice(0, shown.limit)
    .flatMap((row) => drawRow(row, shown.open, scale, colour(row.span.service)));
  const left = rows.length - shown.limit;
  if (left > 0) {
    const more = (): void => {
      const next = rows[shown.limit]!;
      shown.limit += STEP;
      draw(shown, answer, failures);
      byId(`span-${next.span.spanId}`).focus();
    };
    body.push(
      h(
        "tr",
        {},
        h(
          "td",
          { colspan: 2 },
          h("button", { type: "button", onclick: more }, `Show more: ${things(left, "span")} left`),
        ),
      ),
    );
  }
  const focused = document.activeElement?.id ?? "";
  byId("waterfall").replaceChildren(...body);
  // More spans must not take the reader's place away.
  if (focused.startsWith("span-")) document.getElementById(focused)?.focus({ preventScroll: true });
  byId("ticks").replaceChildren(
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => h("span", {}, ms(share * scale.totalMs))),
  );
}

const fact = (name: string, value: Node | string): [HTMLElement, HTMLElement] => [
  h("dt", {}, name),
  h("dd", {}, value),
];

function isWhole(rows: readonly Row[]): boolean {
  const ids = new Set(rows.map(({ span }) => span.spanId));
  return rows.every(({ span }) => span.parentSpanId === null || ids.has(span.parentSpanId));
}

function reveal(shown: View, answer: WaterfallAnswer, { span }: Row): void {
  shown.open.add(span.spanId);
  shown.limit = Math.max(shown.limit, answer.rows.findIndex((row) => row.span.spanId === span.spanId) + 1);
  draw(shown, answer, firstFailures(answer.rows));
  byId(`span-${span.spanId}`).focus();
}
