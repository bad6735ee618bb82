import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { negotiateFormat } from "../../src/formats/negotiate.ts";
import { createHealth, type HealthOptions, type Probe } from "../../src/index.ts";
import { FakeClock } from "../../src/testing.ts";
import { ask } from "../helpers/ask.ts";

const HOSTILE = `<script>alert("x")</script>&'"`;
const TIME = "2030-01-01T00:00:00.000Z";

/** A health whose probes have each run twice. */
async function settled(
  t: { after(close: () => unknown): void },
  probes: Probe[],
  more?: Partial<HealthOptions>,
) {
  const clock = new FakeClock();
  const health = createHealth({ service: "web", probes, clock, ...more });
  t.after(() => health.close());
  await clock.advance(19_999);
  return health;
}

const failing = (message: string) => () => Promise.reject(new Error(message));

const ACCEPTS: readonly [accept: string | undefined, mediaType: string][] = [
  [undefined, "application/json"],
  ["*/*", "application/json"],
  ["application/json", "application/json"],
  ["application/json, text/plain, */*", "application/json"],
  ["application/*", "application/json"],
  ["application/health+json", "application/health+json"],
  ["application/health+json;q=0.5, application/json;q=0.4", "application/health+json"],
  ["Application/Health+JSON ; Q=0.9", "application/health+json"],
  ["text/plain", "text/plain"],
  ["text/*", "text/plain"],
  ["text/*, text/plain;q=0", "text/html"],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html"],
  [
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "application/openmetrics-text",
  ],
  ["image/png", "application/json"],
  ["application/json;q=0", "application/json"],
  ["text/html;q=7", "application/json"],
  ["", "application/json"],
];

test("negotiateFormat() picks what the Accept header likes best, and the array where nothing fits", () => {
  for (const [accept, mediaType] of ACCEPTS)
    assert.equal(negotiateFormat(accept).mediaType, mediaType, accept);
});

const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

// What scrapers send: Prometheus 2.0 to 3.x by its `scrape_protocols`, vmagent, Telegraf, curl by hand.
const SCRAPERS: readonly [accept: string, contentType: string][] = [
  ["text/plain;version=0.0.4", PROMETHEUS],
  ["text/plain; version=0.0.4", PROMETHEUS],
  ["text/plain; charset=utf-8; version=0.0.4", PROMETHEUS],
  ['Text/Plain ; Version="0.0.4" ; Q=1', PROMETHEUS],
  ["text/plain;version=0.0.4;q=1,*/*;q=0.1", PROMETHEUS],
  ["text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5", PROMETHEUS],
  ["text/plain;q=0.2,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", PROMETHEUS],
  [`${PROTOBUF};q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1`, PROMETHEUS],
  [
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    OPEN_METRICS,
  ],
  [
    `${PROTOBUF};q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1`,
    OPEN_METRICS,
  ],
  ["text/plain;version=0.0.4;q=0, application/openmetrics-text", OPEN_METRICS],
  ["text/plain", "text/plain; charset=utf-8"],
  ["text/plain; charset=utf-8", "text/plain; charset=utf-8"],
  ["text/plain;q=0.9,text/plain;version=0.0.4;q=0.3", "text/plain; charset=utf-8"],
];

test("H6: Each scraper gets the format that it asks for, always as 200", async (t) => {
  const health = await settled(t, [{ name: "db", check: failing("gone") }]);
  for (const [accept, contentType] of SCRAPERS) {
    const { status, headers } = await ask(health, "/health/status", { accept });
    assert.equal(headers["content-type"], contentType, accept);
    assert.equal(status, contentType.includes("version") ? 200 : 503, accept);
  }
});

test("H6: Prometheus' text format has each probe's Status and latency, and nothing that its parser refuses", async (t) => {
  const health = await settled(t, [
    { name: 'a"b\\c', check: failing("gone") },
    { name: "kafka", priority: "none", check: () => {} },
  ]);
  const { body } = await ask(health, "/health/status/internal", { accept: "text/plain;version=0.0.4" });
  assert.ok(
    body.includes(
      'health_probe_status{service_name="web",probe="a\\"b\\\\c",priority="page",health_probe_status="ERROR"} 1\n',
    ),
  );
  assert.ok(
    body.includes('health_probe_duration_seconds{service_name="web",probe="kafka",priority="none"} 0\n'),
  );
  assert.ok(body.includes("# TYPE health_process_standstill_seconds_total counter\n"));
  // The grammar of https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
  const label = '[a-z_]+="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
  const sample = new RegExp(`^[a-z_]+(?:\\{${label}(?:,${label})*\\})? [0-9.e+-]+$`);
  const comment = /^# TYPE [a-z_]+ (?:gauge|counter)$/;
  for (const line of body.trimEnd().split("\n")) assert.ok(sample.test(line) || comment.test(line), line);
  assert.ok(body.endsWith("\n"));
});

test("negotiateFormat() has an answer for any header", () => {
  fc.assert(fc.property(anyText(), (accept) => void negotiateFormat(accept).mediaType));
});

