import type { WaterfallAnswer } from "./answers.ts";
import { byId, h } from "./dom.ts";
import { cut, ms, things, timeOfDay } from "./format.ts";
import { spanDetails } from "./span-details.ts";

type Row = WaterfallAnswer["rows"][number];

const STEP = 1_000;
const COLOURS = 8;
const MAX_DEPTH = 16;
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
  const startMs = Math.min(...rows.slice(0, 50_000).map(({ span }) => span.startMs));
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
    .flatMap((row) => drawRow(shown, row, scale, colour(row.span.service)));
  const left = rows.length - shown.limit;
  if (left > 0) {
    const more = (): void => {
      shown.limit += STEP;
      draw(shown, answer, failures);
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
  byId("waterfall").replaceChildren(...body);
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

function drawRow(
  shown: View,
  { span, depth, failure }: Row,
  { startMs, totalMs }: { startMs: number; totalMs: number },
  colour: string,
): HTMLTableRowElement[] {
  const id = `span-${span.spanId}`;
  const details = h("tr", { class: "details", id: `${id}-details`, hidden: true }, h("td", { colspan: 2 }));
  const setOpen = (open: boolean): void => {
    if (open) {
      shown.open.add(span.spanId);
      if (details.firstElementChild?.firstChild === null)
        details.firstElementChild.append(spanDetails(span, startMs));
    } else shown.open.delete(span.spanId);
    details.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  const button = h(
    "button",
    {
      type: "button",
      id,
      class: "span",
      "aria-expanded": "false",
      "aria-controls": `${id}-details`,
      onclick: () => setOpen(details.hidden !== false),
      onkeydown: (event) => moveWith(event as KeyboardEvent, setOpen),
    },
    h("span", { class: "unseen" }, `Level ${depth + 1}. `),
    h("span", { class: `service ${colour}` }, cut(span.service, 32)),
    h("span", { class: "name" }, cut(span.name, 120)),
    span.error ? h("span", { class: "cross" }, "✗", h("span", { class: "unseen" }, " failed")) : null,
    failure === "" ? null : h("span", { class: "failure" }, failure),
  );
  const bar = h("span", { class: `bar ${colour} ${span.error ? "bad" : ""}` });
  const from = (span.startMs - startMs) / totalMs;
  const share = Math.min(span.durationMs / totalMs, 1 - from);
  bar.style.left = `${from * 100}%`;
  bar.style.width = `${share * 100}%`;
  const length = h("span", { class: "took" }, ms(span.durationMs));
  // Beside the bar, on the side that has room, or in it.
  if (from + share < 0.85) length.style.left = `${(from + share) * 100}%`;
  else if (from > 0.15) length.style.right = `${(1 - from) * 100}%`;
  else {
    length.classList.add("inside");
    length.style.right = `${(1 - from - share) * 100}%`;
  }
  const name = h("th", { scope: "row" }, button);
  name.style.paddingInlineStart = `${Math.min(depth, MAX_DEPTH) * 14}px`;
  const row = h(
    "tr",
    { class: span.error ? "failing" : "" },
    name,
    h("td", { class: "track" }, h("span", { class: "lane" }, bar, length)),
  );
  if (shown.open.has(span.spanId)) setOpen(true);
  return [row, details];
}

/** Up and down go from span to span, right opens, left closes. */
function moveWith(event: KeyboardEvent, setOpen: (open: boolean) => void): void {
  const buttons = [...byId("waterfall").querySelectorAll<HTMLButtonElement>("button.span")];
  const at = buttons.indexOf(event.currentTarget as HTMLButtonElement);
  const to: Readonly<Record<string, number>> = {
    ArrowUp: at - 1,
    ArrowDown: at + 1,
    Home: 0,
    End: buttons.length - 1,
  };
  if (event.key === "ArrowRight") setOpen(true);
  else if (event.key === "ArrowLeft") setOpen(false);
  else if (to[event.key] !== undefined) buttons[to[event.key]!]?.focus();
  else return;
  event.preventDefault();
}
