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
const RANGES_MAX = 32;

/**
 * The format that an Accept header asks for (RFC 9110, section 12.5.1). Without a header, and where nothing fits,
 * it is the array: a monitor with an odd header must still learn the status. `text/plain` with a `version`, whichever,
 * is Prometheus' own format: only its scrapers ask so.
 */
export function negotiateFormat(accept: string | undefined): Format {
  if (accept === undefined || accept === "*/*" || accept === "application/json") return arrayFormat;
  const ranges = accept.split(",", RANGES_MAX).map(parseRange);
  let best: Format = arrayFormat;
  let bestQuality = 0;
  for (const format of FORMATS) {
    const quality = qualityOf(format.mediaType, ranges);
    if (quality > bestQuality) {
      best = format;
      bestQuality = quality;
    }
  }
  return best;
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => nameOf(parameter) === "q");
  const quality = weight === undefined ? 1 : Number(weight.slice(weight.indexOf("=") + 1));
  const versioned = type === "text/plain" && parameters.some((parameter) => nameOf(parameter) === "version");
  return {
    type: versioned ? prometheusFormat.mediaType : type,
    quality: quality >= 0 && quality <= 1 ? quality : 0,
  };
}

const nameOf = (parameter: string): string => parameter.split("=", 1)[0]?.trimEnd() ?? "";

// The most specific range that fits decides, whatever its weight.
function qualityOf(mediaType: string, ranges: readonly Range[]): number {
  const [plain = mediaType] = mediaType.split(";", 1);
  for (const wanted of [mediaType, plain, `${plain.slice(0, plain.indexOf("/"))}/*`, "*/*"]) {
    const range = ranges.find(({ type }) => type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
