import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { escaped } from "./json-escape.ts";
import { type Snippet, snippetOf } from "./line-buffer.ts";

const CACHE_MAX = 4_096;
/** The longest key, in characters; a longer one is cut. */
export const KEY_MAX_LENGTH = 256;

/** The keys no caller may set: a field of that name is written as `_name`. */
export const RESERVED_KEYS: readonly string[] = [
  "level",
  "time",
  "msg",
  "service",
  "trace_id",
  "span_id",
  "recorded",
  "repeats",
  "truncated",
];

/** A place in an object: behind a key, or at its opening. */
export interface Place {
  /** The key that came next last time: objects of one shape need no look-up. Always one that is kept. */
  follower: Key | undefined;
}

/** What is known of a key: whether its value must be hidden, and how it stands in a line. */
export interface Key extends Place {
  readonly key: string;
  /** The key as it is written: redacted and cut. */
  readonly shown: string;
  /** `,"key":` as it stands in front of a value. */
  readonly text: string;
  /** The same, encoded. */
  readonly before: Snippet;
  /** Written otherwise than it is, so that two keys may come out the same. */
  readonly odd: boolean;
  /** What to write in place of a value, when the key says that it is a secret. */
  readonly standIn: ((value: unknown) => unknown) | undefined;
  /** `value`, which another field of its object may name: `{ name: "token", value: "…" }`. */
  readonly named: boolean;
  /** Whether any of these asks for a second look: most keys need none. */
  special: boolean;
  /** Reserved, or set by some context or child logger, so that it may collide. Only ever turns true. */
  shared: boolean;
  /** Where an object under this key begins. */
  readonly opening: Place;
  /** Whether this is the one object for this key, which others may hold. */
  kept: boolean;
  /**
   * The last value under this key that could be written as it is, if short. Values repeat (a host, a method, a user
   * agent), and comparing costs a fraction of looking for secrets. Empty at first: that is clean, too.
   */
  clean: string;
}

/** The known keys of one logger. Bounded, because keys may be chosen by an attacker. */
export class Keys {
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #known = new Map<string, Key>();

  constructor(redactor: SerialiserRedactor | undefined) {
    this.#redactor = redactor;
    // A line of free text has a field `text` of its own.
    for (const key of [...RESERVED_KEYS, "text"]) this.share(key);
  }

  get(key: string): Key {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.written(key, this.#shown(key));
    if (this.#known.size < CACHE_MAX && key.length <= KEY_MAX_LENGTH) this.#keep(made);
    return made;
  }

  /** The key for a context or child logger, marked as shared; undefined when there are too many such keys. */
  share(key: string): Key | undefined {
    const found = this.get(key);
    // What it is written as may be a key of its own. Who is written otherwise than it is may collide anyway.
    const written = found.odd ? this.get(found.shown) : found;
    if (!written.kept) {
      if (this.#known.size >= 2 * CACHE_MAX) return undefined;
      this.#keep(written);
    }
    written.shared = true;
    written.special = true;
    return found;
  }

  /** `key` written under another name. */
  written(key: string, shown: string): Key {
    const odd = shown !== key;
    const standIn = this.#redactor?.standInUnder(key);
    const text = `,"${escaped(shown)}":`;
    const named = this.#redactor !== undefined && key === "value";
    return {
      key,
      shown,
      text,
      before: snippetOf(text),
      odd,
      standIn,
      named,
      special: odd || standIn !== undefined || named,
      shared: false,
      follower: undefined,
      opening: { follower: undefined },
      kept: false,
      clean: "",
    };
  }

  #keep(key: Key): void {
    this.#known.set(key.key, key);
    key.kept = true;
  }

  #shown(key: string): string {
    const text =
      this.#redactor === undefined ? key : this.#redactor.redactText(key.slice(0, 4 * KEY_MAX_LENGTH));
    if (text.length <= KEY_MAX_LENGTH) return text;
    // A copy: a slice would keep the whole key in memory.
    return Buffer.from(text.slice(0, KEY_MAX_LENGTH), "utf16le").toString("utf16le");
  }
}
