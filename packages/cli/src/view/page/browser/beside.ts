import type { BesideAnswer, BesideSide } from "./answers.ts";
import { byId, h, keep } from "./dom.ts";
import { cut, dated, ms } from "./format.ts";

const MAX_DEPTH = 12;
const STEP_PX = 12;

/** Shows a trace beside a good one of the same route, step by step; null takes it away. */
export function showBeside(answer: BesideAnswer | null, linkOf: (traceId: string) => string): void {
  byId("beside").hidden = answer === null;
  byId("beside-open").setAttribute("aria-expanded", String(answer !== null));
  if (answer === null) return;
  const { good, steps } = answer;
  byId("beside-note").replaceChildren(
    ...(good === null
      ? ["No good trace of the same route is here."]
      : [
          "The good one is of ",
          h("a", { href: linkOf(good.traceId) }, dated(good.startMs)),
          ` and took ${ms(good.durationMs)}.`,
        ]),
  );
  byId("beside-card").hidden = good === null;
  keep(
    byId("beside-rows"),
    steps.map((step, i) => ({ ...step, i })),
    ({ i }) => String(i),
    ({ service, name, depth, here, there }) => {
      const step = h("th", { scope: "row", class: "wide" }, `${cut(service, 32)}  ${cut(name, 80)}`);
      step.style.paddingInlineStart = `${14 + Math.min(depth, MAX_DEPTH) * STEP_PX}px`;
      return h(
        "tr",
        { class: (here?.errors ?? 0) > 0 ? "failing" : "" },
        step,
        h("td", { class: "number success" }, say(here)),
        h("td", { class: "number" }, say(there)),
        h("td", { class: "number" }, difference(here, there)),
      );
    },
  );
}

function say(side: BesideSide | null): string {
  if (side === null) return "not there";
  const times = side.spans === 1 ? "" : ` ×${side.spans}`;
  return `${side.errors > 0 ? "✗ " : ""}${ms(side.durationMs)}${times}`;
}

function difference(here: BesideSide | null, there: BesideSide | null): string {
  if (here === null || there === null) return "";
  const more = here.durationMs - there.durationMs;
  return `${more < 0 ? "−" : "+"}${ms(Math.abs(more))}`;
}
