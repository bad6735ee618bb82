import type { LinesAnswer, NamedCount, NamesAnswer } from "./answers.ts";
import { byId, h, keep } from "./dom.ts";
import { count, cut, things } from "./format.ts";
import { drawLine } from "./line-rows.ts";
import type { LineFilter } from "./place.ts";

const NAMES_SHOWN = 100;

/** Shows lines, the latest first. */
export function showLines({ lines }: LinesAnswer, limit: number, linkOf: (traceId: string) => string): void {
  const table = byId("lines");
  const [head] = table.getElementsByTagName("thead");
  keepBodies(table, head!, lines, linkOf);
  byId("older").hidden = lines.length < limit;
  byId("lines-note").textContent =
    lines.length === 0
      ? "No line fits. Lines come by OTLP, or from: whodunit view -- npm run dev"
      : `${things(lines.length, "line")}, the latest first`;
}

// The head stands before the bodies: they are kept in a table of their own.
function keepBodies(
  table: Element,
  head: Element,
  lines: LinesAnswer["lines"],
  linkOf: (traceId: string) => string,
): void {
  head.remove();
  keep(
    table,
    lines,
    ({ id }) => id,
    (line) => drawLine(line, linkOf),
  );
  table.prepend(head);
}

/** Shows how often each name was seen in the last hour; what asks for attention first. */
export function showNames({ names }: NamesAnswer, linkOf: (name: string) => string): void {
  const sorted = names
    .toSorted((a, b) => Number(b.failed) - Number(a.failed) || b.count - a.count)
    .slice(0, NAMES_SHOWN);
  keep(
    byId("names"),
    sorted,
    ({ service, name, failed }) => JSON.stringify([service, name, failed]),
    (one: NamedCount) =>
      h(
        "tr",
        { class: one.failed ? "failing" : "" },
        h("th", { scope: "row", class: "wide" }, h("a", { href: linkOf(one.name) }, cut(one.name, 100))),
        h("td", {}, cut(one.service, 32)),
        h("td", { class: "number success" }, count(one.count)),
      ),
  );
  byId("names-card").hidden = sorted.length === 0;
}

/** Has the form say what the address says. */
export function showLineFilter({ search, attention }: LineFilter): void {
  const field = byId<HTMLInputElement>("lines-search");
  if (document.activeElement !== field) field.value = search;
  byId<HTMLInputElement>("lines-attention").checked = attention;
}

/** Tells when the reader searches. */
export function onLineFilter(changed: (filter: LineFilter) => void): void {
  const form = byId<HTMLFormElement>("lines-filter");
  const tell = (): void =>
    changed({
      search: byId<HTMLInputElement>("lines-search").value,
      attention: byId<HTMLInputElement>("lines-attention").checked,
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell();
  });
  form.addEventListener("change", tell);
}
