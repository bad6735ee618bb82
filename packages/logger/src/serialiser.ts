import { CLEAN, type Redactor, SCAN } from "@whodunit/redaction";
import { thrownText } from "./error-fields.ts";
import { escaped, needsEscape } from "./escape.ts";
import { KEY_MAX_LENGTH, type Key, Keys } from "./key.ts";
import type { ResolvedLimits } from "./limits.ts";
import { Personal } from "./personal.ts";
import { shownInstead } from "./special.ts";

// A secret that begins within the bound must be seen whole before the text is cut.
const CUT_MARGIN = 8_192;
// Cards have 12 digits or more: a shorter number cannot be one.
const CARD_MIN = 1e11;
// Longer values seldom repeat, and would be held in memory.
const REPEATED_MAX = 256;
const CUT = '"[Truncated]"';
const MASK = "[Redacted]";
const CIRCULAR = '"[Circular]"';

/** Gives a top-level key that is taken already (`level`, a context's field) its name in the line, if it gets one. */
export type Rename = (key: Key, value: unknown, fields: object) => Key | undefined;

/**
 * Turns values into JSON text in one pass: keys judged, strings redacted and escaped, bounds kept; nothing
 * is cloned and nothing of the caller's is changed. Whatever the caller's getters, proxies and `toJSON` do,
 * no method throws. One per logger.
 */
export class Serialiser {
  readonly keys: Keys;
  /** True once a bound was hit; whoever starts a line resets it. */
  truncated = false;
  /** How much text the line may still take, in characters; whoever starts a line sets it. */
  left = 0;
  /** The objects around the value being written, by depth; whoever ends a line empties it. */
  ancestors: (object | undefined)[] = [];
  readonly #redactor: Redactor | undefined;
  readonly #limits: ResolvedLimits;
  // Nearly always the same one.
  #mask = "";
  #maskJson = '""';

  constructor(redactor: Redactor | undefined, limits: ResolvedLimits) {
    this.#redactor = redactor;
    this.#limits = limits;
    this.keys = new Keys(redactor);
  }

  /** The text of `value` as it stands between quotes: redacted, escaped, cut. */
  string(value: string): string {
    if (value.length > this.#limits.stringLength) return this.#longString(value);
    this.left -= value.length;
    const redactor = this.#redactor;
    if (redactor === undefined) return needsEscape(value) ? escaped(value) : value;
    const verdict = redactor.inspect(value);
    if (verdict === CLEAN) return value;
    return escaped(verdict === SCAN ? redactor.redactText(value) : value);
  }

  /** Any value as JSON; undefined for what JSON leaves out: undefined and functions. */
  value(value: unknown, depth: number): string | undefined {
    switch (typeof value) {
      case "string":
        return `"${this.string(value)}"`;
      case "number":
        return this.#number(value);
      case "boolean":
        return value ? "true" : "false";
      case "object":
        return value === null ? "null" : this.#object(value, depth);
      case "bigint":
      case "symbol":
        return `"${this.string(String(value))}"`;
      default:
        return undefined;
    }
  }

  /** The value of the field `key`: what hides it, when the key says so; undefined when nothing is written. */
  field(key: Key, value: unknown): string | undefined {
    if (!key.sensitive) return this.value(value, 1);
    return this.#standIn(key.key, value);
  }

  /**
   * The own enumerable properties of `object`, as a JSON object; with `rename`, as the rest of a line whose
   * head stands before: no braces, and a comma first.
   */
  members(object: object, depth: number, inherits: boolean, rename?: Rename): string {
    const { items } = this.#limits;
    let text = "";
    let unclosed = false;
    let started = rename !== undefined;
    let count = 0;
    let odd = 0;
    let before: Key | undefined;
    try {
      for (const name in object) {
        if (inherits && !Object.hasOwn(object, name)) continue;
        let value: unknown;
        try {
          value = (object as Record<string, unknown>)[name];
        } catch (error) {
          value = thrownText(error);
        }
        if (value === undefined) continue;
        if (typeof value === "function") {
          if (name === "toJSON" && rename === undefined) return this.#toJson(object, depth);
          continue;
        }
        if (count === items || this.left < 0) {
          this.truncated = true;
          break;
        }
        count++;
        let key = before?.follower;
        if (key === undefined || key.key !== name) {
          key = this.keys.get(name);
          if (before !== undefined && key.kept) before.follower = key;
        }
        before = key;
        let secret: string | undefined;
        if (key.special) {
          if (name.length > KEY_MAX_LENGTH) this.truncated = true;
          if (key.odd && odd++ > 0) key = this.keys.written(name, `${key.shown}_${odd}`);
          if (key.shared && rename !== undefined) {
            key = rename(key, value, object);
            if (key === undefined) continue;
          }
          if (key.sensitive) secret = name;
          else if (key.named) secret = this.#nameOfValue(object);
        }
        this.left -= key.cost;

        if (secret !== undefined) {
          const json = this.#standIn(secret, value);
          if (json === undefined) continue;
          text += (started ? (unclosed ? key.after : key.next) : key.first) + json;
          unclosed = false;
        } else if (typeof value === "string") {
          text +=
            (started ? (unclosed ? key.afterString : key.nextString) : key.firstString) +
            this.#stringOf(key, value);
          unclosed = true;
        } else {
          const json = this.value(value, depth + 1);
          if (json === undefined) continue;
          text += (started ? (unclosed ? key.after : key.next) : key.first) + json;
          unclosed = false;
        }
        started = true;
      }
    } catch (error) {
      // A proxy that does not tell its keys: what was read of it stays.
      const key = this.keys.get("[Throws]");
      text += `${started ? (unclosed ? key.after : key.next) : key.first}"${this.string(thrownText(error))}"`;
      unclosed = false;
      started = true;
    }
    if (unclosed) text += '"';
    if (rename !== undefined) return text;
    return started ? `${text}}` : "{}";
  }

  #stringOf(key: Key, value: string): string {
    if (value === key.clean) {
      this.left -= value.length;
      return value;
    }
    const text = this.string(value);
    if (text === value && value.length <= REPEATED_MAX) key.clean = value;
    return text;
  }

