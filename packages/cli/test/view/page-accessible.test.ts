import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { leftOut } from "../../../../test/helpers/scale.ts";
import { startReceiver } from "../../src/index.ts";
import { openPage } from "../helpers/browser.ts";
import { fillView } from "../helpers/busy-view.ts";

/** Each view by its address, and what stands there once it is drawn. */
const VIEWS = (traceId: string): readonly (readonly [path: string, drawn: string])[] => [
  ["/#/", "svg.map .node"],
  ["/#/lines", "#lines button"],
  ["/#/health", "#health svg"],
  ["/#/metrics", "#metrics svg"],
  [`/#/trace/${traceId}?beside=true&find=voting`, "#beside-rows tr"],
];

const TAGS = [
  "wcag2a",
  "wcag2aa",
  "wcag21a",
  "wcag21aa",
  "wcag22aa",
  "best-practice",
  // label-content-name-mismatch (WCAG 2.2, 2.5.3) is among these.
  "experimental",
];

/** What axe-core finds wrong with a page, a line for each rule and its first element. */
async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate<{ id: string; nodes: { html: string; failureSummary: string }[] }[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)}, resultTypes: ["violations"] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))`,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary}`);
}

test("every view is without a violation of axe-core's rules, light and dark, wide and as narrow as a phone", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  const traceId = await fillView(view);
  const opened = await openPage(t, view.url);
  if (opened === null) return;
  const { page, complaints } = opened;
  const looks = VIEWS(traceId).flatMap(([path, drawn]) =>
    [1_400, 420].flatMap((width) =>
      (["light", "dark"] as const).map((colorScheme) => ({ path, drawn, width, colorScheme })),
    ),
  );
  const isLeftOut = leftOut(looks, 4);
  // No view after the first loads the page anew.
  await page.evaluate(axe.source);
  for (const look of looks) {
    if (isLeftOut(look)) continue;
    const { path, drawn, width, colorScheme } = look;
    const what = `${path}, ${width} px, ${colorScheme}`;
    await page.goto(view.url + path);
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.locator(drawn).first().waitFor();
    assert.deepEqual(await violations(page), [], what);
    const overflow = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert.ok(overflow <= width, `${what}: it is ${overflow} px wide`);
  }
  assert.deepEqual(complaints, []);
});

interface Place {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

test("on a phone the service map goes downwards and is seen whole", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  const opened = await openPage(t, view.url, { width: 420 });
  if (opened === null) return;
  const { page } = opened;
  await page.locator("svg.map .node").first().waitFor();
  // Measured in one go: the map is drawn anew with every answer.
  const [card, ...places] = await page.evaluate<Place[]>(`[
    document.getElementById("map"), ...document.querySelectorAll("svg.map a, svg.map .node"),
  ].map((one) => {
    const { left, right, top } = one.getBoundingClientRect();
    return { text: one.matches(".node") ? one.textContent : "", left, right, top };
  })`);
  assert.ok(places.length > 6, `${places.length} places`);
  for (const place of places)
    assert.ok(place.left >= card!.left && place.right <= card!.right, JSON.stringify(place));
  const top = (name: string): number => places.find(({ text }) => text.includes(name))!.top;
  assert.ok(top("vote-bot") < top("web"));
  assert.ok(top("web") < top("voting"));
  await page.setViewportSize({ width: 1_400, height: 900 });
  await page.locator("svg.map[data-flow=right]").waitFor();
});

test("on a phone health, incidents and metrics are seen whole", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  const opened = await openPage(t, view.url, { width: 420 });
  if (opened === null) return;
  const { page } = opened;
  for (const path of ["health", "metrics"]) {
    await page.goto(`${view.url}/#/${path}`);
    await page.locator(`#${path} svg`).first().waitFor();
    const cells = await page.evaluate<Place[]>(`[
      ...document.querySelectorAll("#${path}-view tbody :is(th, td, svg)"),
    ].map((one) => ({ text: one.textContent, ...one.getBoundingClientRect().toJSON() }))`);
    assert.ok(cells.length > 6);
    for (const { text, left, right } of cells)
      assert.ok(left >= 0 && right <= 420, `${text} from ${left} to ${right}`);
  }
});

test("a printed page has black on white, whole tables, and nothing that only a screen can use", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  await fillView(view);
  const opened = await openPage(t, view.url, { colorScheme: "dark" });
  if (opened === null) return;
  const { page } = opened;
  await page.locator("svg.map .node").first().waitFor();
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate<string[]>(`[
    getComputedStyle(document.body).backgroundColor,
    getComputedStyle(document.body).color,
    ...[...document.querySelectorAll("nav, button, form")].filter((one) => one.getClientRects().length > 0).map((one) => one.outerHTML),
    ...[...document.querySelectorAll(".card")].filter((card) => card.checkVisibility({ contentVisibilityAuto: true }) && card.closest("details:not([open])") === null && card.scrollHeight > card.clientHeight + 1).map((card) => card.outerHTML.slice(0, 90)),
  ]`);
  assert.deepEqual(seen, ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
});
