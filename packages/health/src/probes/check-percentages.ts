import { optionError } from "@whodunit/core";

/** Checks that two thresholds are percentages, the first the lower one. @throws TypeError naming the option */
export function checkPercents(
  owner: string,
  low: number,
  high: number,
  lowName: string,
  highName: string,
): void {
  for (const [option, value] of [
    [lowName, low],
    [highName, high],
  ] as const) {
    if (!(typeof value === "number" && value >= 0 && value <= 100)) {
      throw optionError(owner, option, value, "a percentage from 0 to 100");
    }
  }
  if (low > high) throw optionError(owner, lowName, low, `at most ${highName}, which is ${high}`);
}
