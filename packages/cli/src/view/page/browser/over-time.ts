import type { Change, ChangesAnswer, OverTimeAnswer, TimePoint } from "./answers.ts";
import { ask } from "./ask.ts";
import { type OverTime, showCharts } from "./charts.ts";
import { byId, h, keep } from "./dom.ts";
import { count, cut, dated, minuteOfDay, ms, percent, things } from "./format.ts";
import type { Place, Stretch } from "./place.ts";

const MINUTE_MS = 60_000;
const RANGES = {
  hour: { ms: 3_600_000, stepMinutes: 1 },
  day: { ms: 86_400_000, stepMinutes: 15 },
} as const;
const MARKS_SHOWN = 8;
const AROUND_MS = 5 * MINUTE_MS;

/** Asks for what the charts of a place show; null when the receiver has no such thing. */
export async function askOverTime({ range, compare, stretch, filter }: Place): Promise<OverTime | null> {
  const { ms: lengthMs, stepMinutes } = RANGES[range];
  const stepMs = stepMinutes * MINUTE_MS;
  const nowMs = Math.ceil(Date.now() / stepMs) * stepMs;
  // A time that was chosen long ago stands in the middle of its own hour.
  const isOld = stretch !== null && stretch.fromMs < nowMs - lengthMs;
  const toMs = isOld ? Math.min(nowMs, Math.ceil((stretch.toMs + lengthMs / 4) / stepMs) * stepMs) : nowMs;
  const query = (endMs: number): URLSearchParams => {
    const fields = new URLSearchParams({
      from: String(endMs - lengthMs),
      to: String(endMs),
      stepMinutes: String(stepMinutes),
    });
    if (filter.service !== "") fields.set("service", filter.service);
    return fields;
  };
  const [now, before, changes] = await Promise.all([
    ask<OverTimeAnswer>(`/api/over-time?${query(toMs)}`),
    compare ? ask<OverTimeAnswer>(`/api/over-time?${query(toMs - lengthMs)}`) : null,
    ask<ChangesAnswer>(`/api/changes?from=${toMs - lengthMs}&to=${toMs}`),
  ]);
  if (now === null) return null;
  const own = (changes?.changes ?? []).filter(
    ({ service }) => filter.service === "" || service === filter.service,
  );
  return {
    fromMs: toMs - lengthMs,
    toMs,
    points: now.points,
    before: before?.points ?? null,
    stepMinutes,
    changes: own,
    stretch,
  };
}

/** Shows the charts, the changes among them as a list, and all of it as a table. */
export function showOverTime(overTime: OverTime, place: Place, linkOf: (stretch: Stretch) => string): void {
  byId<HTMLInputElement>("compare").checked = place.compare;
  byId("compare-label").textContent = `Compare with the ${place.range} before`;
  for (const choice of document.querySelectorAll<HTMLInputElement>("input[name=range]"))
    choice.checked = choice.value === place.range;
  showCharts(overTime);
  showMarks(overTime.changes, linkOf);
  if (byId<HTMLDetailsElement>("time-details").open) showTable(overTime, linkOf);
}

function showMarks(changes: readonly Change[], linkOf: (stretch: Stretch) => string): void {
  keep(
    byId("marks"),
    changes.slice(0, MARKS_SHOWN),
    ({ atMs, service, kind, what }) => JSON.stringify([atMs, service, kind, what]),
    ({ atMs, service, kind, what }) =>
      h(
        "li",
        {},
        h(
          "a",
          { href: linkOf({ fromMs: atMs - AROUND_MS, toMs: atMs + AROUND_MS }) },
          dated(atMs, minuteOfDay),
        ),
        ` ${cut(service, 32)}: ${cut(what, 80)} `,
        h("span", { class: "chip" }, kind),
      ),
  );
  const left = changes.length - MARKS_SHOWN;
  byId("marks-note").textContent = left > 0 ? `and ${things(left, "change")} before` : "";
}

function showTable({ points, stepMinutes }: OverTime, linkOf: (stretch: Stretch) => string): void {
  keep(
    byId("time-rows"),
    points.filter(({ requests, failedLines }) => requests + failedLines > 0).reverse(),
    ({ atMs }) => String(atMs),
    ({ atMs, requests, failures, p50Ms, p95Ms, failedLines }: TimePoint) =>
      h(
        "tr",
        {},
        h(
          "th",
          { scope: "row" },
          h(
            "a",
            { href: linkOf({ fromMs: atMs, toMs: atMs + stepMinutes * MINUTE_MS }) },
            dated(atMs, minuteOfDay),
          ),
        ),
        ...[
          count(requests),
          count(failures),
          percent(requests === 0 ? null : (requests - failures) / requests),
          ms(p50Ms),
          ms(p95Ms),
          count(failedLines),
        ].map((text) => h("td", { class: "number" }, text)),
      ),
  );
}

/** Shows the chosen time above every view, and in the form by which it is chosen without a mouse. */
export function showStretch(stretch: Stretch | null, clearHref: string): void {
  byId("stretch").hidden = stretch === null;
  byId<HTMLAnchorElement>("stretch-clear").href = clearHref;
  const form = byId("time-form");
  if (stretch === null) return;
  byId("stretch-text").textContent = stretchText(stretch);
  if (form.contains(document.activeElement)) return;
  byId<HTMLInputElement>("time-from").value = localTime(stretch.fromMs);
  byId<HTMLInputElement>("time-to").value = localTime(stretch.toMs);
}

/** A stretch in the reader's words. */
export const stretchText = ({ fromMs, toMs }: Stretch): string =>
  `${dated(fromMs, minuteOfDay)} to ${dated(toMs, minuteOfDay)}`;

// What an input of type datetime-local takes: the reader's own time, without a zone.
function localTime(epochMs: number): string {
  const date = new Date(epochMs);
  return new Date(epochMs - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** Tells when the reader gives a time by its form. */
export function onTimeForm(chosen: (stretch: Stretch) => void): void {
  byId<HTMLFormElement>("time-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const [fromMs, toMs] = ["time-from", "time-to"].map((id) =>
      new Date(byId<HTMLInputElement>(id).value).getTime(),
    );
    const isRight = (fromMs ?? Number.NaN) < (toMs ?? Number.NaN);
    byId("time-note").textContent = isRight ? "" : "The time must end after it begins.";
    if (isRight) chosen({ fromMs: fromMs!, toMs: toMs! });
  });
}
