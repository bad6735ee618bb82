import { type EncodedText, encode } from "./encoded-text.ts";
import { lineBuffer } from "./line-buffer.ts";

let ms = Number.NaN;
let text: EncodedText = encode("");

/** Writes the time now into the line, as ISO 8601 in UTC with milliseconds; lines of one millisecond share it. */
export function putTime(): void {
  const now = Date.now();
  if (now !== ms) {
    ms = now;
    text = encode(new Date(now).toISOString());
  }
  lineBuffer.put(text);
}
