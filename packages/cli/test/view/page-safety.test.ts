import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { until } from "../../../../test/helpers/until.ts";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { isAnsweredHost } from "../../src/view/answered-host.ts";
import { openPage } from "../helpers/browser.ts";
import { exportRequest, type JsonSpan, post, span, TRACE_ID } from "../helpers/otlp.ts";
import { nanosAgo, text } from "../helpers/otlp-logs.ts";

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0 });
  t.after(() => started.close());
  return started;
}

const HOSTILE = [
  "<script>hacked=1</script>",
  '"><img src=x onerror=hacked=1>',
  "</title></style></textarea><svg onload=hacked=1>",
  "javascript:hacked=1",
  "{{constructor.constructor('hacked=1')()}}",
  "__proto__",
  "\u202Egnp.exe\u0000\u001b[31m",
  "#/trace/../../x?y",
];

test("names and values of spans are shown as text and never read as markup", async (t) => {
  const view = await receiver(t);
  const spans = HOSTILE.map((evil, i): JsonSpan => {
    const attributes = [{ key: evil, value: { stringValue: evil } }];
    return span(i + 1, i, 5, {
      name: evil,
      ...(i === 0 ? {} : { parentSpanId: span(1, 0, 0).spanId }),
      kind: i % 2 === 0 ? 2 : 3,
      status: { code: 2, message: evil },
      attributes: [...attributes, { key: "peer.service", value: { stringValue: evil } }],
      events: [
        { name: evil, timeUnixNano: span(1, 0, 0).startTimeUnixNano, attributes },
        { name: "exception", attributes: [{ key: "exception.message", value: { stringValue: evil } }] },
      ],
    });
  });
  for (const [i, evil] of HOSTILE.entries()) await post(view.url, exportRequest(evil, [spans[i]!]));
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.getByRole("group", { name: /^Service map/ }).waitFor();
  for (const evil of HOSTILE.slice(0, 2)) await page.locator("#tables").getByText(evil).first().waitFor();
  await assertHarmless(page);

  await page.goto(`${view.url}/#/trace/${TRACE_ID}`);
  // What cannot be seen is not drawn: the arrow keys go through all of them.
  await page.locator("button.span").first().focus();
  let shown = "";
  for (const _evil of HOSTILE) {
    await page.keyboard.press("ArrowRight");
    shown += await page.locator("#waterfall").textContent();
    await page.keyboard.press("ArrowDown");
  }
  for (const evil of HOSTILE) assert.ok(shown.includes(evil), evil);
  await assertHarmless(page);
  assert.deepEqual([...opened.hosts], [new URL(view.url).host]);
  assert.deepEqual(opened.complaints, []);
});

/** A value of each kind that OTLP has, all of it hostile. */
const valuesOf = (evil: string): unknown[] => [
  text(evil, evil),
  { key: `${evil} array`, value: { arrayValue: { values: [{ stringValue: evil }] } } },
  { key: `${evil} list`, value: { kvlistValue: { values: [text(evil, evil)] } } },
];

/** Lines, metrics, health and changes of which every text is hostile: whatever OTLP has a place for. */
async function sendHostile(url: string, evil: string, i: number): Promise<void> {
  const nano = nanosAgo(1_000 + i);
  const at = new Date(Date.now() - 1_000).toISOString();
  const resource = (instance: string): object => ({
    attributes: [
      text("service.name", evil),
      text("service.version", `${evil}${instance}`),
      text("service.instance.id", `${evil}${instance}`),
      ...valuesOf(evil),
    ],
  });
  const scope = { name: evil, version: evil, attributes: valuesOf(evil) };
  const told = (values: Record<string, string>): unknown[] =>
    Object.entries(values).map(([key, value]) => text(key, value));
  const line = (body: string, attributes: unknown[]): object => ({
    ...{ timeUnixNano: nano, severityText: evil, severityNumber: 17, eventName: evil },
    ...{ body: { stringValue: body }, attributes, traceId: TRACE_ID, spanId: span(i + 1, 0, 0).spanId },
  });
  const logRecords = [
    line(evil, valuesOf(evil)),
    { ...line(evil, []), body: { kvlistValue: { values: valuesOf(evil) } } },
    line("x-health-changed", told({ probe: evil, from: "OK", to: evil, since: at, at, error: evil })),
    line("x-log-level-changed", told({ prefix: evil, to: evil })),
    line("x-change-reported", told({ what: evil })),
  ];
  const exemplars = [{ timeUnixNano: nano, asDouble: 1, filteredAttributes: valuesOf(evil) }];
  const point = { timeUnixNano: nano, attributes: valuesOf(evil), exemplars };
  const metrics = [
    { name: evil, unit: evil, description: evil, gauge: { dataPoints: [{ ...point, asDouble: 1 }] } },
    {
      ...{ name: `${evil} sum`, unit: evil },
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...point, asInt: "3" }] },
    },
    {
      ...{ name: `${evil} histogram`, unit: evil },
      histogram: { aggregationTemporality: 1, dataPoints: [{ ...point, count: "2", sum: 3 }] },
    },
  ];
  for (const instance of ["a", "b"]) {
    const own = { resource: resource(instance), schemaUrl: evil };
    const bodies = {
      logs: { resourceLogs: [{ ...own, scopeLogs: [{ scope, schemaUrl: evil, logRecords }] }] },
      metrics: { resourceMetrics: [{ ...own, scopeMetrics: [{ scope, schemaUrl: evil, metrics }] }] },
    };
    for (const [signal, body] of Object.entries(bodies)) {
      const headers = { "content-type": "application/json" };
      const { status } = await fetch(`${url}/v1/${signal}`, {
        ...{ method: "POST", headers },
        body: JSON.stringify(body),
      });
      assert.equal(status, 200, `${signal} of ${JSON.stringify(evil)}`);
    }
  }
}

