import type { WaterfallAnswer } from "./answers.ts";
import { byId, h, keepBodies } from "./dom.ts";
import { count, cut, dated, ms, things } from "./format.ts";
import { RowWindow } from "./row-window.ts";
import { linesOf } from "./trace-lines.ts";
import { drawRow, type Scale } from "./waterfall-row.ts";

type Row = NonNullable<WaterfallAnswer["rows"]>[number];

const COLOURS = 8;
const FAILURES_SHOWN = 5;
// From here on what failed first may not be seen at once.
const MANY = 20;

interface View {
  readonly traceId: string;
  readonly rows: readonly Row[];
  readonly scale: Scale;
  readonly services: readonly string[];
  readonly failures: readonly Row[];
  readonly window: RowWindow;
  /** The ids of the spans whose details are open. */
  readonly open: Set<string>;
  /** The row that the keyboard is at. */
  at: number;
  find: string;
  hits: readonly number[];
}

let view: View | null = null;

/** How many spans of a trace are shown: where there are no more, they need not be sent again. */
export const knownSpans = (traceId: string): number => (view?.traceId === traceId ? view.rows.length : 0);

/** Shows a trace. Does nothing when it is shown already and no span has come since. */
export function showWaterfall({ traceId, rows }: WaterfallAnswer, find: string): void {
  const first = view?.traceId !== traceId;
  if (rows !== null) {
    const failures = firstFailures(rows);
    const open = first ? new Set(failures.slice(0, 1).map(({ span }) => span.spanId)) : view!.open;
    const window = new RowWindow(rows.map(({ span }) => span.spanId));
    for (const id of open) window.open(id);
    view = {
      traceId,
      rows,
      scale: scaleOf(rows),
      services: servicesOf(rows),
      failures,
      window,
      open,
      at: -1,
      find: "",
      hits: [],
    };
    showHead(view);
    if (first) byId("waterfall-card").scrollTop = 0;
  }
  if (view === null) return;
  if (view.find !== find || rows !== null) findIn(view, find);
  draw(view);
  if (!first) return;
  const [failed] = view.failures;
  if (failed !== undefined && find === "" && view.rows.length > MANY) bring(view, view.rows.indexOf(failed));
  byId("trace-heading").focus({ preventScroll: true });
}

/** Forgets the trace that was shown. */
export function leaveWaterfall(): void {
  view = null;
  keepBodies(byId("waterfall"), [], String, () => h("tbody"));
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

/** Tells when the reader looks for spans, and goes from one to the next. */
export function onFind(changed: (find: string) => void): void {
  const field = byId<HTMLInputElement>("span-find");
  field.addEventListener("input", () => changed(field.value));
  byId("span-search").addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || view === null) return;
    event.preventDefault();
    goToHit(view, event.shiftKey ? -1 : 1, false);
  });
  byId("find-next").addEventListener("click", () => view !== null && goToHit(view, 1, true));
  byId("find-previous").addEventListener("click", () => view !== null && goToHit(view, -1, true));
  byId("waterfall-card").addEventListener("scroll", () => view !== null && draw(view), { passive: true });
  addEventListener("resize", () => view !== null && draw(view));
  addEventListener("beforeprint", () => view !== null && draw(view, true));
  addEventListener("afterprint", () => view !== null && draw(view));
}

function findIn(shown: View, find: string): void {
  const sought = find.trim().toLowerCase();
  shown.find = find;
  shown.hits = sought === "" ? [] : shown.rows.flatMap((row, i) => (textOf(row).includes(sought) ? [i] : []));
  const field = byId<HTMLInputElement>("span-find");
  if (document.activeElement !== field) field.value = find;
  for (const id of ["find-next", "find-previous"])
    byId<HTMLButtonElement>(id).disabled = shown.hits.length === 0;
  byId("find-note").textContent =
    sought === "" ? "" : `${count(shown.hits.length)} of ${things(shown.rows.length, "span")}`;
  const [hit] = shown.hits;
  if (hit !== undefined) bring(shown, hit);
}

const texts = new WeakMap<Row, string>();

/** All that can be found in a span, in lower case. */
function textOf(row: Row): string {
  let text = texts.get(row);
  if (text === undefined) {
    const { service, name, spanId, message, attributes, events } = row.span;
    text =
      `${service} ${name} ${spanId} ${message} ${row.failure} ${JSON.stringify([attributes, events])}`.toLowerCase();
    texts.set(row, text);
  }
  return text;
}

function goToHit(shown: View, step: 1 | -1, focus: boolean): void {
  const { hits, at } = shown;
  const next =
    step === 1
      ? hits.find((hit) => hit > at)
      : hits.findLast((hit) => hit < (at < 0 ? Number.POSITIVE_INFINITY : at));
  const hit = next ?? (step === 1 ? hits[0] : hits.at(-1));
  if (hit === undefined) return;
  bring(shown, hit);
  byId("find-note").textContent = `${count(hits.indexOf(hit) + 1)} of ${count(hits.length)}`;
  if (focus) focusRow(shown, hit);
}

/** The spans that failed while none below them did: where it began. */
function firstFailures(rows: readonly Row[]): Row[] {
  const parents = new Set(rows.filter(({ span }) => span.error).map(({ span }) => span.parentSpanId));
  return rows.filter(({ span }) => span.error && !parents.has(span.spanId));
}

