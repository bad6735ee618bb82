import { draft, type Snippet, snippetOf } from "./draft.ts";

let ms = Number.NaN;
let text: Snippet = snippetOf("");

/** The time now as ISO 8601 in UTC with milliseconds. */
export function timeText(): string {
  return new Date().toISOString();
}

/** Writes {@link timeText} into the draft; lines of one millisecond share it. */
export function putTime(): void {
  const now = Date.now();
  if (now !== ms) {
    ms = now;
    text = snippetOf(new Date(now).toISOString());
  }
  draft.put(text);
}
