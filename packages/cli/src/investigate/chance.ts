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
