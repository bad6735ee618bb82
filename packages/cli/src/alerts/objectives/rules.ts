import { Document, visit } from "yaml";
import { quoted } from "../../sources/prometheus/promql.ts";
import { nameOf, type Objective } from "./read-objectives.ts";
import { answeredBy, bucketOf, ENDED, FAILED, SERIES } from "./series.ts";

export { readObjectives } from "./read-objectives.ts";

/** A rule as Prometheus reads it. */
export type Rule =
  | { readonly record: string; readonly expr: string; readonly labels?: Readonly<Record<string, string>> }
  | {
      readonly alert: string;
      readonly expr: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };

/** How a budget burns, how long that was looked at, and who is called. */
interface Burn {
  readonly factor: number;
  readonly long: string;
  readonly short: string;
}

/**
 * Google's Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts", table 5-8: of a budget for 30
 * days these burn 2 %, 5 %, 10 % and 10 % in the longer window. The shorter one ends the alert soon after the fault.
 */
const BURNS: Readonly<Record<"page" | "business-hours", readonly Burn[]>> = {
  page: [
    { factor: 14.4, long: "1h", short: "5m" },
    { factor: 6, long: "6h", short: "30m" },
  ],
  "business-hours": [
    { factor: 3, long: "1d", short: "2h" },
    { factor: 1, long: "3d", short: "6h" },
  ],
};

const LONGER_WINDOWS = ["30m", "1h", "2h", "6h", "1d", "3d"];
const INTERVAL_S = 30;
// Of a loose objective a burn would be more requests than there are: so many of them are enough.
const MOST_OF_ALL = 0.9;
// Who hands on four of five of its failures only suffers. In a circle of callers whoever began has half of its own.
const HANDED_ON = 0.8;

const HEAD = " Made by `whodunit objectives`: change the objectives, not this file.\n";

/** The objectives as a file of rules for Prometheus. */
export function rulesFile(objectives: readonly Objective[]): string {
  const targets = objectives.flatMap(targetsOf);
  const rules: readonly Rule[] = [
    ...targets.flatMap(recorded),
    ...burning(),
    ...suffering(),
    ...targets.flatMap(alerts),
    inhibitor(),
  ];
  const groups = [{ name: "whodunit-objectives", interval: `${INTERVAL_S}s`, rules }];
  return `#${HEAD}${yamlOf({ groups })}`;
}

/**
 * What Prometheus' reader of YAML (go-yaml, which knows YAML 1.1) takes for the end of a line or refuses, though YAML
 * 1.2 lets it stand as it is: https://yaml.org/spec/1.1/#b-char and #c-printable.
 */
