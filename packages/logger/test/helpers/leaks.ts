import type { Secret } from "../../../../test/helpers/secrets.ts";

// A part of a secret so long is a leak.
const PART = 8;
const known = new Map<Secret, readonly string[]>();

// What a line has of its own, and differs from run to run: it may look like what is left of a secret.
const TIMES = /"(?:time":"[^"]*"|duration":[\d.]+)/g;

/**
 * Whether `text` holds a secret or a part of it: as it is, as JSON escapes it, or as a URL does. Times are left out;
 * ids of requests are fixed by `beginRequest`.
 */
export function leaks(text: string, secret: Secret): boolean {
  let parts = known.get(secret);
  if (parts === undefined) {
    parts = partsOf(secret);
    known.set(secret, parts);
  }
  const own = text.replace(TIMES, "");
  return parts.some((part) => own.includes(part));
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
