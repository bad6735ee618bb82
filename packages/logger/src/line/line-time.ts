import { draft, type Snippet, snippetOf } from "./line-buffer.ts";

let ms = Number.NaN;
let text: Snippet = snippetOf("");

/** Writes the time now into the draft, as ISO 8601 in UTC with milliseconds; lines of one millisecond share it. */
export function putTime(): void {
  const now = Date.now();
  if (now !== ms) {
    ms = now;
    text = snippetOf(new Date(now).toISOString());
  }
  draft.put(text);
}
