// What RFC 8259 section 7 wants escaped, with surrogates, of which only pairs may stand; and DEL and the C1 controls,
// which drive terminals.
const ESCAPE = /["\\\u0000-\u001f\u007f-\u009f\ud800-\udfff]/;
const TERMINAL_CONTROL = /[\u007f-\u009f]/g;

/** Whether `text` may have to be written otherwise between JSON quotes than it is. */
export function needsEscape(text: string): boolean {
  return ESCAPE.test(text);
}

/** The same of an ASCII text that stands in `bytes`. */
export function asciiNeedsEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const code = bytes[index] as number;
    if (code < 32 || code === 34 || code === 92 || code === 127) return true;
  }
  return false;
}

/** `text` as it stands between JSON quotes, with no character that a terminal would obey. */
export function escaped(text: string): string {
  const json = JSON.stringify(text).slice(1, -1);
  return json.replace(TERMINAL_CONTROL, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
