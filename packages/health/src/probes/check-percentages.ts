import { type Check, optional, optionError } from "@whodunit/core";

/** A check: missing, or a percentage. */
export const percentage: Check = optional(
  (value) => typeof value === "number" && value >= 0 && value <= 100,
  "a percentage from 0 to 100",
);

/** Checks that the threshold that comes first is not beyond the other. @throws TypeError naming both */
export function checkOrder(
  owner: string,
  lowName: string,
  low: number,
  highName: string,
  high: number,
): void {
  if (low > high) throw optionError(owner, lowName, low, `at most ${highName}, which is ${high}`);
}
