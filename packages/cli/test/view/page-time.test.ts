import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "../../src/index.ts";
import { openPage } from "../helpers/browser.ts";
import { fillView } from "../helpers/busy-view.ts";
import { exportRequest, post } from "../helpers/otlp.ts";

const MINUTE_MS = 60_000;

/** Requests that ended so many minutes ago. */
const requestsAt = (minutes: number, failed: boolean): object =>
  exportRequest(
    "old",
    Array.from({ length: 6 }, (_, i) => {
      const start = BigInt(Math.round(Date.now() - minutes * MINUTE_MS)) * 1_000_000n;
      return {
        traceId: (minutes * 1_000 + i + 1).toString(16).padStart(32, "a"),
        spanId: (minutes * 1_000 + i + 1).toString(16).padStart(16, "0"),
        name: `GET /old/${minutes}`,
        kind: 2,
        startTimeUnixNano: String(start),
        endTimeUnixNano: String(start + 5_000_000n),
        ...(failed ? { status: { code: 2 } } : {}),
      };
    }),
  );

test("a drag over a chart chooses the time of the whole page, a link brings it to a colleague, and Back leads back", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  await post(view.url, requestsAt(30, true));
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page, complaints } = opened;
  await page.getByText("voting is at fault").waitFor();
  const over = page.locator("#charts .u-over").first();
  const { x, y, width, height } = (await over.boundingBox())!;
  await page.mouse.move(x + width * 0.3, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.7, y + height / 2, { steps: 5 });
  await page.mouse.up();
  await page.getByText("old is at fault: fails 100% (6 of 6) of its requests").waitFor();
  assert.match(page.url(), /#\/\?from=.*&to=/);
  await page.getByText("6 traces, the latest first").waitFor();
  assert.equal(await page.locator("svg.map .node").count(), 1);
  const shared = page.url();
  await page.getByRole("navigation").getByRole("link", { name: "Lines" }).click();
  await page.getByRole("button", { name: "voting-health-queue-degraded" }).waitFor();
  await page.getByText("1 line, the latest first").waitFor();
  await page.getByRole("link", { name: "Back to now" }).click();
  await page.getByRole("button", { name: "web-api-vote-fail" }).waitFor();

  await page.goto(`${view.url}/#/`);
  await page.getByText("voting is at fault").waitFor();
  await page.goto(shared);
  await page.getByText("old is at fault").waitFor();
  await page.goBack();
  await page.getByText("voting is at fault").waitFor();
  assert.deepEqual(complaints, []);
});

test("a click on a chart chooses one minute", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await post(view.url, requestsAt(30, false));
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.getByRole("img", { name: /^Requests from/ }).waitFor();
  await page.locator("#charts .u-over").first().click();
  await page.locator("#stretch").waitFor();
  const fields = new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
  assert.equal(Date.parse(fields.get("to")!) - Date.parse(fields.get("from")!), MINUTE_MS);
});

test("a time is chosen without a mouse, and the charts are a table and words as well", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  await post(view.url, requestsAt(30, true));
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.getByRole("img", { name: /^Success from .* least 0%, most \d/ }).waitFor();
  await page.getByText("Choose a time, or read it as a table").press("Enter");
  const table = page.getByRole("table", { name: /^Requests and lines over time/ });
  await table.getByRole("row").nth(2).waitFor();
  const row = table.getByRole("row").filter({ hasText: "0%" }).last();
  assert.deepEqual((await row.getByRole("cell").allTextContents()).slice(0, 3), ["6", "6", "0%"]);
  await page.getByLabel("From", { exact: true }).fill("2026-01-02T03:04");
  await page.getByLabel("To", { exact: true }).fill("2026-01-02T03:00");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.getByText("The time must end after it begins.").waitFor();
  await page.getByLabel("To", { exact: true }).fill("2026-01-02T04:00");
  await page.getByLabel("To", { exact: true }).press("Enter");
  await page.getByText("02/01/2026 03:04 to 02/01/2026 04:00").waitFor();
  await page.getByText("No requests in this time.").waitFor();
});

test("the charts compare with the hour before, show a day, and mark what was changed", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  await post(view.url, requestsAt(90, true));
  const opened = await openPage(t, `${view.url}/#/?compare=true`);
  if (opened === null) return;
  const { page, complaints } = opened;
  await page.getByRole("list", { name: "What was changed" }).getByText("voting: version 1.1.0").waitFor();
  assert.ok(await page.getByLabel("Compare with the hour before").isChecked());
  await page.getByRole("group", { name: "Charts show" }).getByText("Day").click();
  await page.getByLabel("Compare with the day before").waitFor();
  await page.getByRole("img", { name: /^Success from .* least 0%/ }).waitFor();
  assert.match(page.url(), /range=day&compare=true/);
  await page.getByRole("list", { name: "What was changed" }).getByRole("link").first().click();
  await page.locator("#stretch").waitFor();
  assert.deepEqual(complaints, []);
});

test("health shows entries, what they were and what failed meanwhile; an incident leads to its traces", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  const opened = await openPage(t, `${view.url}/#/health`);
  if (opened === null) return;
  const { page, complaints } = opened;
  const entry = page.getByRole("row", { name: /^voting mydb ✗ ERROR/ });
  await entry.getByRole("img", { name: /OK from .*, TIMEOUT from .*, OK from .*, ERROR from/ }).waitFor();
  const incident = page
    .getByRole("table", { name: /^Incidents/ })
    .getByRole("row")
    .nth(1);
  assert.match((await incident.textContent()) ?? "", /still.*voting mydb.*ERROR.*✗ 9 of \d+/);
  await incident.getByRole("link", { name: "voting POST /votes/:id" }).click();
  await page.getByText("9 traces, the latest first").waitFor();
  assert.match(page.url(), /service=voting&route=.*&error=true&from=/);
  assert.deepEqual(complaints, []);
});

test("metrics are listed by service with their course, and found by name and attribute", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  const opened = await openPage(t, `${view.url}/#/metrics?service=web`);
  if (opened === null) return;
  const { page, complaints } = opened;
  await page.getByText("2 series", { exact: true }).waitFor();
  const memory = page.getByRole("row", { name: /^web process\.memory\.usage/ });
  await memory.getByRole("img", { name: /^least \d+ MiB, most \d+ MiB, last \d+ MiB$/ }).waitFor();
  await page.getByRole("searchbox", { name: "Find" }).fill("api/vote");
  await page.getByText("1 series", { exact: true }).waitFor();
  assert.match(page.url(), /#\/metrics\?service=web&find=api%2Fvote$/);
  assert.deepEqual(complaints, []);
});
