import type { LinesAnswer, NamedCount, NamesAnswer } from "./answers.ts";
import { byId, h, keep, keepBodies } from "./dom.ts";
import { count, cut, things } from "./format.ts";
import { drawLine, type LineLinks } from "./line-rows.ts";
import { stretchText } from "./over-time.ts";
import type { LineFilter, Stretch } from "./place.ts";

const NAMES_SHOWN = 100;

/** Shows lines, the latest first; those around one where its id is given. */
export function showLines({ lines }: LinesAnswer, limit: number, around: string, links: LineLinks): void {
  keepBodies(
    byId("lines"),
    lines,
    // Drawn anew where another is chosen.
    ({ id }) => (id === around ? `${id} chosen` : id),
    (line) => drawLine(line, links, line.id === around),
  );
  byId("older").hidden = around !== "" || lines.length < limit;
  byId("lines-note").textContent =
    lines.length === 0
      ? around === ""
        ? "No line fits. Lines come by OTLP, or from: whodunit view -- npm run dev"
        : "That line is no longer here."
      : `${things(lines.length, "line")}, the latest first`;
}

/** Shows how often each name was seen in a stretch, or the last hour; what asks for attention first. */
export function showNames(
  { names }: NamesAnswer,
  stretch: Stretch | null,
  linkOf: (name: string) => string,
): void {
  byId("names-caption").textContent =
    `By name, ${stretch === null ? "in the last hour" : stretchText(stretch)}`;
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
export function showLineFilter({ search, attention, around }: LineFilter, leave: string): void {
  byId("around-note").hidden = around === "";
  byId<HTMLAnchorElement>("around-leave").href = leave;
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
      around: "",
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell();
  });
  form.addEventListener("change", tell);
}
