import type { Summary } from "./summarise.ts";

/** How a name's count differs from that of an earlier summary. */
export interface Change {
  readonly name: string;
  readonly kind: "new" | "gone" | "jump";
  readonly before: number;
  readonly now: number;
}

// A jump is at least twice as often and at least ten more: 1 to 3 is chance.
const JUMP_TIMES = 2;
const JUMP_BY = 10;

/** New names, gone names and jumps, in the order of names. */
export function compareSummaries(before: Pick<Summary, "names">, now: Pick<Summary, "names">): Change[] {
  const earlier = countsOf(before);
  const later = countsOf(now);
  const names = [...new Set([...earlier.keys(), ...later.keys()])].sort();
  return names.flatMap((name): Change[] => {
    const change = { name, before: earlier.get(name) ?? 0, now: later.get(name) ?? 0 };
    if (change.before === 0) return [{ ...change, kind: "new" }];
    if (change.now === 0) return [{ ...change, kind: "gone" }];
    const jumped = change.now >= change.before * JUMP_TIMES && change.now - change.before >= JUMP_BY;
    return jumped ? [{ ...change, kind: "jump" }] : [];
  });
}

function countsOf({ names }: Pick<Summary, "names">): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, count } of names) counts.set(name, (counts.get(name) ?? 0) + count);
  return counts;
}