test("application/health+json says pass, warn or fail, and whose each entry is", async (t) => {
  const health = await settled(t, [
    { name: "well", check: () => {} },
    { name: "slow", check: () => ({ status: "DEGRADED", reason: "long queue" }) },
    { name: "voting", kind: "service", check: failing("gone") },
    { name: "extra", priority: "none", check: failing("gone") },
  ]);
  const response = await ask(health, "/health/status", { accept: "application/health+json" });
  assert.equal(response.status, 503);
  assert.equal(response.headers["content-type"], "application/health+json; charset=utf-8");
  const checks = {
    well: [{ status: "pass", state: "OK", kind: "own", time: "2030-01-01T00:00:10.000Z" }],
    slow: [{ status: "warn", state: "DEGRADED", kind: "own", time: "2030-01-01T00:00:12.500Z" }],
    voting: [{ status: "fail", state: "ERROR", kind: "service", time: "2030-01-01T00:00:15.000Z" }],
    extra: [
      { status: "warn", state: "ERROR", kind: "own", optional: true, time: "2030-01-01T00:00:17.500Z" },
    ],
  };
  assert.deepEqual(JSON.parse(response.body), { status: "fail", serviceId: "web", checks });
});

test("application/health+json tells the authorised what was seen", async (t) => {
  const probe = {
    name: "q",
    runbook: "https://r.test/q",
    check: () => ({ status: "DEGRADED", reason: "long", value: 7, unit: "jobs" }),
  };
  const health = await settled(t, [probe], { authorize: () => true });
  const { status, body } = await ask(health, "/health/status", { accept: "application/health+json" });
  assert.equal(status, 200);
  const parsed = JSON.parse(body);
  assert.equal(parsed.status, "warn");
  const { observedValue, observedUnit, output, links } = parsed.checks.q[0];
  assert.deepEqual(
    { observedValue, observedUnit, output, links },
    {
      observedValue: 7,
      observedUnit: "jobs",
      output: "long",
      links: { about: "https://r.test/q" },
    },
  );
});

test("text/plain is a line a probe, with the reason for the authorised", async (t) => {
  const probes = [
    { name: "myDB", check: failing("line one\nline two") },
    { name: "kafka", check: () => {} },
  ];
  const anonymous = await ask(await settled(t, probes), "/health/status", { accept: "text/plain" });
  assert.equal(
    anonymous.body,
    `ERROR    2030-01-01T00:00:10.000Z myDB\nOK       2030-01-01T00:00:15.000Z kafka\n`,
  );
  const health = await settled(t, probes, { authorize: () => true });
  const { body } = await ask(health, "/health/status", { accept: "text/plain" });
  assert.match(body, /^ERROR {4}\S+ myDB: line one line two\nOK /);
});

test("application/openmetrics-text is 200 whatever the status, a state set a probe", async (t) => {
  const health = await settled(t, [{ name: 'a"b\\c', check: failing("gone") }]);
  const { status, body } = await ask(health, "/health/status", { accept: "application/openmetrics-text" });
  assert.equal(status, 200);
  assert.ok(body.endsWith("\n# EOF\n"));
  assert.ok(
    body.includes(
      'health_probe_status{service_name="web",probe="a\\"b\\\\c",priority="page",health_probe_status="ERROR"} 1\n',
    ),
  );
  assert.equal(body.match(/ 1\n/g)?.length, 1);
  assert.ok(
    body.includes('health_probe_duration_seconds{service_name="web",probe="a\\"b\\\\c",priority="page"} 0\n'),
  );
});

test("The page escapes whatever it shows, loads nothing, and allows its one style sheet only", async (t) => {
  const health = await settled(
    t,
    [{ name: HOSTILE, owner: HOSTILE, runbook: `https://r.test/"><script>`, check: failing(HOSTILE) }],
    { authorize: () => true },
  );
  const { status, headers, body } = await ask(health, "/health/status", { accept: "text/html" });
  assert.equal(status, 503);
  assert.match(
    headers["content-security-policy"] ?? "",
    /^default-src 'none'; style-src 'sha256-[\w+/=]{44}';/,
  );
  assert.doesNotMatch(body, /<script|<img|<link|<iframe|@import|src=|url\(/);
  assert.ok(body.includes("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;&quot;"));
});

test("The page tells the anonymous the state, and the authorised since when, why and what was before", async (t) => {
  const script = ["OK", "ERROR", "OK"];
  const check = () => (script.shift() === "ERROR" ? Promise.reject(new Error("the-reason")) : undefined);
  const probe = { name: "db", owner: "the-owner", intervalMs: 1_000, check };
  const anonymous = await ask(await settled(t, [probe]), "/health/status", { accept: "text/html" });
  assert.match(anonymous.body, /<b class="ok">OK<\/b>/);
  assert.doesNotMatch(anonymous.body, /the-owner|<svg|Since/);
  script.push("OK", "ERROR", "OK");
  const { body } = await ask(await settled(t, [probe], { authorize: () => true }), "/health/status", {
    accept: "text/html",
  });
  assert.match(body, /the-owner/);
  assert.equal(body.match(/<rect /g)?.length, 3);
  assert.ok(body.includes(`ERROR from 2030-01-01T00:00:01.000Z to 2030-01-01T00:00:02.000Z`));
});

test("The page of a service without probes says so", async (t) => {
  const { status, body } = await ask(await settled(t, []), "/health/status/external", {
    accept: "text/html",
  });
  assert.equal(status, 200);
  assert.match(body, /No probes here/);
  assert.ok(body.includes("<h1>web / external</h1>"));
  assert.ok(!body.includes(TIME));
});
