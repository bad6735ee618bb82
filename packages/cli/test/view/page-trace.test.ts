import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { openPage } from "../helpers/browser.ts";
import { exportRequest, type JsonSpan, post, span, TRACE_ID } from "../helpers/otlp.ts";

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

test("a trace that is not held is told, and one of thousands of spans is shown in steps", async (t) => {
  const view = await receiver(t);
  const opened = await openPage(t, `${view.url}/#/trace/${"0".repeat(31)}1`);
  if (opened === null) return;
  const { page } = opened;
  await page.getByText(/^The receiver does not hold this trace\./).waitFor();
  const children = Array.from({ length: 1_200 }, (_, i) => child(2 + i, 1, i, 1));
  await post(view.url, exportRequest("web", [span(1, 0, 1_300), ...children]));
  await page.goto(`${view.url}/#/trace/${TRACE_ID}`);
  const more = page.getByRole("button", { name: "Show more: 201 spans left" });
  await more.waitFor();
  assert.equal(await page.locator("button.span").count(), 1_000);
  await more.press("Enter");
  assert.equal(await page.locator(":focus").getAttribute("id"), `span-${span(1_001, 0, 0).spanId}`);
  assert.equal(await page.locator("button.span").count(), 1_201);
});
