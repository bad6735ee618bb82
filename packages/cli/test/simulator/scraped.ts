import { askable, type Case } from "./case.ts";
import { countRequests } from "./count-requests.ts";
import { type AskedCase, askCase } from "./survey-of.ts";

// What a window of a minute or of ten begins with, the hour before, and how it went meanwhile.
const MOMENTS = [0, -30, -60, -90, -120, -150, -180, -240, -360, -480, -600, -900, -4_200];

/** A case as the services tell it at one moment, and as a store has scraped it until then. */
export interface ScrapedCase extends AskedCase {
  /** OpenMetrics with times, no `# EOF`. */
  readonly lines: string;
}

/** Runs a case that is over at `nowMs`; `labels` are what its targets add to each series. */
export function scrapeCase(one: Case, nowMs: number, labels: string): ScrapedCase {
  const scrapes: { readonly id: string; readonly at: number; readonly text: string }[] = [];
  const asked = askCase(one, (services, requests, sinceS) =>
    countRequests(services, requests, sinceS, {
      nowMs,
      moments: MOMENTS,
      see: (traffic, { id }, at) => scrapes.push({ id, at, text: traffic.scrape("openmetrics") }),
    }),
  );
  const running = askable(one);
  const lines = scrapes
    .filter(({ id }) => running.has(id))
    .map(({ id, at, text }) =>
      withTimes(text, `${labels},instance="${asked.places.get(id)}"`, nowMs / 1_000 + at),
    );
  return { ...asked, lines: lines.join("") };
}

/** A scrape's samples with a target's labels and the time of the scrape; exemplars are not kept in blocks. */
export function withTimes(text: string, labels: string, atS: number): string {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) =>
      line.replace(/ # \{.*$/, "").replace(/^(\w+)\{(.*)\} (\S+)$/, `$1{$2,${labels}} $3 ${atS}\n`),
    )
    .join("");
}
