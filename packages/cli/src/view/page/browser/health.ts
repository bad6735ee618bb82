import type { HealthAnswer, HealthIncident, HealthStretch } from "./answers.ts";
import { byId, h, keep, svg } from "./dom.ts";
import { count, cut, dated, minuteOfDay, ms, things } from "./format.ts";
import { stretchText } from "./over-time.ts";
import type { Stretch } from "./place.ts";

const STRIP = { width: 260, height: 18 };
// Told apart by height as well: colours alone do not reach everybody.
const LOOKS: ReadonlyMap<string, { readonly height: number; readonly look: string }> = new Map([
  ["OK", { height: 6, look: "ok" }],
  ["DEGRADED", { height: 12, look: "few" }],
  ["STARTING", { height: 3, look: "idle" }],
]);
const FAILING = { height: STRIP.height, look: "failing" };

/** Shows entries as they are and were, and incidents. */
export function showHealth(
  answer: HealthAnswer,
  stretch: Stretch | null,
  linkOf: (stretch: Stretch, service: string, route: string) => string,
): void {
  const { entries, incidents } = answer;
  keep(
    byId("health"),
    entries.map((entry) => ({
      ...entry,
      span: [Math.round(answer.fromMs / 10_000), Math.round(answer.toMs / 10_000)],
    })),
    ({ service, probe }) => JSON.stringify([service, probe]),
    ({ service, probe, status, failing, critical, sinceMs, error, strip }) =>
      h(
        "tr",
        { class: failing ? "failing" : status === "OK" ? "ok" : "few" },
        h("th", { scope: "row" }, cut(service, 40)),
        h("td", {}, cut(probe, 60), critical === false ? h("small", {}, " does not count") : null),
        h(
          "td",
          { class: "success" },
          failing ? `✗ ${cut(status, 20)}` : cut(status, 20),
          error === "" ? null : h("small", {}, ` ${cut(error, 80)}`),
        ),
        h("td", { class: "number" }, dated(sinceMs, minuteOfDay)),
        h("td", { class: "wide" }, drawStrip(strip, answer)),
      ),
  );
  byId("health-note").textContent =
    entries.length === 0
      ? "No entry yet. They come with the lines and metrics of services that use @whodunit/health."
      : `${things(entries.length, "entry", "entries")}, failing ones first; over time: ${stretch === null ? "the last 24 hours" : stretchText(stretch)}`;
  showIncidents(incidents, answer.toMs, linkOf);
}

function drawStrip(strip: readonly HealthStretch[], { fromMs, toMs }: Stretch): SVGElement {
  const x = (at: number): number => Math.min(1, Math.max(0, (at - fromMs) / (toMs - fromMs))) * STRIP.width;
  const said = strip.map(
    ({ fromMs: start, status }) =>
      `${status} ${start <= fromMs ? "at first" : `from ${dated(start, minuteOfDay)}`}`,
  );
  return svg(
    "svg",
    {
      class: "strip",
      role: "img",
      "aria-label": said.join(", ") || "nothing",
      viewBox: `0 0 ${STRIP.width} ${STRIP.height}`,
      ...STRIP,
    },
    ...strip.map((one) => {
      const { height, look } = LOOKS.get(one.status) ?? FAILING;
      const start = x(one.fromMs);
      const width = Math.max(2, x(one.toMs ?? toMs) - start);
      return svg("rect", {
        class: look,
        x: start.toFixed(1),
        y: STRIP.height - height,
        width: width.toFixed(1),
        height,
      });
    }),
  );
}

function showIncidents(
  incidents: readonly HealthIncident[],
  nowMs: number,
  linkOf: (stretch: Stretch, service: string, route: string) => string,
): void {
  keep(
    byId("incidents"),
    incidents,
    ({ service, probe, sinceMs }) => JSON.stringify([service, probe, sinceMs]),
    ({ service, probe, status, sinceMs, untilMs, error, failed }) => {
      const stretch = { fromMs: sinceMs, toMs: Math.max(untilMs ?? nowMs, sinceMs + 1) };
      return h(
        "tr",
        { class: untilMs === null ? "failing" : "" },
        h("th", { scope: "row" }, dated(sinceMs, minuteOfDay)),
        h(
          "td",
          { class: "number success" },
          untilMs === null ? `${ms(nowMs - sinceMs)}, still` : ms(untilMs - sinceMs),
        ),
        h("td", {}, `${cut(service, 40)} ${cut(probe, 60)}`),
        h("td", {}, cut(status, 20), error === "" ? null : h("small", {}, ` ${cut(error, 80)}`)),
        h(
          "td",
          { class: "wide" },
          failed.length === 0
            ? "nothing"
            : h(
                "ul",
                { class: "plain-list" },
                ...failed.map((one) =>
                  h(
                    "li",
                    {},
                    h(
                      "a",
                      { href: linkOf(stretch, one.service, one.route) },
                      `${cut(one.service, 40)} ${cut(one.route, 60)}`,
                    ),
                    ` ✗ ${count(one.failures)} of ${count(one.requests)}`,
                  ),
                ),
              ),
        ),
      );
    },
  );
  byId("incidents-note").textContent =
    incidents.length === 0 ? "No incident in this time." : things(incidents.length, "incident");
}
