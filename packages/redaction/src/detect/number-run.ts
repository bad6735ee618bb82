/** Digits, capitals and separators (blank, dash, and plus in a query): what card numbers, SSN and IBAN are written with. */
export const RUN_CHARACTERS = " +-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The same beyond ASCII: blanks that are not broken, and dashes. */
export const OTHER_SEPARATORS: string = "\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2212";

/** A run of these shorter than this holds no such number. */
export const RUN_MIN = 11;

// By UTF-16 code unit, so that no look-up is ever out of bounds.
const RUN: Uint8Array = new Uint8Array(65_536);
for (const character of RUN_CHARACTERS + OTHER_SEPARATORS) RUN[character.charCodeAt(0)] = 1;

/** Whether a character of this code may be part of such a number. */
export const isRunCode = (code: number): boolean => RUN[code] === 1;

/** The same of the character at `index`, which is within the text. */
export const isRun = (text: string, index: number): boolean => RUN[text.charCodeAt(index)] === 1;
