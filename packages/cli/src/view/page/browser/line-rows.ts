import type { FoundLine, Value } from "./answers.ts";
import { h } from "./dom.ts";
import { cut, dated } from "./format.ts";

const MAX_VALUE = 20_000;
const MAX_TEXT = 400;

/** Where links of a line lead. */
export interface LineLinks {
  trace(traceId: string): string;
  around(id: string): string;
}

/** What is open stays open while new lines arrive. */
const open = new Set<string>();

/**
 * Draws a line: when, how bad, who, what. A click opens its fields.
 *
 * @param links the addresses of its trace, and of the lines around it
 * @param isChosen whether it is the one that the others are around of
 */
export function drawLine(
  line: FoundLine,
  links: LineLinks,
  isChosen: boolean = false,
): HTMLTableSectionElement {
  const { id, timeMs, level, failed, service, text, count } = line;
  const details = h("tr", { class: "details", id: `line-${id}-details`, hidden: true });
  const button = h(
    "button",
    {
      type: "button",
      id: `line-${id}`,
      class: "said",
      "aria-expanded": "false",
      "aria-controls": `line-${id}-details`,
      onclick: () => setOpen(details.hidden !== false),
    },
    cut(text, MAX_TEXT),
    count > 1 ? h("small", {}, ` ×${count}`) : null,
  );
  const setOpen = (wanted: boolean): void => {
    if (wanted) open.add(id);
    else open.delete(id);
    if (wanted && details.firstChild === null)
      details.append(h("td", { colspan: 4 }, detailsOf(line, links)));
    details.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
  };
  const row = h(
    "tr",
    { class: failed ? "failing" : "", ...(isChosen ? { "aria-current": "true" } : {}) },
    h("td", { class: "number time" }, dated(timeMs)),
    h("td", { class: "level" }, level),
    h("td", { class: "by" }, cut(service, 32)),
    h("td", { class: "wide" }, button),
  );
  if (open.has(id)) setOpen(true);
  return h("tbody", {}, row, details);
}

function detailsOf(line: FoundLine, links: LineLinks): HTMLElement {
  const { id, timeMs, name, text, traceId, fields } = line;
  const facts: (readonly [string, Node | string])[] = [
    ["time", new Date(timeMs).toISOString()],
    ...(text === name ? [] : ([["name", name]] as const)),
    ...(text.length > MAX_TEXT || text.includes("\n") ? ([["text", print(text)]] as const) : []),
    ...(traceId === null ? [] : ([["trace", h("a", { href: links.trace(traceId) }, traceId)]] as const)),
    ...Object.entries(fields).map(([field, value]) => [field, print(value)] as const),
  ];
  return h(
    "div",
    {},
    h(
      "dl",
      { class: "values" },
      ...facts.map(([field, value]) => h("div", {}, h("dt", {}, field), h("dd", {}, value))),
    ),
    h("p", {}, h("a", { href: links.around(id) }, "The lines around it")),
  );
}

function print(value: Value): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`;
}
