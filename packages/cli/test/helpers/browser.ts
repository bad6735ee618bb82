import { existsSync } from "node:fs";
import { after, type TestContext } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Where the browser is that the tests open. */
export const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE_MS = 60_000;

/** A page and what went wrong in it. */
export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors, and what the Content-Security-Policy stopped. */
  readonly complaints: readonly string[];
  /** The hosts it asked. */
  readonly hosts: ReadonlySet<string>;
}

// One for all tests of a file: each has a context of its own in it, which shares nothing with the others.
let browser: Promise<Browser> | undefined;
after(async () => (await browser)?.close());

/**
 * Opens a page in a real Chromium with a context of its own. Null where there is none, and the test is skipped;
 * in CI it must be there.
 */
export async function openPage(
  t: TestContext,
  url: string,
  {
    colorScheme = "light",
    width = 1_440,
    password,
  }: { colorScheme?: "light" | "dark"; width?: number; password?: string } = {},
): Promise<Opened | null> {
  if (!existsSync(CHROMIUM)) {
    if (process.env.CI === "true") throw new Error(`${CHROMIUM} is missing, and CI must have it`);
    t.skip(`${CHROMIUM} is missing: apt-get install chromium`);
    return null;
  }
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: PATIENCE_MS });
  const context = await (await browser).newContext({
    colorScheme,
    viewport: { width, height: 1_000 },
    ...(password === undefined ? {} : { httpCredentials: { username: "me", password } }),
  });
  t.after(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return { page, context, complaints, hosts };
}
