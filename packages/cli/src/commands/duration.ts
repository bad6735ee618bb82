const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `250ms`, `10s`, `10m`, `24h`, `7d` as milliseconds; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  const parts = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text.trim());
  return parts === null ? null : Number(parts[1]) * UNITS[parts[2]!]!;
}
