import {
  CLEAN,
  ESCAPE,
  type Inspection,
  SCAN,
  type SerialiserRedactor,
} from "@whodunit/redaction/serialiser";
import { escaped, needsEscape } from "./json-escape.ts";
import type { KnownKey } from "./key-cache.ts";
import { lineBuffer } from "./line-buffer.ts";

// A secret that begins within the bound must be seen whole before the text is cut.
export const CUT_MARGIN = 8_192;
// Cards have 12 digits or more: a shorter number cannot be one.
const CARD_MIN = 1e11;
// A status, a count, a port: up to here it is quicker to write the digits than to ask for a string of them.
const SHORT_NUMBER = 100_000;
// Longer values seldom repeat, and would be held in memory.
const REPEATED_MAX = 256;
const QUOTE = 34;

/** Writes texts and numbers into the line, as JSON without their secrets. */
export class TextWriter {
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #maxLength: number;

  /** @param maxLength where a text is cut, in characters */
  constructor(redactor: SerialiserRedactor | undefined, maxLength: number) {
    this.#redactor = redactor;
    this.#maxLength = maxLength;
  }

  /** Writes a text: redacted, escaped, cut at `maxLength` characters. Says whether it is written as it is. */
  string(value: string, maxLength: number = this.#maxLength): boolean {
    if (value.length > maxLength) return this.#longString(value, maxLength);
    const start = lineBuffer.position;
    lineBuffer.byte(QUOTE);
    let verdict: Inspection;
    if (lineBuffer.ascii(value)) {
      verdict = this.#inspectAscii(value, start + 1);
      if (verdict === CLEAN) {
        lineBuffer.byte(QUOTE);
        return true;
      }
    } else {
      verdict = this.#inspect(value);
    }
    lineBuffer.position = start;
    this.#quote(verdict === SCAN ? (this.#redactor as SerialiserRedactor).redactText(value) : value);
    return false;
  }

  /** Writes the text that stands under `key`. */
  under(key: KnownKey, value: string): void {
    if (value === key.clean) {
      this.#repeat(key, value);
    } else if (this.string(value) && value.length <= REPEATED_MAX) {
      key.clean = value;
      key.encoded = undefined;
    }
  }

  // What comes a third time in a row is likely to come again: from then on its bytes are copied.
  #repeat(key: KnownKey, value: string): void {
    const { encoded } = key;
    if (typeof encoded === "object") {
      lineBuffer.put(encoded);
      return;
    }
    const start = lineBuffer.position;
    lineBuffer.byte(QUOTE);
    lineBuffer.text(value);
    lineBuffer.byte(QUOTE);
    if (encoded === undefined) key.encoded = "again";
    else if (!lineBuffer.full) key.encoded = lineBuffer.encodedFrom(start);
  }

  /** Writes a number; in quotes when it was a card number. */
  number(value: number): void {
    if (value >= 0 && value < SHORT_NUMBER && (value | 0) === value) {
      lineBuffer.digits(value);
      return;
    }
    // A duration, a price: of the numbers with at most three decimals, the nearest to a thousandth is written as that.
    const thousandths = Math.round(value * 1_000);
    if (value > 0 && value < SHORT_NUMBER && thousandths / 1_000 === value) {
      lineBuffer.thousandths(thousandths);
      return;
    }
    const text = value - value === 0 ? `${value}` : "null";
    if (value < CARD_MIN || this.#redactor === undefined || this.#redactor.inspect(text) !== SCAN) {
      lineBuffer.text(text);
      return;
    }
    const redacted = this.#redactor.redactText(text);
    if (redacted === text) lineBuffer.text(text);
    else this.#quote(redacted);
  }

  // Of what stands in the buffer from `start` on.
  #inspectAscii(value: string, start: number): Inspection {
    const end = start + value.length;
    const redactor = this.#redactor;
    if (redactor === undefined) return lineBuffer.needsEscape(start) ? ESCAPE : CLEAN;
    if (redactor.concerns?.(value) === true) return SCAN;
    let at = lineBuffer.nextSuspect(start, start);
    if (at === end) return CLEAN;
    if (redactor.holdsNumber(value)) return SCAN;
    let verdict: Inspection = CLEAN;
    for (; at < end; at = lineBuffer.nextSuspect(start, at + 1)) {
      const found = redactor.inspectAt(value, at - start);
      if (found === SCAN) return SCAN;
      if (found === ESCAPE) verdict = ESCAPE;
    }
    return verdict;
  }

  #inspect(value: string): Inspection {
    if (this.#redactor !== undefined) return this.#redactor.inspect(value);
    return needsEscape(value) ? ESCAPE : CLEAN;
  }

  #quote(text: string): void {
    lineBuffer.byte(QUOTE);
    lineBuffer.text(needsEscape(text) ? escaped(text) : text);
    lineBuffer.byte(QUOTE);
  }

  #longString(value: string, maxLength: number): boolean {
    lineBuffer.truncated = true;
    const head = value.slice(0, maxLength + CUT_MARGIN);
    this.#quote(this.#redactor?.redactText(head, maxLength) ?? head.slice(0, maxLength));
    return false;
  }
}
