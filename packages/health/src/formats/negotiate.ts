import { preferredOffer } from "@whodunit/core";
import { arrayFormat } from "./array.ts";
import type { Format } from "./format.ts";
import { healthJsonFormat } from "./health-json.ts";
import { openMetricsFormat, prometheusFormat } from "./open-metrics.ts";
import { pageFormat } from "./page.ts";
import { textFormat } from "./text.ts";

// In order of preference among what a reader likes equally.
const FORMATS: readonly Format[] = [
  arrayFormat,
  healthJsonFormat,
  textFormat,
  pageFormat,
  openMetricsFormat,
  prometheusFormat,
];

/**
 * The format that an Accept header asks for. Without a header, and where nothing fits, it is the array: a monitor with an
 * odd header must still learn the status. `text/plain` with a `version`, whichever, is Prometheus' own format: only its
 * scrapers ask so.
 */
export function negotiateFormat(accept: string | undefined): Format {
  if (accept === undefined || accept === "*/*" || accept === "application/json") return arrayFormat;
  return preferredOffer(accept, FORMATS) ?? arrayFormat;
}
