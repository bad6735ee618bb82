import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { anyText } from "../../../../../test/helpers/any-text.ts";
import { findProgram } from "../../../../../test/helpers/real-server.ts";
import { leftOut, runs } from "../../../../../test/helpers/scale.ts";
import { whodunit } from "../../helpers/command.ts";

/** So many requests a minute in each stretch, and so many of them that fail and that are late. */
interface Stretch {
  readonly minutes: number;
  readonly each: number;
  readonly failing?: number;
  readonly late?: number;
}

interface Told {
  readonly service: string;
  readonly peer?: string;
  readonly route?: string;
  readonly instance?: string;
  /** Whom it waits for all of the time. */
  readonly calls?: string;
  readonly stretches: readonly Stretch[];
}

const WEB = { service: "web", successPercent: 99.9 };
// A page has its ticket, and what holds back who suffers from it.
const BOTH = ["business-hours web success", "none web success <- web", "page web success"];

const FIRING: Readonly<Record<string, (t: TestContext) => Promise<void>>> = {
  "whodunit objectives pages for a fast burn within minutes, and not before": (t) => {
    const stretches = [
      { minutes: 120, each: 600 },
      { minutes: 60, each: 600, failing: 30 },
    ];
    return firing(t, [WEB], [{ service: "web", stretches }], {
      120: [],
      // 5 % of the requests burn 50 times as fast as allowed: 14.4 times in an hour is reached after 17 minutes.
      122: [],
      132: ["business-hours web success"],
      145: BOTH,
    });
  },

  "whodunit objectives calls in business hours for a slow burn, and never pages for it": (t) => {
    const stretches = [
      { minutes: 360, each: 1_000 },
      { minutes: 600, each: 1_000, failing: 5 },
    ];
    return firing(t, [WEB], [{ service: "web", stretches }], {
      359: [],
      // It burns 5 times as fast as allowed; as fast as allowed, over all that is known, is reached after 1.5 hours.
      420: [],
      470: ["business-hours web success"],
      955: ["business-hours web success"],
    });
  },

  "whodunit objectives ends a page minutes after the service is well again, whatever the hour before was": (
    t,
  ) => {
    const stretches = [
      { minutes: 120, each: 600 },
      { minutes: 40, each: 600, failing: 120 },
      { minutes: 60, each: 600 },
    ];
    return firing(t, [WEB], [{ service: "web", stretches }], {
      150: BOTH,
      // The half hour beside the six takes longer than the five minutes beside the one.
      215: ["business-hours web success"],
    });
  },

  "whodunit objectives calls nobody where there is no traffic, none any more, or one failure at night": (
    t,
  ) => {
    const silent = { service: "silent", successPercent: 99.9, latency: { percent: 99, withinMs: 250 } };
    const night = { ...WEB, service: "night", latency: { percent: 99, withinMs: 250 } };
    const stopped = [
      { minutes: 60, each: 600 },
      { minutes: 300, each: 0 },
    ];
    const one = [
      { minutes: 60, each: 0 },
      { minutes: 1, each: 10, failing: 1, late: 4 },
      { minutes: 299, each: 0 },
    ];
    return firing(
      t,
      [WEB, silent, night],
      [
        { service: "web", stretches: stopped },
        { service: "night", stretches: one },
      ],
      { 62: [], 66: [], 100: [], 300: [] },
    );
  },

  "whodunit objectives pages for one bad instance of fifty where it burns the budget, else tells it by its name":
    (t) => {
      const fleet = (service: string): Told[] =>
        Array.from({ length: 50 }, (_, i) => ({
          service,
          instance: `10.0.0.${i + 1}:8080`,
          stretches: [
            { minutes: 60, each: 60 },
            { minutes: 60, each: 60, ...(i === 16 ? { failing: 60 } : {}) },
          ],
        }));
      return firing(
        t,
        [WEB, { service: "emoji", successPercent: 97 }],
        [...fleet("web"), ...fleet("emoji")],
        {
          59: [],
          // 2 % of all requests are 20 times what 99.9 % allow, and two thirds of what 97 % do.
          118: ["business-hours emoji success 10.0.0.17:8080", ...BOTH],
        },
      );
    },

  "whodunit objectives says of whom a service suffers that hands on the failures or the time of another": (
    t,
  ) => {
    const objectives = ["web", "voting", "emoji"].map((service) => ({
      service,
      successPercent: 99.9,
      latency: { percent: 99, withinMs: 250 },
    }));
    const bad = [
      { minutes: 60, each: 600 },
      { minutes: 60, each: 600, failing: 60 },
    ];
    const late = [
      { minutes: 60, each: 600 },
      { minutes: 60, each: 600, late: 300 },
    ];
    const told: Told[] = [
      { service: "web", route: "GET /api/vote", stretches: bad },
      { service: "web", route: "GET /api/list", calls: "emoji.shop.svc:8080", stretches: late },
      { service: "voting", peer: "web", stretches: bad },
      { service: "voting", peer: "bot", stretches: [{ minutes: 120, each: 600 }] },
      { service: "emoji", peer: "web", stretches: late },
    ];
    return firing(t, objectives, told, {
      110: [
        "business-hours emoji latency",
        "business-hours voting success",
        "business-hours web latency <- emoji",
        "business-hours web success <- voting",
        "none emoji latency <- emoji",
        "none voting success <- voting",
        "none web latency <- web",
        "none web success <- web",
        "page emoji latency",
        "page voting success",
        "page web latency <- emoji",
        "page web success <- voting",
      ],
    });
  },

  "whodunit objectives can still call for a loose objective, whose burn would be more requests than there are":
    (t) => {
      const stretches = [
        { minutes: 60, each: 60 },
        { minutes: 90, each: 60, failing: 60 },
      ];
      return firing(t, [{ service: "web", successPercent: 50 }], [{ service: "web", stretches }], {
        59: [],
        148: BOTH,
      });
    },
};