// Node 22 reads a text of SQLite up to its first NUL.
const READS_NUL = Number.parseInt(process.versions.node, 10) > 22;
const STORED = HOSTILE.map((evil) => (READS_NUL ? evil : evil.replaceAll("\u0000", "")));

test("every text of lines, metrics, health and changes is shown as text on every view", async (t) => {
  const view = await receiver(t);
  for (const [i, evil] of STORED.entries()) {
    await post(view.url, exportRequest(evil, [span(i + 1, i, 5, { name: evil })]));
    await sendHostile(view.url, evil, i);
  }
  // What came last is written a quarter of a second later.
  const last = JSON.stringify(STORED.at(-1)).slice(1, -1);
  for (const path of ["lines", "health", "metrics"]) {
    await until(
      async () => (await (await fetch(`${view.url}/api/${path}`)).text()).includes(last),
      `/api/${path} tells ${last}`,
    );
  }
  const opened = await openPage(t, `${view.url}/#/lines`);
  if (opened === null) return;
  const { page, hosts, complaints } = opened;
  const shows = async (where: string): Promise<void> => {
    for (const evil of STORED) {
      await until(
        async () => ((await page.locator(where).textContent()) ?? "").includes(evil),
        `${where} shows ${JSON.stringify(evil)}`,
      );
    }
    await assertHarmless(page);
  };
  await page.locator("#lines .said").first().waitFor();
  for (const button of await page.locator("#lines .said").all()) await button.click();
  await shows("#lines");
  await page.goto(`${view.url}/#/health`);
  await page.locator("#health svg").first().waitFor();
  await shows("#health");
  await page.goto(`${view.url}/#/metrics`);
  await page.locator("#metrics svg").first().waitFor();
  await shows("#metrics");
  await page.goto(`${view.url}/#/`);
  await page.locator("#marks li").first().waitFor();
  await assertHarmless(page);
  await page.goto(`${view.url}/#/trace/${TRACE_ID}`);
  await page.locator("#trace-lines .said").first().waitFor();
  for (const button of await page.locator("#trace-lines .said").all()) await button.click();
  await shows("#trace-lines");
  assert.deepEqual([[...hosts], complaints], [[new URL(view.url).host], []]);
});

async function assertHarmless(page: Page): Promise<void> {
  assert.equal(await page.evaluate(() => "hacked" in globalThis), false);
  assert.equal(await page.locator("script").count(), 1);
  assert.equal(
    await page.locator("img, iframe, object, embed, [onload], [onerror], [onclick], [style*=url]").count(),
    0,
  );
  assert.equal(await page.locator("a:not([href^='#/'])").count(), 0);
}

// Text, for the page's types are not this program's.
const breakIn = (elsewhere: string): string => `(async () => {
  let sink = "";
  try {
    document.body.innerHTML = "<b>x</b>";
  } catch (error) {
    sink = String(error);
  }
  try {
    const inline = document.createElement("script");
    inline.textContent = "globalThis.hacked = 1";
    document.body.append(inline);
  } catch {
    // Trusted Types refuse it before the policy on scripts is asked.
  }
  const elsewhere = await fetch("${elsewhere}", { mode: "no-cors" }).then(() => "went out", () => "stopped");
  return { sink, elsewhere, hacked: "hacked" in globalThis };
})()`;