  #nameOfValue(object: object): string | undefined {
    try {
      return this.#redactor?.sensitiveName(object);
    } catch {
      // A getter threw, so nobody knows: the careful answer is yes.
      return "value";
    }
  }

  #standIn(key: string, value: unknown): string | undefined {
    const redactor = this.#redactor as Redactor;
    // What is declared personal is hidden where redaction is off, too.
    let shown: unknown = MASK;
    if (!(value instanceof Personal)) shown = redactor.standIn(key, value);
    else if (redactor !== undefined) shown = redactor.hide(value.kind, value.value);
    if (shown === undefined) return undefined;
    // What cannot hold a secret stays: null, booleans, the empty string.
    if (typeof shown !== "string") return String(shown);
    if (shown !== this.#mask) {
      this.#mask = shown;
      this.#maskJson = `"${escaped(shown)}"`;
    }
    return this.#maskJson;
  }

  #object(object: object, depth: number): string | undefined {
    if (depth > this.#limits.depth || this.left < 0) {
      this.truncated = true;
      return CUT;
    }
    const ancestors = this.ancestors;
    for (let index = depth - 1; index >= 0; index--) if (ancestors[index] === object) return CIRCULAR;
    ancestors[depth] = object;
    try {
      const prototype: unknown = Object.getPrototypeOf(object);
      if (prototype === Object.prototype || prototype === null) return this.members(object, depth, false);
      if (Array.isArray(object)) return this.#array(object, depth);
      if (object instanceof Personal) return this.#standIn("", object);
      const { items, stringLength } = this.#limits;
      const shown = shownInstead(object, items, stringLength + CUT_MARGIN);
      if (shown !== object) return this.#shown(shown, depth);
      if (typeof (object as { toJSON?: unknown }).toJSON === "function") return this.#toJson(object, depth);
      return this.members(object, depth, true);
    } catch (error) {
      return `"${this.string(thrownText(error))}"`;
    }
  }

  #array(array: readonly unknown[], depth: number): string {
    const { items } = this.#limits;
    const length = Math.min(array.length, items);
    let text = "[";
    for (let index = 0; index < length; index++) {
      let value: unknown;
      try {
        value = array[index];
      } catch (error) {
        value = thrownText(error);
      }
      if (this.left < 0) break;
      this.left -= 2;
      const json =
        (index & 1) === 1 && this.#redactor?.sensitiveItem(array, index) === true
          ? (this.#standIn(array[index - 1] as string, value) ?? "null")
          : (this.value(value, depth + 1) ?? "null");
      text += index === 0 ? json : `,${json}`;
    }
    if (array.length > items || this.left < 0) this.truncated = true;
    return `${text}]`;
  }

  #shown(shown: unknown, depth: number): string {
    if (typeof shown !== "object" || shown === null) return this.value(shown, depth) ?? "null";
    return Array.isArray(shown) ? this.#array(shown, depth) : this.members(shown, depth, true);
  }

  #toJson(object: object, depth: number): string {
    const shown = (object as { toJSON(key: string): unknown }).toJSON("");
    if (shown === object) return this.members(shown, depth, true);
    return this.value(shown, depth + 1) ?? "null";
  }

  #number(value: number): string {
    if (value - value !== 0) return "null";
    const text = `${value}`;
    if (value < CARD_MIN || this.#redactor === undefined || this.#redactor.inspect(text) !== SCAN)
      return text;
    const redacted = this.#redactor.redactText(text);
    return redacted === text ? text : `"${escaped(redacted)}"`;
  }

  #longString(value: string): string {
    const { stringLength } = this.#limits;
    this.truncated = true;
    const head = value.slice(0, stringLength + CUT_MARGIN);
    const cut = this.#redactor?.redactText(head, stringLength) ?? head.slice(0, stringLength);
    const text = escaped(cut);
    this.left -= text.length;
    return text;
  }
}
