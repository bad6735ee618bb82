import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { openPage } from "../helpers/browser.ts";
import { exportRequest, type JsonSpan, post, span, TRACE_ID } from "../helpers/otlp.ts";
import { logsRequest, nanosAgo, postLogs } from "../helpers/otlp-logs.ts";

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0, maxBytes: 8_388_608 });
  t.after(() => started.close());
  return started;
}

const child = (
  id: number,
  parent: number,
  start: number,
  took: number,
  more: Partial<JsonSpan> = {},
): JsonSpan => span(id, start, took, { parentSpanId: span(parent, 0, 0).spanId, ...more });

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const FAILED = { status: { code: 2 } };
const THROWN = {
  name: "exception",
  timeUnixNano: span(1, 25, 0).startTimeUnixNano,
  attributes: [text("exception.type", "DoughnutError"), text("exception.message", "no doughnuts")],
};

async function sendVote({ url }: Receiver): Promise<void> {
  await post(url, exportRequest("web", [span(1, 0, 40, { name: "POST /api/vote", ...FAILED })]));
  await post(url, exportRequest("web", [child(2, 1, 5, 30, { name: "POST", kind: 3, ...FAILED })]));
  const insert = {
    name: "insert-vote",
    kind: 1,
    status: { code: 2, message: "no" },
    events: [THROWN],
    attributes: [
      text("choice", "doughnut"),
      { key: "sizes", value: { arrayValue: { values: [{ intValue: "3" }] } } },
    ],
  };
  await post(
    url,
    exportRequest("voting", [
      child(3, 2, 8, 26, { name: "POST /votes/:id", ...FAILED }),
      child(4, 3, 12, 20, insert),
    ]),
  );
}

test("a trace is shown as a waterfall, opened where it failed first", async (t) => {
  const view = await receiver(t);
  await sendVote(view);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.getByRole("link", { name: "web POST /api/vote" }).click();
  await page.getByRole("heading", { name: "web POST /api/vote" }).waitFor();
  assert.equal(new URL(page.url()).hash, `#/trace/${TRACE_ID}`);
  assert.equal(await page.locator(":focus").getAttribute("id"), "trace-heading");

  const spans = page.getByRole("table", { name: /^Spans/ }).getByRole("button");
  assert.deepEqual(
    (await spans.allTextContents()).map((name) => name.replaceAll(/\s+/g, " ")),
    [
      "Level 1. webPOST /api/vote✗ failed",
      "Level 2. webPOST✗ failed",
      "Level 3. votingPOST /votes/:id✗ failed",
      "Level 4. votinginsert-vote✗ failedDoughnutError: no doughnuts",
    ],
  );
  assert.deepEqual(
    await spans.evaluateAll((buttons) => buttons.map((button) => button.getAttribute("aria-expanded"))),
    ["false", "false", "false", "true"],
  );
  const details = page.locator(".details:visible");
  assert.equal(await details.count(), 1);
  const said = (await details.innerText()).replaceAll(/\s+/g, " ");
  for (const part of [
    "exception at 25 ms",
    "exception.type DoughnutError",
    "choice doughnut",
    "sizes [ 3 ]",
    "starts 12 ms into the trace",
    "status no",
  ])
    assert.ok(said.includes(part), `${part} in ${said}`);

  // The bars stand where their spans were: the last from 30 % to 80 % of 40 ms.
  const lane = (await page.locator(".lane").last().boundingBox())!;
  const bar = (await page.locator(".bar").last().boundingBox())!;
  assert.ok(Math.abs((bar.x - lane.x) / lane.width - 0.3) < 0.01);
  assert.ok(Math.abs(bar.width / lane.width - 0.5) < 0.01);
  assert.deepEqual(opened.complaints, []);
});

