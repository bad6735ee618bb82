import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { startReceiver } from "whodunit";
import type { Row } from "../lib/results.ts";
import { otlpLines } from "./otlp-batch.ts";

const LINES = 10_000;
const SPANS = 10_000;
const WANTED_MS = 200;
const TRACE_ID = "5c522f9b".repeat(4);

export const title = `the page of whodunit view with ${LINES} lines and a trace of ${SPANS} spans`;
export const rounds = 1;
export const note = `Chromium's Event Timing: the longest from a key, a click or a text to the next picture, of each kind. The ratio is to ${WANTED_MS} ms.`;

/** What a reader does, by name. */
const INTERACTIONS: readonly (readonly [name: string, path: string, act: (page: Page) => Promise<void>])[] = [
  [
    "types what to find among the spans",
    `/#/trace/${TRACE_ID}`,
    (page) => page.locator("#span-find").pressSequentially("needle 7", { delay: 120 }),
  ],
  [
    "goes to the next one",
    `/#/trace/${TRACE_ID}?find=needle`,
    (page) => times(8, () => page.locator("#find-next").click()),
  ],
  [
    "goes through the spans by the keyboard",
    `/#/trace/${TRACE_ID}`,
    async (page) => {
      await page.locator("button.span").first().focus();
      for (const key of ["ArrowDown", "ArrowRight", "End", "ArrowUp", "ArrowRight", "Home"])
        await page.keyboard.press(key, { delay: 80 });
    },
  ],
  [
    "searches the lines",
    "/#/lines",
    async (page) => {
      await page.locator("#lines-search").pressSequentially('level:error "no sugar"', { delay: 60 });
      await page.keyboard.press("Enter");
    },
  ],
  ["asks for older lines", "/#/lines", (page) => times(4, () => page.locator("#older").click())],
  ["opens lines", "/#/lines", (page) => times(8, (n) => page.locator("#lines .said").nth(n).click())],
  [
    "goes from view to view",
    "/#/",
    (page) =>
      times(8, (n) =>
        page
          .locator("nav a")
          .nth((n + 1) % 4)
          .click(),
      ),
  ],
];

/** Fills a receiver, opens its page and does all of that. */
export async function measure(): Promise<Row[]> {
  const receiver = await startReceiver({ port: 0 });
  const profile = mkdtempSync(join(tmpdir(), "whodunit-bench-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
    viewport: { width: 1_400, height: 1_000 },
  });
  try {
    await fill(receiver.url);
    const rows: Row[] = [];
    for (const [name, path, act] of INTERACTIONS) {
      const page = await context.newPage();
      await page.addInitScript(
        "globalThis.longest = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration); }).observe({ type: 'event', durationThreshold: 16, buffered: true });",
      );
      await page.goto(receiver.url + path);
      await page.locator("#waterfall tr.row, #lines .said, svg.map .node").first().waitFor();
      await act(page);
      await page.waitForTimeout(500);
      const longestMs = Number(await page.evaluate("globalThis.longest"));
      const ratio = longestMs / WANTED_MS;
      rows.push({
        name,
        ratio,
        spread: [ratio, ratio],
        value: longestMs === 0 ? "under 16 ms" : `${longestMs} ms`,
        note: "",
      });
      await page.close();
    }
    return rows;
  } finally {
    await context.close();
    await receiver.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function times(count: number, act: (n: number) => Promise<void>): Promise<void> {
  for (let n = 0; n < count; n++) await act(n);
}

async function fill(url: string): Promise<void> {
  const lines = otlpLines("things", 1_000);
  const post = async (path: string, type: string, body: string | Buffer): Promise<void> => {
    const { status } = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": type },
      body: body as string,
    });
    if (status !== 200) throw new Error(`The receiver answered ${status}`);
  };
  for (let sent = 0; sent < LINES; sent += lines.lines)
    await post("/v1/logs", "application/x-protobuf", lines.next());
  const start = BigInt(Date.now() - 20_000) * 1_000_000n;
  const idOf = (i: number): string => (i + 1).toString(16).padStart(16, "0");
  const spans = Array.from({ length: SPANS }, (_, i) => ({
    traceId: TRACE_ID,
    spanId: idOf(i),
    ...(i === 0 ? {} : { parentSpanId: idOf(Math.floor((i - 1) / 8)) }),
    name: `GET /things/${i % 10}/:id`,
    kind: 2,
    startTimeUnixNano: String(start + BigInt(i) * 1_000_000n),
    endTimeUnixNano: String(start + BigInt(i + 5) * 1_000_000n),
    attributes: [{ key: "account", value: { stringValue: i % 500 === 7 ? `needle ${i}` : `account-${i}` } }],
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "things" } }] };
  for (let from = 0; from < SPANS; from += 1_000)
    await post(
      "/v1/traces",
      "application/json",
      JSON.stringify({
        resourceSpans: [{ resource, scopeSpans: [{ spans: spans.slice(from, from + 1_000) }] }],
      }),
    );
}
