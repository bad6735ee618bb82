const MILLISECONDS: readonly string[] = Array.from({ length: 1_000 }, (_, ms) => `${ms}`.padStart(3, "0"));

let second = Number.NaN;
let secondText = "";

/** The time now as ISO 8601 in UTC with milliseconds; the part down to the second is kept between calls. */
export function timeText(nowMs: number = Date.now()): string {
  const wholeSecond = Math.floor(nowMs / 1_000);
  if (wholeSecond !== second) {
    second = wholeSecond;
    secondText = new Date(wholeSecond * 1_000).toISOString().slice(0, 20);
  }
  return `${secondText}${MILLISECONDS[nowMs - wholeSecond * 1_000]}Z`;
}
