import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { openPage } from "../helpers/browser.ts";
import { type Call, sendCalls } from "../helpers/calls.ts";

const VOTE: readonly Call[] = [
  { from: "bot", to: "web", route: "POST /api/vote" },
  { from: "web", to: "voting", route: "POST /votes/:id" },
];

/** A receiver with something well, something failing, and the id of a failed trace. */
async function busyReceiver(t: TestContext): Promise<{ view: Receiver; traceId: string }> {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await sendCalls(view, 400, [{ from: "web", to: "emoji" }]);
  await sendCalls(view, 1, [{ from: "web", to: "emoji", failed: true }]);
  const [traceId = ""] = await sendCalls(
    view,
    5,
    VOTE.map((call) => ({ ...call, failed: true })),
  );
  return { view, traceId };
}

/**
 * Finds text that is hard to read against what is behind it. Text itself, for the page's types are not this
 * program's. Source of the ratio: WCAG 2.2, 1.4.3.
 */
const HARD_TO_READ = `(() => {
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) =>
    rgb
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const rect = at instanceof SVGElement ? at.parentElement?.querySelector(":scope > rect") : null;
      const fill = rect ? getComputedStyle(rect).fill : getComputedStyle(at).backgroundColor;
      const { rgb, a } = parse(fill);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const found = [];
  let seen = 0;
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!own || element.closest(".unseen, title, script, option") || element.getClientRects().length === 0) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const text = luminance(parse(element instanceof SVGElement ? style.fill : style.color).rgb);
    // The length in a bar is written on the bar.
    const ground = element.matches(".inside") ? element.previousElementSibling : element;
    const back = luminance(element.matches(".inside") ? parse(getComputedStyle(ground).backgroundColor).rgb : behind(ground));
    const ratio = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
    if (ratio < 4.5) found.push(ratio.toFixed(2) + " " + element.tagName + "." + element.getAttribute("class") + " " + element.textContent.slice(0, 40));
  }
  return { found, seen, ground: getComputedStyle(document.body).backgroundColor };
})()`;

const look = (page: Page): Promise<{ found: string[]; seen: number; ground: string }> =>
  page.evaluate(HARD_TO_READ);

const SCHEMES = ["light", "dark"] as const;
const isLeftOut = leftOut(SCHEMES, 1);

for (const colorScheme of SCHEMES) {
  test(`the page can be read where the reader prefers ${colorScheme}`, {
    skip: isLeftOut(colorScheme),
  }, async (t) => {
    const { view, traceId } = await busyReceiver(t);
    const opened = await openPage(t, view.url, { colorScheme });
    if (opened === null) return;
    const { page } = opened;
    await page.getByText("voting is at fault").waitFor();
    const overview = await look(page);
    assert.deepEqual(overview.found, []);
    assert.ok(overview.seen > 100, String(overview.seen));
    const brightness = Number(/\d+/.exec(overview.ground)?.[0]);
    assert.ok(colorScheme === "dark" ? brightness < 40 : brightness > 215, overview.ground);

    await page.goto(`${view.url}/#/trace/${traceId}`);
    await page.locator(".details:visible").waitFor();
    const trace = await look(page);
    assert.deepEqual(trace.found, []);
    assert.ok(trace.seen > 30, String(trace.seen));
  });
}

test("everything on the page that can be operated has a name and is reached by Tab", async (t) => {
  const { view, traceId } = await busyReceiver(t);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  const unnamed =
    /^\s*- (?:link|button|combobox|checkbox|radio|spinbutton|textbox|table|region|group)(?::| \[|$)/m;
  for (const path of ["/#/", `/#/trace/${traceId}`]) {
    await page.goto(view.url + path);
    await page.getByText(path === "/#/" ? "voting is at fault" : "All traces").waitFor();
    const tree = await page.locator("body").ariaSnapshot();
    assert.doesNotMatch(tree, unnamed);
    const controls = await page.locator("a:visible, button:visible, select:visible, input:visible").count();
    const skipped = page.locator("[tabindex]:not([tabindex='0']):visible:is(a, button, select, input)");
    assert.ok(controls > 5);
    assert.equal(await skipped.count(), 0);
  }
});

test("the page fits a narrow window: what is wide is scrolled within its card", async (t) => {
  const { view, traceId } = await busyReceiver(t);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page } = opened;
  await page.setViewportSize({ width: 420, height: 800 });
  for (const path of ["/#/", `/#/trace/${traceId}`]) {
    await page.goto(view.url + path);
    await page
      .locator(path === "/#/" ? "svg .node" : "button.span")
      .first()
      .waitFor();
    assert.ok((await page.evaluate<number>("document.documentElement.scrollWidth")) <= 420, path);
  }
});
