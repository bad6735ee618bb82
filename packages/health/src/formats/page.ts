import type { HealthEntry, HistoryItem } from "../watch/probe-state.ts";
import { type Format, isoTime, roundMs, standstillText } from "./format.ts";

const STYLE = `
:root { color-scheme: light dark; --well: #18794e; --warn: #946800; --bad: #c62a2f; --dim: #6f6e77; --line: #8884; }
@media (prefers-color-scheme: dark) { :root { --well: #4cc38a; --warn: #f0c000; --bad: #ff6369; --dim: #a09fa6; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
p { margin: .2rem 0 1.5rem; color: var(--dim); }
main { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); }
thead th { color: var(--dim); font-weight: 400; font-size: .85rem; border: 0; }
tbody th { font-weight: 600; min-width: 9rem; overflow-wrap: anywhere; }
small { display: block; color: var(--dim); font-weight: 400; overflow-wrap: anywhere; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
b { display: inline-block; min-width: 6.5rem; }
svg { display: block; width: 16rem; max-width: 100%; height: 1.25rem; border-radius: 3px; }
.ok { color: var(--well); fill: var(--well); }
.degraded, .starting { color: var(--warn); fill: var(--warn); }
.timeout, .error, .stale { color: var(--bad); fill: var(--bad); }
`;

// With the first page: a service that shows none starts without node:crypto.
let policy: string | undefined;
const styleHash = (): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(STYLE).digest("base64");

/**
 * A page for people: the current state, and for authorised readers also since when, what is wrong and a strip of
 * the history. It loads nothing and runs nothing; the policy allows its one style sheet and no more.
 */
export const pageFormat: Format = {
  mediaType: "text/html",
  contentType: "text/html; charset=utf-8",
  get headers() {
    policy ??= `default-src 'none'; style-src 'sha256-${styleHash()}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
    return { "content-security-policy": policy, "referrer-policy": "no-referrer" };
  },
  render({ service, group, code, entries, standstills, detailed }) {
    const title = `${service}${group === undefined ? "" : ` / ${group}`}`;
    // The newest run stands for "now", so that the page stays the same until the next one.
    const now = Math.max(...entries.map((entry) => entry.statusTime), 0);
    const heads = ["Probe", "Status", "Last run", ...(detailed ? ["Since", "History"] : [])];
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10">
<title>${code === 200 ? "" : "503 "}${escaped(title)} health</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${summary(entries, code)}${standstills === undefined ? "" : `; ${standstillText(standstills)}`}</p>
<main>
<table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody>
${entries.map((entry) => row(entry, detailed, now)).join("\n")}
</tbody>
</table>
</main>
</body>
</html>
`;
  },
};

function summary(entries: readonly HealthEntry[], code: number): string {
  if (entries.length === 0) return "No probes here";
  const amiss = entries.filter((entry) => entry.status !== "OK").length;
  const count =
    amiss === 0 ? `all ${entries.length} probes OK` : `${amiss} of ${entries.length} probes not OK`;
  return `${code}: ${count}, times in UTC`;
}

function row(entry: HealthEntry, detailed: boolean, now: number): string {
  const cells = [
    `<th scope="row">${escaped(entry.probe.name)}${detailed ? factsOf(entry) : ""}</th>`,
    `<td><b class="${entry.status.toLowerCase()}">${entry.status}</b>${detailed ? whatIsWrong(entry) : ""}</td>`,
    `<td>${time(entry.statusTime)}${detailed && entry.durationMs !== undefined ? `<small>took ${roundMs(entry.durationMs)} ms</small>` : ""}</td>`,
  ];
  if (detailed) {
    cells.push(
      `<td>${time(entry.levelSince)}<small>${entry.level}${entry.flapping ? ", flapping" : ""}</small></td>`,
    );
    cells.push(`<td>${historyStrip(entry.history, now)}</td>`);
  }
  return `<tr>${cells.join("")}</tr>`;
}

function factsOf({ probe }: HealthEntry): string {
  const facts = [probe.critical ? "critical" : "", probe.group, probe.priority, probe.owner ?? ""].filter(
    Boolean,
  );
  const runbook =
    probe.runbook === undefined ? "" : ` <a href="${escaped(probe.runbook)}" rel="noreferrer">runbook</a>`;
  return `<small>${escaped(facts.join(", "))}${runbook}</small>`;
}

function whatIsWrong(entry: HealthEntry): string {
  const measured = entry.value === undefined ? "" : `${entry.value} ${entry.unit ?? ""}`.trim();
  const text = entry.fault?.text ?? measured;
  return text === "" ? "" : `<small>${escaped(text)}</small>`;
}

// One bar a span of equal Status, as wide as it was long. Attributes only: the policy forbids inline styles.
function historyStrip(history: readonly HistoryItem[], now: number): string {
  const from = history[0]?.since ?? now;
  const whole = Math.max(now - from, 1);
  const bars = history.map(({ status, since }, index) => {
    const until = history[index + 1]?.since ?? now;
    const [x, width] = [((since - from) / whole) * 100, Math.max(((until - since) / whole) * 100, 0.5)];
    const label = `${status} from ${isoTime(since)} to ${isoTime(until)}`;
    return `<rect class="${status.toLowerCase()}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10"><title>${label}</title></rect>`;
  });
  const label = `${history.length} spans since ${isoTime(from)}`;
  return `<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}">${bars.join("")}</svg><small>since ${time(from)}</small>`;
}

const time = (ms: number): string =>
  `<time datetime="${isoTime(ms)}">${isoTime(ms).slice(0, 19).replace("T", " ")}</time>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