test("a span shows the lines that were written in it, also those that come later, and leads to each", async (t) => {
  const view = await receiver(t);
  await sendVote(view);
  const line = (said: string, id: number): Promise<unknown> =>
    postLogs(
      view.url,
      logsRequest("voting", [
        {
          ...{ timeUnixNano: nanosAgo(0), severityNumber: 17, body: { stringValue: said } },
          ...{ traceId: TRACE_ID, spanId: span(id, 0, 0).spanId },
        },
      ]),
    );
  await line("voting-ballot-fail", 4);
  await line("web-vote-received", 1);
  const opened = await openPage(t, `${view.url}/#/trace/${TRACE_ID}`);
  if (opened === null) return;
  const { page, complaints } = opened;
  const details = page.locator("#waterfall .details:visible");
  await details.getByRole("heading", { name: "1 line", exact: true }).waitFor();
  assert.match(await details.innerText(), /error\s+voting-ballot-fail/);
  assert.doesNotMatch(await details.innerText(), /web-vote-received/);
  await line("voting-ballot-retried", 4);
  await details.getByRole("heading", { name: "2 lines", exact: true }).waitFor();
  await details.getByRole("button", { name: "voting-ballot-retried" }).click();
  assert.match((await page.locator(":focus").textContent()) ?? "", /voting-ballot-retried/);
  assert.equal(await page.locator("#trace-lines :focus").count(), 1);
  assert.deepEqual(complaints, []);
});

test("a waterfall is read by the keyboard alone", async (t) => {
  const view = await receiver(t);
  await sendVote(view);
  const opened = await openPage(t, `${view.url}/#/trace/${TRACE_ID}`);
  if (opened === null) return;
  const { page } = opened;
  await page.getByRole("heading", { name: "web POST /api/vote" }).waitFor();
  const focused = async (): Promise<string> => (await page.locator(":focus").textContent()) ?? "";
  const open = (): Promise<string | null> => page.locator(":focus").getAttribute("aria-expanded");
  // Tab goes to what failed first, which leads to its row.
  await page.keyboard.press("Tab");
  assert.match(await focused(), /^voting {2}insert-vote/);
  await page.keyboard.press("Enter");
  assert.match(await focused(), /^Level 4/);
  await page.keyboard.press("Home");
  assert.match(await focused(), /^Level 1/);
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(), /^Level 2/);
  assert.equal(await open(), "false");
  await page.keyboard.press("ArrowRight");
  assert.equal(await open(), "true");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await open(), "false");
  await page.keyboard.press("Enter");
  assert.equal(await open(), "true");
  await page.keyboard.press("End");
  assert.match(await focused(), /^Level 4/);
  await page.getByRole("link", { name: "← All traces" }).press("Enter");
  await page.getByRole("heading", { name: "Services" }).waitFor();
});

test("a trace grows while it is looked at, and stays when the receiver lets it go", async (t) => {
  const view = await receiver(t);
  await post(view.url, exportRequest("voting", [child(3, 2, 8, 26, { name: "POST /votes/:id" })]));
  const opened = await openPage(t, `${view.url}/#/trace/${TRACE_ID}`);
  if (opened === null) return;
  const { page } = opened;
  await page.getByText("Spans are missing: they may still be on their way.").waitFor();
  await page
    .getByRole("table", { name: /^Spans/ })
    .getByRole("button")
    .first()
    .focus();
  await post(view.url, exportRequest("web", [span(1, 0, 40), child(2, 1, 5, 30, { kind: 3 })]));
  await page.getByText("3 spans", { exact: true }).waitFor();
  assert.equal(await page.getByText("Spans are missing").count(), 0);
  assert.match((await page.locator(":focus").textContent()) ?? "", /POST \/votes\/:id/);

  const filler = (id: number): JsonSpan =>
    span(id, 0, 1, {
      traceId: id.toString(16).padStart(32, "0"),
      attributes: [text("filler", "x".repeat(100_000))],
    });
  for (let id = 10; id < 100; id += 10)
    await post(
      view.url,
      exportRequest(
        "web",
        Array.from({ length: 10 }, (_, i) => filler(id + i)),
      ),
    );
  await page.getByText("The receiver has let this trace go since; it is shown as it was.").waitFor();
  assert.equal(
    await page
      .getByRole("table", { name: /^Spans/ })
      .getByRole("button")
      .count(),
    3,
  );
});

