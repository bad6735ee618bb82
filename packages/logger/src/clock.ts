import { draft, type Snippet, snippetOf } from "./draft.ts";

const ZERO = 48;
const ZULU = 90;

let second = Number.NaN;
let secondText: Snippet = snippetOf("");

/** The time now as ISO 8601 in UTC with milliseconds. */
export function timeText(): string {
  return new Date().toISOString();
}

/** Writes {@link timeText} into the draft; the part down to the second is kept between calls. */
export function putTime(): void {
  const nowMs = Date.now();
  const wholeSecond = Math.floor(nowMs / 1_000);
  if (wholeSecond !== second) {
    second = wholeSecond;
    secondText = snippetOf(new Date(wholeSecond * 1_000).toISOString().slice(0, 20));
  }
  draft.put(secondText);
  const milliseconds = nowMs - wholeSecond * 1_000;
  draft.byte(ZERO + Math.floor(milliseconds / 100));
  draft.byte(ZERO + (Math.floor(milliseconds / 10) % 10));
  draft.byte(ZERO + (milliseconds % 10));
  draft.byte(ZULU);
}
