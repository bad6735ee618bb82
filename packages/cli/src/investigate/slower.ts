import type { Counts } from "../sources/live/counts.ts";
import { middle, quantile } from "../sources/live/latency.ts";
import type { Latency } from "../sources/live/traffic-document.ts";
import { chanceOfAtLeast, chanceOfAtMost } from "./chance.ts";

const MIN_NOW = 10;
const MIN_BEFORE = 20;

/** How long a series took before. */
export interface Was {
  readonly counts: Counts;
  /** Whether that is remembered from before the last ten minutes. */
  readonly remembered: boolean;
  /** From how many seconds it is known. */
  readonly lastsS: number;
  /** How many series are compared with their past for one verdict, this one included. */
  readonly among: number;
}

/** How many requests have a latency. */
export const answers = ({ latency }: Counts): number =>
  latency.bins.reduce((sum, [, count]) => sum + count, 0);

/** All the milliseconds spent: latencies add up along a request where quantiles do not. */
export function timeSpentMs({ latency: { gamma, bins } }: Counts): number {
  return bins.reduce((sum, [index, count]) => sum + count * middle(gamma, index), 0);
}

/** The mean in milliseconds; null where too few requests tell. */
export function meanMs(counts: Counts, atLeast: number): number | null {
  const all = answers(counts);
  return all < atLeast ? null : timeSpentMs(counts) / all;
}

/** The milliseconds that requests take now beyond what so many took before. */
export function extraTimeMs(now: Counts, was: Counts): number {
  return timeSpentMs(now) - (timeSpentMs(was) / Math.max(1, answers(was))) * answers(now);
}

/** The standard error of the mean in milliseconds: by how much it may be off by chance. */
export function meanErrorMs(counts: Counts): number {
  const { gamma, bins } = counts.latency;
  const all = answers(counts);
  const mean = timeSpentMs(counts) / Math.max(1, all);
  const squares = bins.reduce((sum, [index, count]) => sum + count * (middle(gamma, index) - mean) ** 2, 0);
  return all < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / (all - 1) / all);
}

/** What has become slower. */
export interface Slower {
  /** In words, by the quantile that shows it. */
  readonly text: string;
  /** From how many milliseconds on a request is late: hardly one was before. */
  readonly lateMs: number;
}

// So many times as long, and so much longer, is what users feel: of much shorter times it must be more times as long.
const MIN_TIMES = 2.5;
const MIN_EXTRA_MS = 50;
const MANY_TIMES = 4;
const LITTLE_MS = 20;

/**
 * What has become slower; null when users would not feel a change: half or a quarter of the requests take two and a half
 * times as long and 50 ms more (four times and 20 ms), or some take three times as long as the slowest tenth did.
 */
export function tellSlower(now: Counts, was: Was): Slower | null {
  if (answers(now) < MIN_NOW || answers(was.counts) < (was.remembered ? 1 : MIN_BEFORE)) return null;
  const told = tellQuantile(now, was) ?? tellLate(now, was);
  if (told === null || now.waiting === 0) return told;
  return { ...told, text: `${told.text}; ${now.waiting} of ${answers(now)} have no answer yet` };
}

const QUANTILES = [
  [0.5, ""],
  [0.75, " for a quarter of its requests"],
] as const;

function tellQuantile(now: Counts, before: Was): Slower | null {
  for (const [share, whom] of QUANTILES) {
    const told = longer(now, before.counts, share);
    const sure = told !== null && isLate(now, before, told.lateMs, true) ? told : null;
    const slower =
      sure ?? (share === 0.5 && !before.remembered ? longer(now, formerly(now, before.counts), share) : null);
    if (slower !== null) return { ...slower, text: `takes ${slower.text}${whom}` };
  }
  return null;
}

function longer(now: Counts, was: Counts | null, share: number): Slower | null {
  if (was === null) return null;
  const [nowMs, wasMs] = [quantile(now.latency, share)!, quantile(was.latency, share)!];
  const isFelt = (times: number, extraMs: number): boolean =>
    nowMs >= times * wasMs && nowMs - wasMs >= extraMs;
  if (!isFelt(MIN_TIMES, MIN_EXTRA_MS) && !isFelt(MANY_TIMES, LITTLE_MS)) return null;
  return {
    text: `${Math.round(nowMs)} ms where it took ${Math.round(wasMs)} ms`,
    lateMs: Math.sqrt(nowMs * wasMs),
  };
}