const ESCAPED_IN_YAML = /[\r\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;
const EACH_ESCAPED = new RegExp(ESCAPED_IN_YAML, "g");

function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === "string" && ESCAPED_IN_YAML.test(scalar.value))
        scalar.type = "QUOTE_DOUBLE";
    },
  });
  // They stand between double quotes by then, where alone YAML knows an escape.
  return document
    .toString({ lineWidth: 0 })
    .replace(EACH_ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** One of the two things that an objective holds a service to. */
interface Target {
  readonly objective: Objective;
  readonly kind: "success" | "latency";
  readonly percent: number;
}

function targetsOf(objective: Objective): Target[] {
  const { successPercent, latency } = objective;
  return [
    ...(successPercent === undefined
      ? []
      : [{ objective, kind: "success" as const, percent: successPercent }]),
    ...(latency === undefined ? [] : [{ objective, kind: "latency" as const, percent: latency.percent }]),
  ];
}

function labelsOf({ objective: { service, route }, kind }: Target): Record<string, string> {
  return { service_name: service, ...(route === undefined ? {} : { route }), objective: kind };
}

// Without the route's matcher the objective of all routes would take those of each for its own.
const selectorOf = ({ objective: { service, route }, kind }: Target): string =>
  `{service_name=${quoted(service)},route=${quoted(route ?? "")},objective="${kind}"}`;

/** `rate`s or `increase`s of all requests of a target, and of those that fail it, summed by these labels. */
function counted(target: Target, by: string, rate: (series: string) => string): { all: string; bad: string } {
  const { objective, kind } = target;
  const sum = (name: string, ...further: string[]): string =>
    `sum${by}(${rate(`${name}${answeredBy(objective, ...further)}`)})`;
  if (kind === "latency") {
    const all = sum(SERIES.durationCount);
    return { all, bad: `${all} - ${sum(SERIES.durationBucket, bucketOf(objective.latency?.withinMs ?? 0))}` };
  }
  const all = sum(SERIES.requests, ENDED);
  // Where nothing ever failed there is no series of it.
  return { all, bad: `${sum(SERIES.requests, FAILED)} or 0 * ${all}` };
}

function recorded(target: Target): Rule[] {
  const labels = labelsOf(target);
  const { all, bad } = counted(target, "", (series) => `rate(${series}[5m])`);
  return [
    { record: "objective:requests:rate5m", expr: all, labels },
    { record: "objective:bad_requests:rate5m", expr: bad, labels },
    { record: "objective:budget:ratio", expr: `vector(${budgetOf(target)})`, labels },
    { record: "objective:bad_requests:min", expr: `vector(${target.objective.minFailures})`, labels },
  ];
}

// 100 - 99.9 is not 0.1 in binary.
const budgetOf = ({ percent }: Target): number => Number(((100 - percent) / 100).toFixed(9));

const ratio = (window: string): string => `objective:bad_requests:ratio_rate${window}`;

/** What is the same for all objectives: which share was bad in each window, and how fast that burns the budget. */
function burning(): Rule[] {
  const sums = LONGER_WINDOWS.map((window): Rule => {
    const over = (record: string): string => `sum_over_time(${record}[${window}])`;
    return {
      record: ratio(window),
      expr: `${over("objective:bad_requests:rate5m")} / ${over("objective:requests:rate5m")}`,
    };
  });
  const shares: Rule[] = [
    { record: ratio("5m"), expr: "objective:bad_requests:rate5m / objective:requests:rate5m" },
    ...sums,
  ];
  const burns = Object.entries(BURNS).map(
    ([priority, each]): Rule => ({
      record: `objective:burn_rate:${priority === "page" ? "page" : "business_hours"}`,
      expr: each.map(burn).join("\nor\n"),
    }),
  );
  return [...shares, ...burns];
}

// The value is how many times faster than allowed the budget burns in the longer window. The least number of failures is
// what keeps one failed request of ten at night from calling anybody.
function burn({ factor, long, short }: Burn): string {
  const threshold = `clamp_max(${factor} * objective:budget:ratio, ${MOST_OF_ALL})`;
  return [
    "(",
    `  ${ratio(long)} / objective:budget:ratio`,
    `  and ${ratio(long)} > ${threshold}`,
    `  and ${ratio(short)} > ${threshold}`,
    `  and ${INTERVAL_S} * sum_over_time(objective:bad_requests:rate5m[${long}]) >= objective:bad_requests:min`,
    ")",
  ].join("\n");
}

/**
 * Whose failures, or time, are those of one whom it calls. Of failures that one tells it, which counts its requests by
 * who sent them. Of time the caller does, which knows it by the first word of the host that it calls.
 */
function suffering(): Rule[] {
  const failures = (by: string): string =>
    `sum by (${by}) (rate(${SERIES.requests}{side="server",${FAILED}}[5m]))`;
  const times = (by: string, side: string): string =>
    `sum by (${by}) (rate(${SERIES.durationSum}{side="${side}"}[5m]))`;
  const asCaller = `label_replace(${renamed(failures("service_name, peer"), "suffers_from", "service_name", "(.*)")}, "service_name", "$1", "peer", "(.*)")`;
  const ofCallee = renamed(times("service_name, peer", "client"), "suffers_from", "peer", "([^.:]+).*");
  return [
    handedOn("success", asCaller, failures("service_name")),
    handedOn("latency", ofCallee, times("service_name", "server")),
  ];
}

const renamed = (expr: string, to: string, from: string, pattern: string): string =>
  `label_replace(${expr}, "${to}", "$1", "${from}", "${pattern}")`;

const handedOn = (objective: Target["kind"], part: string, own: string): Rule => ({
  record: "service:suffers_from:ratio_rate5m",
  expr: [
    "topk by (service_name) (1,",
    `  sum by (service_name, suffers_from) (${part})`,
    `  / on (service_name) group_left () ${own}`,
    `) >= ${HANDED_ON}`,
  ].join("\n"),
  labels: { objective },
});

const ALERT = "ErrorBudgetBurn";
// Its address, where Prometheus asked it itself, and its own name, which a collector hands on.
const INSTANCE = " by (instance, service_instance_id) ";

function alerts(target: Target): Rule[] {
  const { runbook, dashboard } = target.objective;
  const links: Record<string, string> = {
    ...(runbook === undefined ? {} : { runbook_url: literal(runbook) }),
    ...(dashboard === undefined ? {} : { dashboard_url: literal(dashboard) }),
  };
  const told = (priority: keyof typeof BURNS): Rule => {
    const rate = `objective:burn_rate:${priority === "page" ? "page" : "business_hours"}${selectorOf(target)}`;
    return {
      alert: ALERT,
      // Told with whom it suffers from where that is known, and in any case.
      expr: [
        `${rate} * on (service_name, objective) group_left (suffers_from) (service:suffers_from:ratio_rate5m ^ 0)`,
        `or on (service_name, route, objective) ${rate}`,
      ].join("\n"),
      labels: { priority, ...literals(labelsOf(target)) },
      annotations: {
        summary: `${literal(nameOf(target.objective))} ${broken(target)}`,
        description:
          "It burns its error budget {{ $value | humanize }} times as fast as it may{{ with $labels.suffers_from }}; nearly all of it comes from {{ . }}{{ end }}.",
        ...links,
      },
    };
  };
  return [told("page"), told("business-hours"), onInstance(target, links)];
}

/** One instance that fails while all together keep the objective, as one of fifty does. */
function onInstance(target: Target, links: Readonly<Record<string, string>>): Rule {
  const [{ factor, long, short }] = BURNS.page as [Burn];
  const threshold = Math.min(factor * budgetOf(target), MOST_OF_ALL).toPrecision(6);
  const share = (window: string): string => {
    const { all, bad } = counted(target, INSTANCE, (series) => `rate(${series}[${window}])`);
    return `(${bad}) / ${all} > ${Number(threshold)}`;
  };
  const { bad } = counted(target, INSTANCE, (series) => `increase(${series}[${long}])`);
  return {
    alert: `${ALERT}OnInstance`,
    expr: [
      `${share(long)}`,
      `and ${share(short)}`,
      `and (${bad}) >= ${target.objective.minFailures}`,
      `unless on () objective:burn_rate:page${selectorOf(target)}`,
    ].join("\n"),
    labels: { priority: "business-hours", ...literals(labelsOf(target)) },
    annotations: {
      summary: `${literal(nameOf(target.objective))} ${broken(target)} on {{ $labels.instance }} ({{ $labels.service_instance_id }})`,
      description:
        "{{ $value | humanizePercentage }} of its requests in the last hour, while all instances together burn no budget.",
      ...links,
    },
  };
}

/** Fires beside each page, for Alertmanager to hold back who suffers from that service. It goes to nobody. */
function inhibitor(): Rule {
  return {
    alert: `${ALERT}Cause`,
    expr: [
      "max by (service_name, objective, suffers_from) (",
      '  label_replace(objective:burn_rate:page, "suffers_from", "$1", "service_name", "(.*)")',
      ")",
    ].join("\n"),
    labels: { priority: "none" },
  };
}

const broken = ({ objective: { latency }, kind }: Target): string =>
  kind === "success"
    ? "fails too many requests"
    : `answers too many requests later than in ${latency?.withinMs} ms`;

// Prometheus reads labels and annotations of alerts as templates of Go.
const literal = (text: string): string => text.replaceAll("{{", '{{ "{{" }}');

const literals = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, literal(value)]));