test("a script or a markup sink that got in all the same is stopped by the page's policy", async (t) => {
  const view = await receiver(t);
  const elsewhere = await receiver(t);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  const stopped = await page.evaluate<{ sink: string; elsewhere: string; hacked: boolean }>(
    breakIn(elsewhere.url),
  );
  assert.match(stopped.sink, /TrustedHTML/);
  assert.equal(stopped.elsewhere, "stopped");
  assert.equal(stopped.hacked, false);
  assert.ok(opened.complaints.some((text) => /Content Security Policy/.test(text)));
});

test("every answer carries the safe headers, and the page has one script and no other host", async (t) => {
  const { url } = await receiver(t);
  for (const path of [
    "/",
    "/page/style.css",
    "/page/icon.svg",
    "/page/main.ts",
    "/api/map",
    "/api/traces",
    "/nothing",
  ]) {
    const { headers } = await fetch(url + path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; script-src 'self'; /, path);
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  const html = await (await fetch(url)).text();
  assert.equal(html.match(/<script/g)?.length, 1);
  assert.doesNotMatch(html, /https?:\/\/|<style| on\w+=| style=/);
});

test("the page's files are its own and no others", async (t) => {
  const { url, port } = await receiver(t);
  for (const path of [
    "/page/tsconfig.json",
    "/page/html.ts",
    "/page/answers.d.ts",
    "/page/nothing.js",
    "/page/",
  ])
    assert.equal((await fetch(url + path)).status, 404, path);
  // Written by hand: a client would tidy these up.
  for (const path of [
    "/page/../html.ts",
    "/page/..%2fhtml.ts",
    "/page/%2e%2e/html.ts",
    "//",
    "/page/main.ts%00",
  ])
    assert.match(await askRaw(port, path, `127.0.0.1:${port}`), /^HTTP\/1.1 40[04]/, path);
});

test("isAnsweredHost() answers to loopback alone when bound to it", () => {
  for (const host of ["localhost:4318", "127.0.0.1", "127.9.9.9:1", "[::1]:4318", "LOCALHOST"])
    assert.ok(isAnsweredHost(host, "127.0.0.1"), host);
  for (const host of [
    undefined,
    "",
    "10.0.0.1",
    "view",
    "evil.example:4318",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "a b",
  ])
    assert.ok(!isAnsweredHost(host, "127.0.0.1"), host);
});

test("isAnsweredHost() answers to addresses, names of the house and its own when bound elsewhere", () => {
  for (const host of [
    "localhost",
    "10.0.0.1:4318",
    "203.0.113.7",
    "[2001:db8::1]:80",
    "view",
    "view.obs.svc",
    "view.internal:80",
  ])
    assert.ok(isAnsweredHost(host, "0.0.0.0"), host);
  assert.ok(!isAnsweredHost("evil.example", "0.0.0.0"));
  assert.ok(isAnsweredHost("view.example.com:4318", "view.example.com"));
});

test("isAnsweredHost() G3: a name of others is refused, whatever it begins or ends with", () => {
  const others = [
    "x.svc.evil.com",
    "x.svc.evil.com:4318",
    "voting.prod.svc.evil.com.",
    "10.0.evil.com",
    "10.0.0.1.nip.io",
    "evil。com",
    "view.example.com.evil.com",
    "localhost@evil.com",
    "localhost#.evil.com",
    "evil.com/.svc",
    "evil.com?.local",
    "evil.com\\.svc",
    "a..svc",
  ];
  for (const host of others)
    for (const bound of ["0.0.0.0", "::", "view.example.com", "127.0.0.1"])
      assert.ok(!isAnsweredHost(host, bound), `${host} on ${bound}`);
  for (const host of ["2130706433", "[::ffff:127.0.0.1]:4318", "localhost.", "0x7f.1"])
    assert.ok(isAnsweredHost(host, "127.0.0.1"), host);
  assert.ok(
    !isAnsweredHost("[::ffff:10.0.0.1]", "::ffff:127.0.0.1"),
    "loopback mapped into IPv6 is loopback",
  );
  assert.ok(isAnsweredHost("VIEW.example.com.", "view.example.com"));
});

test("startReceiver() refuses a foreign Host for the page, its data and spans", async (t) => {
  const { port } = await receiver(t);
  for (const path of ["/", "/api/map", "/api/traces", "/page/main.ts", "/v1/traces"])
    assert.match(await askRaw(port, path, `rebound.example:${port}`), /^HTTP\/1.1 403/, path);
});

function askRaw(port: number, path: string, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    });
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}
