import type { Span } from "./detector.ts";

const MAX_LEVELS = 3;
const ENCODED = /%[\da-f]{2}|\\(?:u00|x)[\da-f]{2}|&(?:#|quot|apos|colon|equals)/i;
const CODES =
  /%([\da-f]{2})|\\(?:u00|x)([\da-f]{2})|&#x([\da-f]{2});|&#(\d{2,3});|&(quot|apos|colon|equals);/gi;
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", colon: ":", equals: "=" };

/**
 * What can only be seen when a text is decoded: secrets whose characters are percent-encoded (`pass%77ord=`,
 * `ada%40example.com`) or escaped as some JSON writers do (`\u0026token=`), up to three levels deep. The spans are
 * those of the text as it stands.
 */
export function encodedSpans(
  text: string,
  spansOf: (text: string) => readonly Span[],
  level: number = 0,
): Span[] {
  if (level === MAX_LEVELS || !ENCODED.test(text)) return [];
  const { decoded, origin } = decode(text);
  const inside = [...spansOf(decoded), ...encodedSpans(decoded, spansOf, level + 1)];
  return inside.map(({ start, end, kind }) => ({ start: origin(start), end: origin(end), kind }));
}

interface Decoded {
  readonly decoded: string;
  /** Where a character of the decoded text begins in the other. */
  readonly origin: (index: number) => number;
}

/** Decodes byte by byte: each code becomes one character, so that every index has its origin. */
function decode(text: string): Decoded {
  // The decoded text after the code that ends at `ends[i]` starts at `starts[i]`.
  const starts: number[] = [0];
  const ends: number[] = [0];
  let decoded = "";
  let from = 0;
  for (const match of text.matchAll(CODES)) {
    decoded += blanks(text.slice(from, match.index)) + decodedCharacter(match);
    // The code itself begins a stretch as well as what follows it.
    starts.push(decoded.length - 1, decoded.length);
    from = match.index + match[0].length;
    ends.push(match.index, from);
  }
  decoded += blanks(text.slice(from));
  return { decoded, origin: (index) => originOf(index, starts, ends) };
}

function decodedCharacter([, percent, escaped, hex, decimal, entity]: readonly (
  | string
  | undefined
)[]): string {
  if (entity !== undefined) return ENTITIES[entity.toLowerCase()]!;
  const code = decimal === undefined ? Number.parseInt((percent ?? escaped ?? hex)!, 16) : Number(decimal);
  // One character each, so that every index has its origin.
  return String.fromCharCode(code & 255);
}

// In a query, a plus that is not encoded is a blank.
const blanks = (text: string): string => text.replaceAll("+", " ");

function originOf(index: number, starts: readonly number[], ends: readonly number[]): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= index) low = middle;
    else high = middle - 1;
  }
  return ends[low]! + index - starts[low]!;
}
