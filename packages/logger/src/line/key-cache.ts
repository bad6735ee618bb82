import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { type EncodedText, encode } from "./encoded-text.ts";
import { escaped } from "./json-escape.ts";

const CACHE_MAX = 4_096;
/** The longest key, in characters; a longer one is cut. */
export const KEY_MAX_LENGTH = 256;

/** A position in an object: behind a key, or at its opening. */
export interface KeyPosition {
  /** The key that came next last time: objects of one shape need no look-up. Always one that is kept. */
  follower: KnownKey | undefined;
}

/** A key of some object, and all that is known of it. */
export interface KnownKey extends KeyPosition {
  // What it is and how it stands in a line:
  readonly name: string;
  /** The name as it is written: redacted and cut. */
  readonly shown: string;
  /** `,"name":` as it stands in front of a value. */
  readonly text: string;
  /** The same, encoded. */
  readonly before: EncodedText;
  /** Written otherwise than it is, so that two keys may come out the same. */
  readonly rewritten: boolean;
  /** What to write in place of a value, when the key says that it is a secret. */
  readonly standIn: ((value: unknown) => unknown) | undefined;
  /** Other fields of its object may say what it is, as in `{ name: "token", value: "…" }`, `{ command: "auth", args: ["…"] }`. */
  readonly isNamed: boolean;

  // What is remembered of it:
  /** Reserved, or set by some context or child logger, so that it may collide. Only ever turns true. */
  shared: boolean;
  /** Whether it is rewritten, secret, named or shared. Most keys are none of that and need no second look. */
  unusual: boolean;
  /** Whether this is the one object for this key, which others may hold. */
  kept: boolean;
  /** Where an object under this key begins. */
  readonly opening: KeyPosition;
  /**
   * The last value under this key that could be written as it is, if short. Values repeat (a host, a method, a user
   * agent), and comparing costs a fraction of looking for secrets. Empty at first: that is clean, too.
   */
  clean: string;
  /** The same in its quotes, encoded; "again" after it has come a second time, undefined before. */
  encoded: EncodedText | "again" | undefined;
}

/** The known keys of one logger. Bounded, because keys may be chosen by an attacker. */
export class KeyCache {
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #known = new Map<string, KnownKey>();

  /** @param reserved the keys no caller may set */
  constructor(redactor: SerialiserRedactor | undefined, reserved: readonly string[]) {
    this.#redactor = redactor;
    // A line of free text has a field `text` of its own.
    for (const name of [...reserved, "text"]) this.share(name);
  }

  get(name: string): KnownKey {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = this.written(name, this.#shown(name));
    if (this.#known.size < CACHE_MAX && name.length <= KEY_MAX_LENGTH) this.#keep(made);
    return made;
  }

  /** The key for a context or child logger, marked as shared; undefined when there are too many such keys. */
  share(name: string): KnownKey | undefined {
    const found = this.get(name);
    // What it is written as may be a key of its own. Who is written otherwise than it is may collide anyway.
    const written = found.rewritten ? this.get(found.shown) : found;
    if (!written.kept) {
      if (this.#known.size >= 2 * CACHE_MAX) return undefined;
      this.#keep(written);
    }
    written.shared = true;
    written.unusual = true;
    return found;
  }

  /** The key of this name, written under another. */
  written(name: string, shown: string): KnownKey {
    const rewritten = shown !== name;
    const standIn = this.#redactor?.standInUnder(name);
    const text = `,"${escaped(shown)}":`;
    const isNamed = this.#redactor?.isNamed(name) === true;
    return {
      name,
      shown,
      text,
      before: encode(text),
      rewritten,
      standIn,
      isNamed,
      shared: false,
      unusual: rewritten || standIn !== undefined || isNamed,
      kept: false,
      follower: undefined,
      opening: { follower: undefined },
      clean: "",
      encoded: undefined,
    };
  }

  /** The same key in another of its spellings. */
  spelledAs(key: KnownKey, spelling: number): KnownKey {
    return this.written(key.name, spelled(key.shown, spelling));
  }

  #keep(key: KnownKey): void {
    this.#known.set(key.name, key);
    key.kept = true;
  }

  #shown(name: string): string {
    const text =
      this.#redactor === undefined ? name : this.#redactor.redactText(name.slice(0, 4 * KEY_MAX_LENGTH));
    if (text.length <= KEY_MAX_LENGTH) return text;
    // A copy: a slice would keep the whole key in memory.
    return Buffer.from(text.slice(0, KEY_MAX_LENGTH), "utf16le").toString("utf16le");
  }
}

/**
 * Which spelling of a rewritten key is free in its object: rewritten keys may come out the same, or as one that is there.
 *
 * @returns more than `max` where none up to it is
 */
export function nextSpelling(shown: string, last: number, object: object, max: number): number {
  let next = last + 1;
  while (next <= max && Object.hasOwn(object, spelled(shown, next))) next++;
  return next;
}

/** `shown`, `shown_2`, `shown_3`, … */
function spelled(shown: string, spelling: number): string {
  return spelling === 1 ? shown : `${shown}_${spelling}`;
}
