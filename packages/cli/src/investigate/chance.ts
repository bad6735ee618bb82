/** How likely at most `few` of `count` are, each with this chance of its own (binomial). */
export function chanceOfAtMost(few: number, count: number, chance: number): number {
  if (few >= count || chance <= 0) return 1;
  if (chance >= 1) return 0;
  const odds = Math.log(chance) - Math.log1p(-chance);
  let logTerm = count * Math.log1p(-chance);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= few; i++) {
    logTerm += odds + Math.log((count - i + 1) / i);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** Earlier ones, and how many of them were so: both may be weights. */
export interface Earlier {
  readonly had: number;
  readonly known: number;
}

/**
 * How likely at least `many` of `count` are, by the share that earlier ones let expect and by how well so many of them tell
 * it (the beta-binomial that follows from them, with Jeffreys' prior).
 */
export function chanceOfAtLeast(many: number, count: number, { had, known }: Earlier): number {
  if (many <= 0) return 1;
  if (many > count) return 0;
  const [yes, no] = [had + 0.5, known - had + 0.5];
  // The rarer side is summed up: of the other one the terms would be too small to begin with.
  if (many * (yes + no) <= count * yes) {
    return 1 - chanceOfAtLeast(count - many + 1, count, { had: known - had, known });
  }
  const ways = logGamma(count + 1) - logGamma(many + 1) - logGamma(count - many + 1);
  let term = Math.exp(ways + logBeta(many + yes, count - many + no) - logBeta(yes, no));
  let sum = 0;
  for (let i = many; i <= count && term > sum * Number.EPSILON; i++) {
    sum += term;
    term *= ((count - i) / (i + 1)) * ((i + yes) / (count - i - 1 + no));
  }
  return Math.min(1, sum);
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

// Stirling's series is near enough from here on.
const LARGE = 10;

function logGamma(x: number): number {
  let below = 0;
  for (; x < LARGE; x++) below += Math.log(x);
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + 1 / (12 * x) - 1 / (360 * x ** 3) - below;
}
