import fc from "fast-check";

/** What a text from outside may hold beside letters: what ends a line somewhere, ends a text, hides, or is half of a character. */
const ODD = [
  ...["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\u0085", "\u00a0", "\u2028", "\u2029"],
  ...["\u200b", "\u202e", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\ud800", "\udbff", "\udc00"],
  ...['"', "'", "%", "$", "{{", "İ", "ß", "😀"],
];

const ONE = { minLength: 1, maxLength: 1 };

// Half of a pair, too. Not the unit "binary", which takes a second of CPU to be made.
const CODE_POINT = fc.integer({ min: 0, max: 0x10_ffff }).map(
  (code) => String.fromCodePoint(code),
  // So that it is seen to make names such as __proto__, of which fast-check then draws more.
  (text) => {
    if (typeof text !== "string" || [...text].length !== 1) throw new TypeError("not one code point");
    return text.codePointAt(0)!;
  },
);

const unitOf = (backslash: string): fc.Arbitrary<string> => {
  const isOther = (character: string): boolean => character !== "\\";
  return fc.oneof(
    { weight: 3, arbitrary: fc.string(ONE).filter(isOther) },
    { weight: 3, arbitrary: CODE_POINT.filter(isOther) },
    { weight: 2, arbitrary: fc.constantFrom(backslash, ...ODD) },
  );
};

const UNIT = unitOf("\\");

/**
 * What keys are made of where a test reads them back by JSON.parse: as {@link anyText}, but behind a backslash stands what is
 * no escape in JSON. V8 takes a key with an escape for one it has read before, if that has a backslash in the escape's place:
 * https://github.com/nodejs/node/issues/63785.
 */
export const KEY_UNIT: fc.Arbitrary<string> = unitOf("\\|");

interface Bounds {
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Any text that a user, a client or a service could send: printable ASCII, any code point, and what is odd, lone surrogates among it. */
export const anyText = (bounds: Bounds = {}): fc.Arbitrary<string> => fc.string({ ...bounds, unit: UNIT });

/** Any key that JSON.parse reads back; `maxLength` counts a backslash with what stands behind it as one. */
export const anyKey = (bounds: Bounds = {}): fc.Arbitrary<string> => fc.string({ ...bounds, unit: KEY_UNIT });
