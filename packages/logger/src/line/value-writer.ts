import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { thrownText } from "./error-fields.ts";
import { escaped } from "./json-escape.ts";
import { KEY_MAX_LENGTH, type Key, Keys, type Place } from "./key-cache.ts";
import type { ResolvedLimits } from "./limits.ts";
import { draft, type Snippet, snippetOf } from "./line-buffer.ts";
import { shownInstead } from "./object-view.ts";
import { Personal } from "./personal.ts";
import { CUT_MARGIN, TextWriter } from "./text-writer.ts";

const CUT = '"[Truncated]"';
const CIRCULAR = '"[Circular]"';
const MASK = "[Redacted]";
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Gives a top-level key that is taken already (`level`, a context's field) its name in the line, if it gets one. */
export type Rename = (key: Key, value: unknown, fields: object) => Key | undefined;

/**
 * Writes values as JSON into the current draft, in one pass: keys judged, strings redacted and escaped, bounds kept;
 * nothing is cloned and nothing of the caller's is changed. Whatever the caller's getters, proxies and `toJSON` do, no
 * method throws. One per logger.
 */
export class Serialiser {
  readonly keys: Keys;
  readonly texts: TextWriter;
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #limits: ResolvedLimits;
  readonly #mask: string;
  readonly #maskJson: Snippet;

  constructor(redactor: SerialiserRedactor | undefined, limits: ResolvedLimits) {
    this.#redactor = redactor;
    this.#limits = limits;
    this.#mask = redactor?.mask ?? MASK;
    this.#maskJson = snippetOf(`"${escaped(this.#mask)}"`);
    this.texts = new TextWriter(redactor, limits.stringLength);
    this.keys = new Keys(redactor);
  }

  /**
   * Writes any value; says no to what JSON leaves out: undefined and functions. `opening` is where it begins, should it
   * be an object.
   */
  value(value: unknown, depth: number, opening: Place): boolean {
    switch (typeof value) {
      case "string":
        this.texts.string(value);
        return true;
      case "number":
        this.texts.number(value);
        return true;
      case "boolean":
        draft.text(value ? "true" : "false");
        return true;
      case "object":
        if (value !== null) return this.#object(value, depth, opening);
        draft.text("null");
        return true;
      case "bigint":
      case "symbol":
        this.texts.string(String(value));
        return true;
      default:
        return false;
    }
  }

  /** Writes the value of the field `key`: what hides it, when the key says so. Says no when nothing is written. */
  field(key: Key, value: unknown): boolean {
    return key.standIn === undefined ? this.value(value, 1, key.opening) : this.#hidden(key.standIn, value);
  }

  /**
   * Writes the own enumerable properties of `object`, as a JSON object; with `rename`, as the rest of a line whose head
   * stands before: no braces, and a comma first.
   */
  members(object: object, depth: number, inherits: boolean, opening: Place, rename?: Rename): void {
    const { items } = this.#limits;
    const first = draft.position;
    // Where the last member ends that stays.
    let end = first;
    let started = rename !== undefined;
    let count = 0;
    let odd = 0;
    let before = opening;
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
          if (name !== "toJSON" || rename !== undefined) continue;
          draft.position = first;
          this.#toJson(object, depth, opening);
          return;
        }
        if (count === items) {
          draft.truncated = true;
          break;
        }
        count++;
        let key = before.follower;
        if (key === undefined || key.key !== name) {
          key = this.keys.get(name);
          if (key.kept) before.follower = key;
        }
        before = key;
        let standIn: ((value: unknown) => unknown) | undefined;
        if (key.special) {
          if (name.length > KEY_MAX_LENGTH) draft.truncated = true;
          const mayCollide = key.odd || key.shared;
          if (key.odd) {
            const { shown } = key;
            let other = odd++ > 0 ? `${shown}_${odd}` : shown;
            while (odd <= items && Object.hasOwn(object, other)) other = `${shown}_${++odd}`;
            // A proxy may claim to have them all.
            if (odd > items) {
              draft.truncated = true;
              break;
            }
            if (other !== shown) key = this.keys.written(name, other);
          }
          if (mayCollide && rename !== undefined) {
            key = rename(key, value, object);
            if (key === undefined) continue;
          }
          standIn = (key.named ? this.#standInBeside(object) : undefined) ?? key.standIn;
        }
        draft.put(key.before);
        if (!started) draft.replace(end, OPEN_BRACE);
        let written = true;
        if (standIn !== undefined) written = this.#hidden(standIn, value);
        else if (typeof value === "string") this.texts.under(key, value);
        else written = this.value(value, depth + 1, key.opening);
        if (!written) {
          draft.position = end;
          continue;
        }
        if (draft.over(depth)) {
          draft.backTo(end);
          break;
        }
        end = draft.position;
        started = true;
      }
    } catch (error) {
      // A proxy that does not tell its keys: what was read of it stays.
      draft.position = end;
      draft.text(`${started ? "," : "{"}"[Throws]":`);
      this.texts.string(thrownText(error));
      if (draft.over(depth)) draft.backTo(end);
      else started = true;
    }
    if (rename !== undefined) return;
    if (!started) draft.byte(OPEN_BRACE);
    draft.byte(CLOSE_BRACE);
  }

  #standInBeside(object: object): ((value: unknown) => unknown) | undefined {
    const redactor = this.#redactor as SerialiserRedactor;
    try {
      const name = redactor.sensitiveName(object);
      return name === undefined ? undefined : redactor.standInUnder(name);
    } catch {
      // A getter threw, so nobody knows: the careful answer is yes.
      return (value) => redactor.standIn("value", value);
    }
  }

  #hidden(standIn: (value: unknown) => unknown, value: unknown): boolean {
    return typeof value === "object" && value !== null && Personal.is(value)
      ? this.#personal(value)
      : this.#instead(standIn(value));
  }

  // What is declared personal is hidden where redaction is off, too.
  #personal({ kind, value }: Personal): boolean {
    return this.#instead(this.#redactor === undefined ? this.#mask : this.#redactor.hide(kind, value));
  }

  #instead(shown: unknown): boolean {
    if (shown === undefined) return false;
    // What cannot hold a secret stays: null, booleans, the empty string.
    if (shown === this.#mask) draft.put(this.#maskJson);
    else draft.text(typeof shown === "string" ? `"${escaped(shown)}"` : String(shown));
    return true;
  }

  #object(object: object, depth: number, opening: Place): boolean {
    if (depth > this.#limits.depth) {
      draft.truncated = true;
      draft.text(CUT);
      return true;
    }
    const { ancestors, position } = draft;
    for (let index = depth - 1; index >= 0; index--) {
      if (ancestors[index] !== object) continue;
      draft.text(CIRCULAR);
      return true;
    }
    ancestors[depth] = object;
    try {
      const prototype: unknown = Object.getPrototypeOf(object);
      if (prototype === Object.prototype || prototype === null) this.members(object, depth, false, opening);
      else if (Array.isArray(object)) this.#array(object, depth, opening);
      else return this.#instance(object, depth, opening);
    } catch (error) {
      draft.position = position;
      this.texts.string(thrownText(error));
    } finally {
      ancestors[depth] = undefined;
    }
    return true;
  }

  #instance(object: object, depth: number, opening: Place): boolean {
    if (Personal.is(object)) return this.#personal(object);
    const { items, stringLength } = this.#limits;
    const shown = shownInstead(object, items, stringLength + CUT_MARGIN);
    if (shown !== object) return this.#shown(shown, depth, opening);
    if (typeof (object as { toJSON?: unknown }).toJSON === "function") this.#toJson(object, depth, opening);
    else this.members(object, depth, true, opening);
    return true;
  }

  #array(array: readonly unknown[], depth: number, opening: Place): void {
    const length = Math.min(array.length, this.#limits.items);
    draft.byte(OPEN_BRACKET);
    for (let index = 0; index < length; index++) {
      let value: unknown;
      try {
        value = array[index];
      } catch (error) {
        value = thrownText(error);
      }
      const start = draft.position;
      if (index > 0) draft.byte(COMMA);
      const written =
        (index & 1) === 1 && this.#redactor?.sensitiveItem(array, index) === true
          ? this.#instead(this.#redactor.standIn(array[index - 1] as string, value))
          : this.value(value, depth + 1, opening);
      if (!written) draft.text("null");
      if (draft.over(depth)) {
        draft.backTo(start);
        break;
      }
    }
    if (array.length > length) draft.truncated = true;
    draft.byte(CLOSE_BRACKET);
  }

  #shown(shown: unknown, depth: number, opening: Place): boolean {
    if (typeof shown !== "object" || shown === null) return this.value(shown, depth, opening);
    if (Array.isArray(shown)) this.#array(shown, depth, opening);
    else this.members(shown, depth, true, opening);
    return true;
  }

  #toJson(object: object, depth: number, opening: Place): void {
    const shown = (object as { toJSON(key: string): unknown }).toJSON("");
    if (shown === object) this.members(object, depth, true, opening);
    else if (!this.value(shown, depth + 1, opening)) draft.text("null");
  }
}
