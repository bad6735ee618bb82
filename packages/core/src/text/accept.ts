const RANGES_MAX = 32;

/**
 * Which of `offers` an Accept header likes best (RFC 9110, section 12.5.1), the first of those that it likes equally;
 * undefined where it takes none of them. A media type is `type/subtype`; or `type/subtype;name`, where it is told by a
 * parameter, as Prometheus' own `text/plain;version` is.
 */
export function preferredOffer<Offer extends { readonly mediaType: string }>(
  accept: string,
  offers: readonly Offer[],
): Offer | undefined {
  const ranges = accept.split(",", RANGES_MAX).map(parseRange);
  let best: Offer | undefined;
  let bestQuality = 0;
  for (const offer of offers) {
    const quality = qualityOf(offer.mediaType, ranges);
    if (quality > bestQuality) {
      best = offer;
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
    type: versioned ? `${type};version` : type,
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
