import type { FoundLine, Value, Values, WaterfallSpan } from "./answers.ts";
import { h } from "./dom.ts";
import { dated, ms, things } from "./format.ts";
import { linesOf } from "./trace-lines.ts";

const MAX_TEXT = 20_000;

/** All that a span says of itself. */
export function spanDetails(span: WaterfallSpan, traceStartMs: number): HTMLElement {
  const facts: Values = {
    kind: span.kind,
    starts: `${ms(span.startMs - traceStartMs)} into the trace`,
    took: ms(span.durationMs),
    span: span.spanId,
    ...(span.parentSpanId === null ? {} : { parent: span.parentSpanId }),
    ...(span.message === "" ? {} : { status: span.message }),
  };
  return h(
    "div",
    { class: "span-details" },
    ...span.events.map((event) =>
      h(
        "section",
        { class: event.name === "exception" ? "event bad" : "event" },
        h("h3", {}, event.name, h("small", {}, ` at ${ms(event.timeMs - traceStartMs)}`)),
        list(event.attributes),
      ),
    ),
    ...lines(linesOf(span.spanId)),
    h("section", {}, h("h3", {}, "Attributes"), list(span.attributes)),
    h("section", {}, h("h3", {}, "Span"), list(facts)),
  );
}

/** The lines that were written in the span; each leads to its row among those of the trace. */
function lines(own: readonly FoundLine[]): HTMLElement[] {
  if (own.length === 0) return [];
  const said = own.map(({ id, timeMs, level, text }) => {
    const when = h("dt", {}, `${dated(timeMs)} ${level}`);
    const go = (): void => document.getElementById(`line-${id}`)?.focus();
    const button = h("button", { type: "button", class: "said", onclick: go }, print(text));
    return h("div", {}, when, h("dd", {}, button));
  });
  return [
    h(
      "section",
      { class: "event" },
      h("h3", {}, things(own.length, "line")),
      h("dl", { class: "values" }, ...said),
    ),
  ];
}

function list(values: Values): HTMLElement {
  const entries = Object.entries(values);
  if (entries.length === 0) return h("p", { class: "faint" }, "none");
  return h(
    "dl",
    { class: "values" },
    ...entries.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, print(value)))),
  );
}

function print(value: Value): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`;
}
