import type { Secret } from "../../../../test/helpers/secrets.ts";

// A part of a secret so long is a leak.
const PART = 8;
const known = new Map<Secret, readonly string[]>();

/** Whether `text` holds a secret or a part of it: as it is, as JSON escapes it, or as a URL does. */
export function leaks(text: string, secret: Secret): boolean {
  let parts = known.get(secret);
  if (parts === undefined) {
    parts = partsOf(secret);
    known.set(secret, parts);
  }
  return parts.some((part) => text.includes(part));
}

function partsOf({ needles }: Secret): string[] {
  const spelled = needles.flatMap((needle) => [
    needle,
    JSON.stringify(needle).slice(1, -1),
    encodeURIComponent(needle),
  ]);
  return [...new Set(spelled.flatMap(parts))];
}

// Each part of the length that begins at an even place holds, or is held by, any longer part.
function parts(text: string): string[] {
  if (text.length <= PART) return [text];
  return Array.from({ length: text.length - PART + 1 }, (_, at) => text.slice(at, at + PART));
}
