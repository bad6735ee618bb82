import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { startReceiver } from "../../src/index.ts";
import { fillView } from "./busy-view.ts";
import { exportRequest, type JsonSpan, post } from "./otlp.ts";

/** Each picture by its name: what stands at the address, and what is there once it is drawn. */
const PICTURES = (
  traceId: string,
  flow: string,
): Readonly<Record<string, readonly [path: string, drawn: string]>> => ({
  overview: ["/#/?compare=true", `svg.map[data-flow=${flow}] .node`],
  trace: [`/#/trace/${traceId}?beside=true`, "#beside-rows tr"],
  lines: ["/#/lines", "#lines .said"],
  health: ["/#/health", "#health svg"],
  metrics: ["/#/metrics", "#metrics svg"],
});

const SIZES = [
  { width: 1_400, height: 1_000, flow: "right" },
  { width: 420, height: 900, flow: "down" },
] as const;
const MINUTES = 58;

/** An hour of requests, more and fewer of them, some minutes slower and failing. */
async function sendHour(url: string): Promise<void> {
  for (let ago = MINUTES; ago > 0; ago--) {
    const isBad = ago > 20 && ago < 26;
    const requests = 120 + Math.round(60 * Math.sin(ago / 7)) + (ago % 3) * 5;
    const spans = Array.from({ length: requests }, (_, i): JsonSpan => {
      const start = BigInt(Date.now() - ago * 60_000 + i * 100) * 1_000_000n;
      const durationMs = (isBad ? 90 : 20) + ((i * 7 + ago) % 11);
      return {
        traceId: (ago * 1_000 + i + 1).toString(16).padStart(32, "c"),
        spanId: (ago * 1_000 + i + 1).toString(16).padStart(16, "0"),
        name: "POST /votes/:id",
        kind: 2,
        startTimeUnixNano: String(start),
        endTimeUnixNano: String(start + BigInt(durationMs) * 1_000_000n),
        ...(isBad && i % 4 === 0 ? { status: { code: 2 } } : {}),
      };
    });
    await post(url, exportRequest("voting", spans));
  }
}

/** Takes a picture of every view, as wide as a desk and as narrow as a phone, into a folder. Returns the files' names. */
export async function takePictures(folder: string, executablePath: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const view = await startReceiver({ port: 0 });
  let browser: Browser | undefined;
  const names: string[] = [];
  try {
    await sendHour(view.url);
    const traceId = await fillView(view);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    for (const { flow, ...viewport } of SIZES) {
      const page = await browser.newPage({ viewport });
      for (const [name, [path, drawn]] of Object.entries(PICTURES(traceId, flow))) {
        await page.goto(view.url + path);
        await page.locator(drawn).first().waitFor();
        const file = `${name}-${viewport.width}.png`;
        await page.screenshot({ path: join(folder, file) });
        names.push(file);
      }
      await page.close();
    }
    return names;
  } finally {
    await browser?.close();
    await view.close();
  }
}