function showHead(shown: View): void {
  const { rows, traceId, failures, services, scale } = shown;
  const root = rows[0]!.span;
  byId("trace-heading").textContent = `${root.service}  ${root.name}`;
  byId("trace-note").textContent = isWhole(rows) ? "" : "Spans are missing: they may still be on their way.";
  const named = services.map((name) => cut(name, 40)).slice(0, 12);
  byId("trace-facts").replaceChildren(
    ...fact("Trace", h("code", {}, traceId)),
    ...fact("Started", dated(scale.startMs)),
    ...fact("Took", ms(scale.totalMs)),
    ...fact("Spans", things(rows.length, "span")),
    ...fact("Services", named.join(", ")),
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
            { type: "button", onclick: () => reveal(shown, row) },
            `${row.span.service}  ${cut(row.span.name, 80)}`,
          ),
          row.failure === "" ? "" : ` ${row.failure}`,
        ),
      ),
  );
  byId("ticks").replaceChildren(
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => h("span", {}, ms(share * scale.totalMs))),
  );
  byId("waterfall").setAttribute("aria-rowcount", String(rows.length + 1));
}

const fact = (name: string, value: Node | string): [HTMLElement, HTMLElement] => [
  h("dt", {}, name),
  h("dd", {}, value),
];

function isWhole(rows: readonly Row[]): boolean {
  const ids = new Set(rows.map(({ span }) => span.spanId));
  return rows.every(({ span }) => span.parentSpanId === null || ids.has(span.parentSpanId));
}

const servicesOf = (rows: readonly Row[]): string[] => [...new Set(rows.map(({ span }) => span.service))];

function scaleOf(rows: readonly Row[]): Scale {
  const startMs = rows.reduce((start, { span }) => Math.min(start, span.startMs), Number.POSITIVE_INFINITY);
  const endMs = rows.reduce((end, { span }) => Math.max(end, span.startMs + span.durationMs), startMs);
  return { startMs, totalMs: Math.max(endMs - startMs, 0.001) };
}

/** Draws the rows that can be seen; of the others only the room they take. */
function draw(shown: View, whole = false): void {
  const { rows, window, open, scale, services, hits } = shown;
  const card = byId("waterfall-card");
  const focused = window.indexOf(document.activeElement?.id.replace(/^span-/, "") ?? "");
  const parts = whole ? window.all() : window.parts(card.scrollTop, card.clientHeight, focused);
  const hit = new Set(hits);
  keepBodies(
    byId("waterfall"),
    parts.map((part) =>
      "px" in part
        ? part
        : {
            ...part,
            hit: hit.has(part.row),
            lines: linesOf(rows[part.row]!.span.spanId).length,
            as: `${rows.length} ${scale.startMs} ${scale.totalMs}`,
          },
    ),
    (part) => ("px" in part ? `gap ${part.before}` : rows[part.row]!.span.spanId),
    (part) => {
      if ("px" in part) {
        const gap = h("tbody", { "aria-hidden": "true" }, h("tr", {}, h("td", { colspan: 2 })));
        (gap.firstElementChild as HTMLElement).style.height = `${part.px}px`;
        return gap;
      }
      const row = rows[part.row]!;
      return drawRow(row, {
        index: part.row,
        hit: part.hit,
        isOpen: open.has(row.span.spanId),
        scale,
        colour: `s${services.indexOf(row.span.service) % COLOURS}`,
        onOpen: (wanted) => setOpen(shown, row, wanted),
        onMove: (to) =>
          focusRow(shown, Math.max(0, Math.min(rows.length - 1, to === "last" ? rows.length - 1 : to))),
      });
    },
  );
  // How high details are is known once they stand there.
  let moved = false;
  for (const details of byId("waterfall").querySelectorAll<HTMLElement>("tr.details:not([hidden])"))
    moved =
      window.measure(details.id.slice("span-".length, -"-details".length), details.offsetHeight) || moved;
  if (moved && !whole) draw(shown);
}

function setOpen({ open, window }: View, { span }: Row, wanted: boolean): void {
  if (wanted) {
    open.add(span.spanId);
    const details = document.getElementById(`span-${span.spanId}-details`);
    window.open(span.spanId);
    if (details !== null) window.measure(span.spanId, details.offsetHeight);
  } else {
    open.delete(span.spanId);
    window.close(span.spanId);
  }
}

/** Scrolls so that a row can be seen. */
function bring(shown: View, index: number): void {
  shown.at = index;
  const card = byId("waterfall-card");
  // Where nothing stands yet, nothing can be scrolled.
  draw(shown);
  const top = shown.window.top(index);
  if (top < card.scrollTop || top > card.scrollTop + card.clientHeight - 80)
    card.scrollTop = Math.max(0, top - card.clientHeight / 3);
  draw(shown);
}

function focusRow(shown: View, index: number): void {
  bring(shown, index);
  byId(`span-${shown.rows[index]!.span.spanId}`).focus({ preventScroll: true });
}

function reveal(shown: View, row: Row): void {
  shown.open.add(row.span.spanId);
  shown.window.open(row.span.spanId);
  const index = shown.rows.indexOf(row);
  bring(shown, index);
  const button = byId(`span-${row.span.spanId}`);
  if (button.getAttribute("aria-expanded") === "false") button.click();
  focusRow(shown, index);
}
