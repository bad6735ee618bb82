// What RFC 8259 section 7 wants escaped, and DEL and the C1 controls, which drive terminals.
const ESCAPE = /["\\\u0000-\u001f\u007f-\u009f]/;
const TERMINAL_CONTROL = /[\u007f-\u009f]/g;

/** Whether `text` cannot stand between JSON quotes as it is. */
export function needsEscape(text: string): boolean {
  return ESCAPE.test(text);
}

/** `text` as it stands between JSON quotes, with no character that a terminal would obey. */
export function escaped(text: string): string {
  const json = JSON.stringify(text).slice(1, -1);
  return json.replace(TERMINAL_CONTROL, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
