import type { Blame, Counts, MapAnswer } from "./answers.ts";
import { byId, h, keep } from "./dom.ts";
import { count, mebibytes, percent, rate, things, timeOfDay } from "./format.ts";

const BLAMED_SHOWN = 3;

let answered = { atMs: 0, received: 0 };
let perSecond = 0;

/** Shows that the receiver answers, and what it holds. */
export function showCounts(counts: Counts): void {
  const atMs = performance.now();
  if (answered.atMs > 0 && atMs - answered.atMs > 500)
    perSecond = ((counts.received - answered.received) * 1_000) / (atMs - answered.atMs);
  answered = { atMs, received: counts.received };
  const facts: readonly (readonly [string, string, string?])[] = [
    ["Arriving", perSecond < 0.05 ? "0 spans/s" : rate(perSecond).replace("/", " spans/")],
    [
      "Held",
      `${things(counts.traces, "trace")}, ${things(counts.spans, "span")}, ${things(counts.lines, "line")}`,
    ],
    ["On disk", `${mebibytes(counts.bytes)} of ${mebibytes(counts.maxBytes)}`],
    ["Let go", count(counts.evicted), "Spans of the oldest traces, gone to make room"],
    ["Dropped", count(counts.dropped), "Spans of traces that had grown too big to be held whole"],
  ];
  keep(
    byId("counts"),
    facts.filter(([name], i) => i < 3 || (name === "Let go" ? counts.evicted : counts.dropped) > 0),
    ([name]) => name,
    ([name, value, title]) => h("div", { title }, h("dt", {}, name), h("dd", {}, value)),
  );
}

/** Shows whether what stands on the page is what is. */
export function showLink(state: "live" | "paused" | "lost", why = ""): void {
  const link = byId("link");
  link.className = `link ${state}`;
  const texts = { live: "Live", paused: `Paused at ${timeOfDay(Date.now()).slice(0, 8)}`, lost: why };
  if (link.textContent !== texts[state]) link.textContent = texts[state];
}

interface Calm {
  readonly requests: number;
  /** Such as `the last minute`. */
  readonly window: string;
  /** Whether something fails that what it calls explains. */
  readonly failing: boolean;
}

/** Shows who is at fault. */
export function showVerdict({ blame, nodes, windowS, stretch }: MapAnswer): void {
  const requests = nodes.reduce((sum, node) => sum + node.requests, 0);
  const failing = nodes.some(({ state }) => state === "failing");
  const verdict = byId("verdict");
  verdict.className = `verdict ${blame.length > 0 ? "bad" : requests > 0 && !failing ? "well" : "idle"}`;
  const minutes = windowS / 60;
  const last = minutes === 1 ? "the last minute" : `the last ${minutes} minutes`;
  const calm: Calm = { requests, window: stretch === null ? last : "this time", failing };
  keep<Blame | Calm>(
    verdict,
    blame.length > 0 ? blame.slice(0, BLAMED_SHOWN) : [calm],
    (said) => ("name" in said ? JSON.stringify([said.caller, said.name]) : ""),
    (said) => ("name" in said ? sayBlame(said) : sayCalm(said)),
  );
  if (requests > 0) announce(blame);
}

/** Tells a screen reader when the answer is another one, not each time its numbers move. */
function announce(blame: readonly Blame[]): void {
  const names = blame.map(({ name, caller }) =>
    caller === null ? name : `the calls of ${caller} to ${name}`,
  );
  const text = names.length === 0 ? "Nobody is at fault" : `At fault: ${names.join(", ")}`;
  if (byId("announce").textContent !== text) byId("announce").textContent = text;
}

function sayCalm({ requests, window, failing }: Calm): Element {
  if (requests === 0) return h("p", {}, `No requests in ${window}.`);
  if (failing) return h("p", {}, "Requests fail, each explained by what it calls: nobody is first.");
  return h("p", {}, h("strong", {}, "Nobody is at fault"), ` in ${window}.`);
}

function sayBlame({ name, caller, route, requests, failures }: Blame): Element {
  const share = `${percent(failures / requests)} (${count(failures)} of ${count(requests)})`;
  if (caller !== null) {
    return h(
      "p",
      {},
      "The calls of ",
      h("strong", {}, caller),
      " to ",
      h("strong", {}, name),
      ` fail: ${share}. ${name} fails nothing of what reaches it.`,
    );
  }
  const where = route === null ? [] : [", worst on ", h("code", {}, route)];
  return h("p", {}, h("strong", {}, name), ` is at fault: fails ${share} of its requests`, ...where, ".");
}
