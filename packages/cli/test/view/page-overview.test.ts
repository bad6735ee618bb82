import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { openPage } from "../helpers/browser.ts";
import { type Call, sendCalls } from "../helpers/calls.ts";

const VOTE: readonly Call[] = [
  { from: "bot", to: "web", route: "POST /api/vote" },
  { from: "web", to: "voting", route: "POST /votes/:id" },
];
const FAILED_VOTE: readonly Call[] = VOTE.map((call) => ({ ...call, failed: true, ms: 250 }));

async function receiver(t: TestContext, port: number = 0): Promise<Receiver> {
  const started = await startReceiver({ port });
  t.after(() => started.close());
  return started;
}

test("the page shows who calls whom, who is at fault and the traces, from its own host alone", async (t) => {
  const view = await receiver(t);
  await sendCalls(view, 9, VOTE);
  await sendCalls(view, 3, FAILED_VOTE);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page
    .getByText("voting is at fault: fails 25.0% (3 of 12) of its requests, worst on POST /votes/:id.")
    .waitFor();
  assert.equal(await page.getByRole("status").first().textContent(), "At fault: voting");

  const map = page.getByRole("group", { name: /^Service map/ });
  await map.getByRole("link", { name: /^voting \d.*\/s ✗ 75\.0% p95 2\d\d ms at fault$/ }).waitFor();
  await map.getByRole("link", { name: /^web calls voting: \d.*\/s ✗ 75\.0% p95/ }).waitFor();
  assert.equal(await map.getByRole("link").count(), 5);

  const calls = page.getByRole("table", { name: "Calls" }).getByRole("row");
  assert.deepEqual((await calls.nth(1).getByRole("cell").allTextContents()).slice(0, 3), [
    "web",
    "75.0%",
    "✗ 3",
  ]);
  assert.equal(await calls.nth(1).getByRole("rowheader").textContent(), "bot");
  const routes = page.getByRole("table", { name: "Routes" });
  await routes.getByRole("row", { name: /voting POST \/votes\/:id 75.0% ✗ 3/ }).waitFor();

  const traces = page.getByRole("table", { name: "Traces, the latest first" }).getByRole("row");
  assert.equal(await traces.count(), 13);
  assert.deepEqual([...opened.hosts], [new URL(view.url).host]);
  assert.deepEqual(opened.complaints, []);
});

test("the page says what to do while nothing has come, and shows what comes without being reloaded", async (t) => {
  const view = await receiver(t);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.getByText(`OTEL_EXPORTER_OTLP_ENDPOINT=${view.url}`).waitFor();
  await page.getByText("No requests in the last minute.").waitFor();
  const [oldest] = await sendCalls(view, 1, VOTE);
  await page.getByText("Nobody is at fault").first().waitFor();

  // A reader's focus and the very row stay while others come.
  const link = page.locator(`a[href="#/trace/${oldest}"]`);
  await link.focus();
  const row = await link.elementHandle();
  await sendCalls(view, 3, FAILED_VOTE);
  await page.getByText("voting is at fault").waitFor();
  assert.ok(await row!.evaluate((element) => element.isConnected && element.matches(":focus")));

  // So does a focus on the map, whose numbers move.
  const node = page.getByRole("link", { name: /^voting \d.* 25\.0% .*at fault$/ });
  await node.focus();
  await sendCalls(view, 8, VOTE);
  await page.getByRole("link", { name: /^voting \d.* 75\.0% .*at fault$/ }).waitFor();
  assert.match((await page.locator(":focus").getAttribute("aria-label")) ?? "", /^voting/);
  assert.deepEqual(opened.complaints, []);
});

