import type { WaterfallAnswer } from "./answers.ts";
import { byId, h } from "./dom.ts";
import { cut, ms } from "./format.ts";
import { spanDetails } from "./span-details.ts";

/** The time that a waterfall spans. */
export interface Scale {
  readonly startMs: number;
  readonly totalMs: number;
}

const MAX_DEPTH = 16;
const STEP_PX = 14;

/**
 * Draws a span: its name, which opens and closes its details, and its bar.
 *
 * @param open the ids of the spans whose details are open; kept up to date
 */
export function drawRow(
  { span, depth, failure }: WaterfallAnswer["rows"][number],
  open: Set<string>,
  { startMs, totalMs }: Scale,
  colour: string,
): HTMLTableRowElement[] {
  const id = `span-${span.spanId}`;
  const details = h("tr", { class: "details", id: `${id}-details`, hidden: true }, h("td", { colspan: 2 }));
  const setOpen = (wanted: boolean): void => {
    if (wanted) {
      open.add(span.spanId);
      if (details.firstElementChild?.firstChild === null)
        details.firstElementChild.append(spanDetails(span, startMs));
    } else open.delete(span.spanId);
    details.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
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
  name.style.paddingInlineStart = `${Math.min(depth, MAX_DEPTH) * STEP_PX}px`;
  const row = h(
    "tr",
    { class: span.error ? "failing" : "" },
    name,
    h("td", { class: "track" }, h("span", { class: "lane" }, bar, length)),
  );
  if (open.has(span.spanId)) setOpen(true);
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