const isLeftOut = leftOut(Object.keys(FIRING), 2);

for (const [title, work] of Object.entries(FIRING)) test(title, { skip: isLeftOut(title) }, work);

test("whodunit objectives writes rules that promtool takes, whatever services and routes are called", async (t) => {
  const promtool = findProgram(t, "promtool", "prometheus");
  if (promtool === undefined) return;
  const folder = temporary(t);
  const name = fc
    .oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
      anyText({ minLength: 1, maxLength: 40 }).map((text) => text.toWellFormed()),
    )
    .filter((text) => text.trim() !== "");
  const odd = fc.constantFrom(
    ...[
      '"',
      "\\",
      "\ufffd",
      "{{ $value }}",
      "}}",
      "\n",
      "\r",
      "\r\n",
      "ü",
      "'",
      "a\\u0022",
      " ",
      ": ",
      " #",
      "- ",
    ],
    // What ends a line in YAML 1.1 alone, and what its readers refuse.
    ...["\u0085", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "\x7f", "\x80", "\x9f", "\0", "\x1b"],
  );
  const some = fc.oneof(
    name,
    fc.array(odd, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
  );
  const files: string[] = [];
  await fc.assert(
    fc.asyncProperty(
      some.filter((text) => text.trim() !== ""),
      some.filter((text) => text.trim() !== ""),
      async (service, route) => {
        const objective = { service, route, successPercent: 99.5, latency: { percent: 95, withinMs: 1_000 } };
        const rules = await rulesOf(folder, [objective]);
        const read = parse(rules) as { groups: { rules: { labels?: Record<string, string> }[] }[] };
        assert.equal(read.groups[0]?.rules[0]?.labels?.service_name, service);
        files.push(join(folder, `${files.length}.yml`));
        writeFileSync(files.at(-1)!, rules);
      },
    ),
    { numRuns: runs(200) },
  );
  const checked = spawnSync(promtool, ["check", "rules", ...files], { encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stderr);
});

test("whodunit objectives says what is wrong with a file, where, and what is wanted", async (t) => {
  const folder = temporary(t);
  const file = join(folder, "objectives.yaml");
  for (const [text, said] of [
    ["objectives: [", /objectives\.yaml: Flow sequence.* at line 1/],
    ["[]", /objectives\.yaml: objectives is missing, want a list/],
    ["objectives: [{ service: web }]", /objectives\[0\] has neither successPercent nor latency/],
    [
      "objectives: [{ service: web, successPercent: 100 }]",
      /objectives\[0\]\.successPercent is 100, want a number from 50/,
    ],
    [
      "objectives: [{ service: web, sucess: 99 }]",
      /"sucess" of objectives\[0\] is unknown, want one of service, route/,
    ],
    [
      "objectives: [{ service: web, latency: { percent: 99, withinMs: 300 } }]",
      /objectives\[0\]\.latency\.withinMs is 300, want a bound of the buckets: 5, 10, 25/,
    ],
    ["objectives: [{ service: 7, successPercent: 99 }]", /objectives\[0\]\.service is 7, want the name/],
    [
      "objectives: [{ service: web, successPercent: 99, runbook: 'javascript:alert(1)' }]",
      /objectives\[0\]\.runbook is "javascript:alert\(1\)", want an http or https URL/,
    ],
    [
      "objectives: [{ service: web, successPercent: 99 }, { service: web, successPercent: 98 }]",
      /objectives\[1\] is the second of web/,
    ],
  ] as const) {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await whodunit(["objectives", file]);
    assert.deepEqual([code, stdout], [2, ""], text);
    assert.match(stderr, said);
  }
  const missing = await whodunit(["objectives", join(folder, "none.yaml")]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /cannot read .*none\.yaml: ENOENT/);
});

/**
 * Has promtool evaluate the rules over what services told, and asserts which alerts fire at these minutes:
 * `<priority> <service> <objective>`, with the instance, or whom it suffers from, where the alert names one.
 */
async function firing(
  t: TestContext,
  objectives: readonly object[],
  told: readonly Told[],
  expected: Readonly<Record<number, readonly string[]>>,
): Promise<void> {
  const promtool = findProgram(t, "promtool", "prometheus");
  if (promtool === undefined) return;
  const folder = temporary(t);
  writeFileSync(join(folder, "rules.yml"), await rulesOf(folder, objectives));
  const expr = `sum by (priority, service_name, objective, instance, suffers_from) (ALERTS{alertstate="firing"})`;
  const unit = {
    rule_files: ["rules.yml"],
    evaluation_interval: "30s",
    tests: [
      {
        interval: "1m",
        input_series: told.flatMap(seriesOf),
        promql_expr_test: Object.entries(expected).map(([minute, alerts]) => ({
          expr,
          eval_time: `${minute}m`,
          exp_samples: alerts.map((alert) => ({ labels: labelsOf(alert), value: 1 })),
        })),
      },
    ],
  };
  writeFileSync(join(folder, "test.yml"), stringify(unit, { lineWidth: 0 }));
  const tested = spawnSync(promtool, ["test", "rules", join(folder, "test.yml")], { encoding: "utf8" });
  assert.equal(tested.status, 0, `${tested.stdout}${tested.stderr}`);
}

async function rulesOf(folder: string, objectives: readonly object[]): Promise<string> {
  const file = join(folder, "objectives.yaml");
  writeFileSync(file, stringify({ objectives }));
  const { code, stdout, stderr } = await whodunit(["objectives", file]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** `page web success`, then an instance, or `<-` and whom it suffers from. */
function labelsOf(alert: string): string {
  const [priority, service, objective, ...further] = alert.split(" ");
  const labels = { priority, service_name: service, objective };
  const [first, from] = further;
  const more = first === "<-" ? { suffers_from: from } : first === undefined ? {} : { instance: first };
  return `{${Object.entries({ ...labels, ...more })
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;
}

/** The series of one instance as `/debug/traffic` tells them: late requests take 2 s, the others 20 ms. */
function seriesOf({
  service,
  peer = "",
  route = "GET /",
  instance = "10.0.0.1:8080",
  calls,
  stretches,
}: Told): object[] {
  const own = `service_name="${service}",service_instance_id="${instance}",instance="${instance}"`;
  const counter = (name: string, labels: string, each: (one: Stretch) => number): object => {
    let at = 0;
    // promtool's own notation: from, step, how many steps more.
    const values = stretches.map((one) => {
      const [from, step] = [at + each(one), each(one)];
      at += each(one) * one.minutes;
      return `${from}+${step}x${one.minutes - 1}`;
    });
    return { series: `${name}{${own},${labels}}`, values: values.join(" ") };
  };
  const failing = ({ failing: count = 0 }: Stretch): number => count;
  const late = ({ late: count = 0 }: Stretch): number => count;
  const timeS = (one: Stretch): number => 2 * late(one) + 0.02 * (one.each - late(one));
  const server = `side="server",route="${route}"`;
  const from = `${server},peer="${peer}"`;
  const duration = "whodunit_request_duration_seconds";
  return [
    counter(
      "whodunit_requests_total",
      `${from},class="2xx",outcome="success"`,
      (one) => one.each - failing(one),
    ),
    ...(stretches.some((one) => failing(one) > 0)
      ? [counter("whodunit_requests_total", `${from},class="5xx",outcome="failure"`, failing)]
      : []),
    counter("whodunit_requests_total", `${from},class="aborted",outcome="aborted"`, (one) => one.each),
    counter(`${duration}_count`, server, (one) => one.each),
    counter(`${duration}_sum`, server, timeS),
    ...["0.25", "1.0"].map((le) =>
      counter(`${duration}_bucket`, `${server},le="${le}"`, (one) => one.each - late(one)),
    ),
    counter(`${duration}_bucket`, `${server},le="+Inf"`, (one) => one.each),
    ...(calls === undefined ? [] : [counter(`${duration}_sum`, `side="client",peer="${calls}"`, timeS)]),
  ];
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-objectives-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