test("a trace that is not held is told", async (t) => {
  const view = await receiver(t);
  const opened = await openPage(t, `${view.url}/#/trace/${"0".repeat(31)}1`);
  if (opened === null) return;
  await opened.page.getByText(/^The receiver does not hold this trace\./).waitFor();
});

test("a trace of 10,000 spans is found in, scrolled and read by the keyboard, and only what is seen is drawn", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  const many = 10_000;
  const children = Array.from({ length: many - 1 }, (_, i) =>
    child(2 + i, 1, i, 1, i % 2_500 === 1_000 ? { attributes: [text("account", `needle ${i}`)] } : {}),
  );
  await post(view.url, exportRequest("web", [span(1, 0, many), ...children]));
  const opened = await openPage(t, `${view.url}/#/trace/${TRACE_ID}?find=needle`);
  if (opened === null) return;
  const { page, complaints } = opened;
  await page.getByText("4 of 10,000 spans").waitFor();
  const rows = page.locator("#waterfall tr.row");
  const table = page.getByRole("table", { name: /^Spans/ });
  assert.equal(await table.getAttribute("aria-rowcount"), "10001");
  const seen = async (index: number): Promise<void> => {
    await page.locator(`#waterfall tr[aria-rowindex="${index + 2}"].hit`).waitFor();
    assert.ok((await rows.count()) < 120);
  };
  await seen(1_001);
  await page.getByRole("searchbox", { name: "Find" }).press("Enter");
  await seen(3_501);
  await page.getByRole("button", { name: "Next" }).click();
  await seen(6_001);
  assert.equal(await page.locator(":focus").getAttribute("id"), `span-${span(6_002, 0, 0).spanId}`);
  await page.keyboard.press("ArrowRight");
  await page.getByText("needle 6000").waitFor();
  await page.keyboard.press("End");
  await page.locator(`:focus#span-${span(many, 0, 0).spanId}`).waitFor();
  await page.keyboard.press("Home");
  await page.locator(`:focus#span-${span(1, 0, 0).spanId}`).waitFor();
  // Who scrolls by the mouse keeps the focus.
  await page.evaluate("document.getElementById('waterfall-card').scrollTop = 1e9");
  await page.locator(`#waterfall tr[aria-rowindex="${many + 1}"]`).waitFor();
  assert.equal(await page.locator(":focus").getAttribute("id"), `span-${span(1, 0, 0).spanId}`);
  assert.deepEqual(complaints, []);
});

test("a failing trace is laid beside a good one of the same route, step by step", async (t) => {
  const view = await receiver(t);
  const good = "b".repeat(32);
  await post(
    view.url,
    exportRequest("web", [
      span(1, -9_000, 30, { traceId: good, name: "POST /api/vote" }),
      span(2, -8_995, 12, { traceId: good, name: "cache", parentSpanId: span(1, 0, 0).spanId }),
      span(3, -8_980, 8, { traceId: good, name: "POST", kind: 3, parentSpanId: span(1, 0, 0).spanId }),
    ]),
  );
  await sendVote(view);
  const opened = await openPage(t, `${view.url}/#/trace/${TRACE_ID}`);
  if (opened === null) return;
  const { page } = opened;
  await page.getByRole("button", { name: "Beside a good one" }).click();
  const steps = page.getByRole("table", { name: /^Steps/ }).getByRole("row");
  await steps.nth(5).waitFor();
  assert.match(page.url(), /beside=true/);
  assert.deepEqual(
    await Promise.all(
      (await steps.all())
        .slice(1)
        .map(async (row) => (await row.locator("th, td").allTextContents()).join(" | ")),
    ),
    [
      "web  POST /api/vote | ✗ 40 ms | 30 ms | +10 ms",
      "web  POST | ✗ 30 ms | 8.0 ms | +22 ms",
      "voting  POST /votes/:id | ✗ 26 ms | not there | ",
      "voting  insert-vote | ✗ 20 ms | not there | ",
      "web  cache | not there | 12 ms | ",
    ],
  );
  await page.locator("#beside-note a").click();
  await page.waitForURL(new RegExp(good));
});
