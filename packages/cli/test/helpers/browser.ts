import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
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

/**
 * Opens a page in a real Chromium with a profile of its own. Null where there is none, and the test is skipped;
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
  const profile = mkdtempSync(join(tmpdir(), "whodunit-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    colorScheme,
    viewport: { width, height: 1_000 },
    ...(password === undefined ? {} : { httpCredentials: { username: "me", password } }),
    timeout: PATIENCE_MS,
  });
  t.after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = context.pages()[0] ?? (await context.newPage());
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
