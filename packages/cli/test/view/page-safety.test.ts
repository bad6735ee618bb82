import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { isAnsweredHost } from "../../src/view/answered-host.ts";
import { openPage } from "../helpers/browser.ts";
import { exportRequest, type JsonSpan, post, span, TRACE_ID } from "../helpers/otlp.ts";

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
  const rows = page.locator("button.span");
  await rows.nth(HOSTILE.length - 1).waitFor();
  for (const row of await rows.all()) {
    await row.focus();
    await page.keyboard.press("ArrowRight");
  }
  const shown = await page.locator("#waterfall").textContent();
  for (const evil of HOSTILE) assert.ok(shown?.includes(evil), evil);
  await assertHarmless(page);
  assert.deepEqual([...opened.hosts], [new URL(view.url).host]);
  assert.deepEqual(opened.complaints, []);
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