test("the page stops and goes on by its Pause button", async (t) => {
  const view = await receiver(t);
  await sendCalls(view, 1, VOTE);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  const rows = page.getByRole("table", { name: /^Traces/ }).getByRole("row");
  await page.getByText("Live", { exact: true }).waitFor();
  const pause = page.getByRole("button", { name: "Pause" });
  await pause.focus();
  await page.keyboard.press("Space");
  await page.getByText(/^Paused at \d\d:\d\d:\d\d$/).waitFor();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await sendCalls(view, 1, VOTE);
  // Longer than it waits between two questions.
  await page.waitForTimeout(2_500);
  assert.deepEqual(asked, []);
  assert.equal(await rows.count(), 2);
  assert.equal(await pause.getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Space");
  await rows.nth(2).waitFor();
});

test("the page filters traces by service, route, error and duration, and keeps the filter in its address", async (t) => {
  const view = await receiver(t);
  await sendCalls(view, 4, VOTE);
  await sendCalls(view, 3, FAILED_VOTE);
  await sendCalls(view, 2, [{ from: "bot", to: "emoji", route: "GET /emoji", ms: 50 }]);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  const rows = page.getByRole("table", { name: /^Traces/ }).getByRole("row");
  const shows = async (traces: number): Promise<void> => {
    await page
      .getByText(traces === 1 ? "1 trace, the latest first" : `${traces} traces, the latest first`)
      .waitFor();
    assert.equal(await rows.count(), traces + 1);
  };
  await shows(9);
  await page
    .getByRole("form", { name: "Filter traces" })
    .getByLabel("Service", { exact: true })
    .selectOption("voting");
  await shows(7);
  assert.deepEqual(await page.getByLabel("Route", { exact: true }).locator("option").allTextContents(), [
    "All routes",
    "POST /votes/:id",
  ]);
  await page.getByLabel("Only with errors").check();
  await shows(3);
  assert.equal(new URL(page.url()).hash, "#/?service=voting&error=true");
  await page.reload();
  await shows(3);
  await page.getByLabel("Only with errors").uncheck();
  await page
    .getByRole("form", { name: "Filter traces" })
    .getByLabel("Service", { exact: true })
    .selectOption("");
  await page.getByLabel("At least, in ms").fill("40");
  await page.getByLabel("At least, in ms").press("Enter");
  await shows(5);
  await page.getByLabel("At least, in ms").fill("1000000");
  await page.getByLabel("At least, in ms").press("Tab");
  await page.getByText("No trace fits the filter.").waitFor();
  await page.goto(`${view.url}/#/`);
  await shows(9);
  await page.getByLabel("At most, in ms").fill("40");
  await page.getByLabel("At most, in ms").press("Enter");
  await shows(4);
  assert.equal(new URL(page.url()).hash, "#/?maxMs=40");
  await page.goto(`${view.url}/#/`);
  await shows(9);

  // A service on the map leads to its traces, a failing one to those that failed; Back leads back.
  await page.getByRole("link", { name: /^voting \d.* at fault$/ }).press("Enter");
  await shows(3);
  await page.goBack();
  await shows(9);
  await page.getByRole("table", { name: "Routes" }).getByRole("link", { name: "emoji" }).click();
  await shows(2);
  assert.equal(await page.getByLabel("Route", { exact: true }).inputValue(), "GET /emoji");
  assert.deepEqual(opened.complaints, []);
});

test("the page counts over ten minutes when asked to", async (t) => {
  const view = await receiver(t);
  await sendCalls(view, 1, VOTE);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.getByText("Nobody is at fault").first().waitFor();
  await page.getByLabel("1 min", { exact: true }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByText("in the last 10 minutes").waitFor();
  assert.equal(new URL(page.url()).hash, "#/?window=600");
});

test("the page says that the receiver does not answer, and goes on when it does", async (t) => {
  const view = await receiver(t);
  await sendCalls(view, 1, VOTE);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.getByText("Live", { exact: true }).waitFor();
  await view.close();
  await page.getByText(/^No answer from the receiver: what stands here is old\./).waitFor();
  assert.equal(
    await page
      .getByRole("table", { name: /^Traces/ })
      .getByRole("row")
      .count(),
    2,
  );
  await receiver(t, view.port);
  await page.getByText("Live", { exact: true }).waitFor();
});
