import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { type EncodedText, encode } from "./encoded-text.ts";
import { escaped } from "./json-escape.ts";
import { lineBuffer } from "./line-buffer.ts";
import { PersonalValue } from "./personal-value.ts";

const MASK = "[Redacted]";

/** Writes into the line what stands for a hidden value. */
export class StandInWriter {
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #mask: string;
  readonly #maskJson: EncodedText;

  constructor(redactor: SerialiserRedactor | undefined) {
    this.#redactor = redactor;
    this.#mask = redactor?.mask ?? MASK;
    this.#maskJson = encode(`"${escaped(this.#mask)}"`);
  }

  /** What hides the `value` of an object whose other field names it; undefined where nothing does. */
  beside(object: object, key: string): ((value: unknown) => unknown) | undefined {
    const redactor = this.#redactor as SerialiserRedactor;
    try {
      const name = redactor.sensitiveName(object, key);
      return name === undefined ? undefined : redactor.standInUnder(name);
    } catch {
      // A getter threw, so nobody knows: the careful answer is yes.
      return (value) => redactor.standIn(key, value);
    }
  }

  /** Writes what a secret key makes of its value. Says no when nothing is written. */
  hidden(standIn: (value: unknown) => unknown, value: unknown): boolean {
    return typeof value === "object" && value !== null && PersonalValue.is(value)
      ? this.personal(value)
      : this.write(standIn(value));
  }

  /** Writes what stands for a personal value. What is declared so is hidden where redaction is off, too. */
  personal({ kind, value }: PersonalValue): boolean {
    return this.write(this.#redactor === undefined ? this.#mask : this.#redactor.hide(kind, value));
  }

  /** Writes a stand-in. Says no when there is none. */
  write(shown: unknown): boolean {
    if (shown === undefined) return false;
    // What cannot hold a secret stays: null, booleans, the empty string.
    if (shown === this.#mask) lineBuffer.put(this.#maskJson);
    else lineBuffer.text(typeof shown === "string" ? `"${escaped(shown)}"` : String(shown));
    return true;
  }
}
