import type { WaterfallAnswer } from "./answers.ts";
import { h } from "./dom.ts";
import { cut, ms } from "./format.ts";
import { spanDetails } from "./span-details.ts";

/** The time that a waterfall spans. */
export interface Scale {
  readonly startMs: number;
  readonly totalMs: number;
}

type Row = NonNullable<WaterfallAnswer["rows"]>[number];

const MAX_DEPTH = 16;
const STEP_PX = 14;

/** How a row is drawn, and who is told what the reader does there. */
export interface RowOptions {
  /** Its place among all rows, drawn or not. */
  readonly index: number;
  /** Whether it is what the reader looks for. */
  readonly hit: boolean;
  readonly isOpen: boolean;
  readonly scale: Scale;
  readonly colour: string;
  readonly onOpen: (open: boolean) => void;
  /** The reader goes to another row. */
  readonly onMove: (to: number | "last") => void;
}

/** Draws a span: its name, which opens and closes its details, and its bar. */
export function drawRow({ span, depth, failure }: Row, options: RowOptions): HTMLTableSectionElement {
  const { index, hit, isOpen, scale, colour, onOpen } = options;
  const { startMs, totalMs } = scale;
  const id = `span-${span.spanId}`;
  const details = h("tr", { class: "details", id: `${id}-details`, hidden: true }, h("td", { colspan: 2 }));
  const setOpen = (wanted: boolean): void => {
    if (wanted && details.firstElementChild?.firstChild === null)
      details.firstElementChild.append(spanDetails(span, startMs));
    details.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
  };
  const toggle = (wanted: boolean): void => {
    setOpen(wanted);
    onOpen(wanted);
  };
  const button = h(
    "button",
    {
      type: "button",
      id,
      class: "span",
      "aria-expanded": "false",
      "aria-controls": `${id}-details`,
      onclick: () => toggle(details.hidden !== false),
      onkeydown: (event) => moveWith(event as KeyboardEvent, options, toggle),
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
  name.style.paddingInlineStart = `${Math.min(depth, MAX_DEPTH) * STEP_PX}px`;
  const row = h(
    "tr",
    { class: `row${span.error ? " failing" : ""}${hit ? " hit" : ""}`, "aria-rowindex": index + 2 },
    name,
    h("td", { class: "track" }, h("span", { class: "lane" }, bar, length)),
  );
  if (isOpen) setOpen(true);
  return h("tbody", {}, row, details);
}

/** Up and down go from span to span, right opens, left closes. */
function moveWith(
  event: KeyboardEvent,
  { index, onMove }: RowOptions,
  setOpen: (open: boolean) => void,
): void {
  const to: Readonly<Record<string, number | "last">> = {
    ArrowUp: index - 1,
    ArrowDown: index + 1,
    Home: 0,
    End: "last",
  };
  if (event.key === "ArrowRight") setOpen(true);
  else if (event.key === "ArrowLeft") setOpen(false);
  else if (to[event.key] !== undefined) onMove(to[event.key]!);
  else return;
  event.preventDefault();
}
