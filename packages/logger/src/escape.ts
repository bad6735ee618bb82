// What RFC 8259 section 7 wants escaped, and DEL and the C1 controls, which drive terminals.
const ESCAPE = /["\\\u0000-\u001f\u007f-\u009f]/;
const TERMINAL_CONTROL = /[\u007f-\u009f]/g;

// Up to here a loop is faster than calling the regular expression engine.
const SHORT = 40;

/** Whether `text` cannot stand between JSON quotes as it is. */
export function needsEscape(text: string): boolean {
  if (text.length > SHORT) return ESCAPE.test(text);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 34 || code === 92 || (code > 126 && code < 160)) return true;
  }
  return false;
}

/** `text` as it stands between JSON quotes, with no character that a terminal would obey. */
export function escaped(text: string): string {
  const json = JSON.stringify(text).slice(1, -1);
  return json.replace(TERMINAL_CONTROL, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
