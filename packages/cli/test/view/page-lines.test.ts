import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { openPage } from "../helpers/browser.ts";
import { exportRequest, post, span, TRACE_ID } from "../helpers/otlp.ts";
import { logsRequest, nanosAgo, postLogs, text } from "../helpers/otlp-logs.ts";

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0 });
  t.after(() => started.close());
  await post(
    started.url,
    exportRequest("web", [span(1, 0, 40, { name: "POST /vote", status: { code: 2 } })]),
  );
  await postLogs(
    started.url,
    logsRequest("web", [
      { timeUnixNano: nanosAgo(9_000), severityNumber: 9, body: { stringValue: "listening" } },
      {
        timeUnixNano: nanosAgo(5_000),
        severityNumber: 17,
        body: { stringValue: "web-vote-fail" },
        attributes: [text("AccountID", "5c522f9b"), text("reason", "no sugar left")],
        traceId: TRACE_ID,
      },
    ]),
  );
  return started;
}

test("the page shows lines as they arrive, finds them by what the address says, and opens their fields", async (t) => {
  const view = await receiver(t);
  const opened = await openPage(t, `${view.url}/#/lines`);
  if (opened === null) return;
  const { page, complaints } = opened;
  await page.getByRole("button", { name: "web-vote-fail" }).waitFor();
  assert.equal(await page.locator("#lines tbody").count(), 2);
  await postLogs(
    view.url,
    logsRequest("voting", [{ timeUnixNano: nanosAgo(0), body: { stringValue: "counted" } }]),
  );
  await page.getByRole("button", { name: "counted" }).waitFor();

  await page.getByRole("searchbox", { name: "Find" }).fill('AccountID:5c522f9b "no sugar"');
  await page.getByRole("searchbox", { name: "Find" }).press("Enter");
  await page.getByRole("status").filter({ hasText: "1 line, the latest first" }).waitFor();
  assert.match(page.url(), /#\/lines\?search=AccountID%3A5c522f9b\+%22no\+sugar%22$/);
  await page.getByRole("button", { name: "web-vote-fail" }).press("Enter");
  await page.getByText("no sugar left").waitFor();
  await page.getByRole("link", { name: TRACE_ID }).click();
  await page.getByRole("heading", { name: "1 line" }).waitFor();
  await page.getByRole("button", { name: "web-vote-fail" }).waitFor();

  await page.goto(`${view.url}/#/lines?attention=true`);
  await page.getByRole("status").filter({ hasText: "1 line, the latest first" }).waitFor();
  await page.locator("#lines-attention:checked").waitFor();
  await page.getByRole("link", { name: "counted" }).click();
  await page.getByRole("button", { name: "counted" }).waitFor();
  assert.match(page.url(), /search=name%3A%22counted%22/);
  assert.deepEqual(complaints, []);
});

test("the page shows the lines around one, of every service, at an address of their own, and leads back", async (t) => {
  const view = await receiver(t);
  await postLogs(
    view.url,
    logsRequest("voting", [{ timeUnixNano: nanosAgo(0), body: { stringValue: "counted" } }]),
  );
  const opened = await openPage(t, `${view.url}/#/lines?search=AccountID%3A5c522f9b`);
  if (opened === null) return;
  const { page, complaints } = opened;
  await page.getByRole("status").filter({ hasText: "1 line, the latest first" }).waitFor();
  await page.getByRole("button", { name: "web-vote-fail" }).click();
  await page.getByRole("link", { name: "The lines around it" }).click();
  await page.getByRole("status").filter({ hasText: "3 lines, the latest first" }).waitFor();
  assert.match(page.url(), /#\/lines\?search=AccountID%3A5c522f9b&around=\d+-\d+$/);
  assert.deepEqual(
    (await page.locator("#lines .said").allTextContents()).map((text) => text.trim()),
    ["counted", "web-vote-fail", "listening"],
  );
  assert.match(await page.locator("#lines tr[aria-current=true]").innerText(), /web-vote-fail/);
  await page.reload();
  await page.getByRole("status").filter({ hasText: "3 lines, the latest first" }).waitFor();
  await page.getByRole("link", { name: "All lines" }).click();
  await page.getByRole("status").filter({ hasText: "1 line, the latest first" }).waitFor();
  await page.goto(`${view.url}/#/lines?around=9-9`);
  await page.getByRole("status").filter({ hasText: "That line is no longer here." }).waitFor();
  assert.deepEqual(
    complaints.filter((complaint) => !/404/.test(complaint)),
    [],
  );
});

test("the page shows whatever a line holds as text and never reads it as markup", async (t) => {
  const view = await receiver(t);
  const evil = [
    "<script>hacked=1</script>",
    '"><img src=x onerror=hacked=1>',
    "javascript:hacked=1",
    "__proto__",
    "\u202Egnp\u0000\u001b[31m",
  ];
  for (const one of evil)
    await postLogs(
      view.url,
      logsRequest(one, [
        {
          severityText: one,
          body: { stringValue: one },
          attributes: [text(one, one)],
          timeUnixNano: nanosAgo(0),
        },
      ]),
    );
  const opened = await openPage(t, `${view.url}/#/lines`);
  if (opened === null) return;
  const { page, complaints, hosts } = opened;
  await page.getByRole("status").filter({ hasText: "7 lines" }).waitFor();
  for (const button of await page.locator("#lines button").all()) await button.click();
  assert.equal(await page.evaluate("typeof hacked"), "undefined");
  assert.equal(await page.locator("#lines img, #lines script").count(), 0);
  assert.deepEqual([complaints, [...hosts]], [[], [new URL(view.url).host]]);
});

test("the page shows a thousand lines, goes on to older ones, and is not wider than a phone", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  for (let i = 0; i < 10; i++) {
    const records = Array.from({ length: 100 }, (_, j) => ({
      timeUnixNano: nanosAgo(1_000 - i),
      body: { stringValue: `line ${i * 100 + j} ${"long ".repeat(20)}` },
    }));
    await postLogs(view.url, logsRequest("a-service-of-a-long-name", records));
  }
  const opened = await openPage(t, `${view.url}/#/lines`, { width: 420 });
  if (opened === null) return;
  const { page } = opened;
  for (const shown of [200, 400, 600, 800, 1_000]) {
    await page
      .getByRole("status")
      .filter({ hasText: `${shown.toLocaleString("en-GB")} lines` })
      .waitFor();
    if (shown < 1_000) await page.getByRole("button", { name: "Show older lines" }).click();
  }
  assert.equal(await page.locator("#lines tbody").count(), 1_000);
  assert.ok(((await page.evaluate("document.documentElement.scrollWidth")) as number) <= 420);
});