// So many of those that nobody remembers must have been quick once, and hardly one now, by this chance.
const MIN_QUICK_SHARE = 0.08;
const CHANCE = 1e-5;

/**
 * What was before something became slow in the midst of the time that nobody remembers: the quick ones among them, where
 * now there are too few of those for chance. Null where there are none.
 */
function formerly(now: Counts, was: Counts): Counts | null {
  const limitMs = quantile(now.latency, 0.05)! / MIN_TIMES;
  const quickWas = answers(was) - countOver(was.latency, limitMs);
  const quickNow = answers(now) - countOver(now.latency, limitMs);
  const share = quickWas / answers(was);
  if (quickWas < MIN_BEFORE || share < MIN_QUICK_SHARE) return null;
  if (chanceOfAtMost(quickNow, answers(now), share) > CHANCE) return null;
  const { gamma, bins } = was.latency;
  const last = Math.log(limitMs) / Math.log(gamma) + 1;
  return { ...was, latency: { gamma, bins: bins.filter(([index]) => index <= last) } };
}

// Every service has its moments: beyond chance so many more must be late, or all on average take so many times as long.
// Of what is known from a few minutes only the next few may be the worst without anything being wrong, and what a few late
// ones cost must be a standard error more.
const OFTEN_LATE = 0.01;
const OFTEN_LATE_OF_SHORT = 0.04;
const SHORT_S = 1_800;
const COSTLY_TIMES = 1.7;
// Fewer late ones than this, or a smaller share above what is usual, accuse nobody.
const MIN_LATE = 3;
const MIN_MORE = 0.01;
// So often one of all the series of a verdict may be late by chance, however many they are. Of a few each is still looked at
// in three windows, and by three quantiles: as good as so many.
const CHANCE_OF_ANY = 0.03;
const MIN_AMONG = 20;
// From fewer requests it is not known how long all take on average.
const WELL_KNOWN = 100;

function tellLate(now: Counts, before: Was): Slower | null {
  const { counts: was, remembered, lastsS } = before;
  const lateMs = lateFromMs(was, remembered);
  const byChanceMs = lastsS < SHORT_S ? meanErrorMs(now) : 0;
  const isCostly = meanMs(now, 1)! - byChanceMs >= COSTLY_TIMES * meanMs(was, 1)!;
  if (!isLate(now, before, lateMs, isCostly)) return null;
  const percent = (counts: Counts): string =>
    `${Number(((100 * countOver(counts.latency, lateMs)) / answers(counts)).toFixed(1))} %`;
  const text = `${percent(now)} of requests take longer than ${Math.round(lateMs)} ms where ${percent(was)} did`;
  return { text, lateMs };
}

/**
 * Whether more take longer than this than usual; where it costs little or little is known, more than any service has at times.
 * Of many series one is always the latest: each may be so by chance as seldom as all together may (Bonferroni).
 */
function isLate(
  now: Counts,
  { counts: was, lastsS, among }: Was,
  lateMs: number,
  isCostly: boolean,
): boolean {
  const [count, known] = [answers(now), answers(was)];
  const atTimes = isCostly && known >= WELL_KNOWN ? 0 : lastsS < SHORT_S ? OFTEN_LATE_OF_SHORT : OFTEN_LATE;
  const usual = Math.max(countOver(was.latency, lateMs) / known, atTimes);
  const late = countOver(now.latency, lateMs);
  if (late < Math.max(MIN_LATE, count * (usual + MIN_MORE))) return false;
  return (
    chanceOfAtLeast(late, count, { had: usual * known, known }) <= CHANCE_OF_ANY / Math.max(MIN_AMONG, among)
  );
}

/** From how many milliseconds on a request is late, by what was. Ten minutes know little of the rarest: they count twice. */
function lateFromMs({ latency }: Counts, remembered: boolean): number {
  const tenthMs = quantile(latency, 0.9)!;
  const rarestMs = quantile(latency, 0.99)!;
  return Math.max(3 * tenthMs, tenthMs + 100, remembered ? 0 : 2 * rarestMs);
}

/** How many requests took longer than this. */
export function countOver({ gamma, bins }: Latency, limitMs: number): number {
  const first = Math.log(limitMs) / Math.log(gamma) + 1;
  return bins.reduce((sum, [index, count]) => (index > first ? sum + count : sum), 0);
}
