// Over 300 lines: one walk over a value, whose steps share private state on the hot path.
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import { thrownText } from "./error-fields.ts";
import { KEY_MAX_LENGTH, KeyCache, type KeyPosition, type KnownKey, nextSpelling } from "./key-cache.ts";
import type { ResolvedLimits } from "./limits.ts";
import { lineBuffer, type OuterText } from "./line-buffer.ts";
import { plainView } from "./object-view.ts";
import { PersonalValue } from "./personal-value.ts";
import { StandInWriter } from "./stand-in-writer.ts";
import { CUT_MARGIN, TextWriter } from "./text-writer.ts";

const CUT = '"[Truncated]"';
const CIRCULAR = '"[Circular]"';
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Gives a top-level key that is taken already (`level`, a context's field) its name in the line, if it gets one. */
export type Rename = (key: KnownKey, value: unknown, fields: object) => KnownKey | undefined;

/**
 * Writes values as JSON into the line buffer, in one pass: keys judged, strings redacted and escaped, bounds kept;
 * nothing is cloned and nothing of the caller's is changed. Whatever the caller's getters, proxies and `toJSON` do, no
 * method throws. One per logger.
 */
export class ValueWriter {
  readonly keys: KeyCache;
  readonly texts: TextWriter;
  /** Whether something in a {@link text} was over a bound, since somebody set this to false. */
  textCut = false;
  readonly #textOpening: KeyPosition = { follower: undefined };
  readonly #redactor: SerialiserRedactor | undefined;
  readonly #limits: ResolvedLimits;
  readonly #standIns: StandInWriter;

  constructor(redactor: SerialiserRedactor | undefined, limits: ResolvedLimits, reserved: readonly string[]) {
    this.#redactor = redactor;
    this.#limits = limits;
    this.#standIns = new StandInWriter(redactor);
    this.texts = new TextWriter(redactor, limits.stringLength);
    this.keys = new KeyCache(redactor, reserved);
  }

  /**
   * Writes any value; says no to what JSON leaves out: undefined and functions. `opening` is where it begins, should it
   * be an object.
   */
  value(value: unknown, depth: number, opening: KeyPosition): boolean {
    switch (typeof value) {
      case "string":
        this.texts.string(value);
        return true;
      case "number":
        this.texts.number(value);
        return true;
      case "boolean":
        lineBuffer.text(value ? "true" : "false");
        return true;
      case "object":
        if (value !== null) return this.#object(value, depth, opening);
        lineBuffer.text("null");
        return true;
      case "bigint":
      case "symbol":
        this.texts.string(String(value));
        return true;
      default:
        return false;
    }
  }

  /** A value as JSON text; `undefined` for what JSON leaves out. Never throws. */
  text(value: unknown): string {
    const outer = lineBuffer.begin(this.#limits.lineBytes);
    try {
      const written = this.value(value, 1, this.#textOpening);
      this.textCut ||= lineBuffer.truncated;
      return written ? lineBuffer.whole : String(undefined);
    } finally {
      if (outer === undefined) lineBuffer.open = false;
      else lineBuffer.resume(outer);
    }
  }

  /**
   * The text of an object that is a key of the Map at `depth` in the text being written, which says where it was cut: as
   * deep as that, and within the same objects.
   */
  keyText(key: unknown, depth: number): string {
    const { ancestors } = lineBuffer;
    const outer = lineBuffer.begin(this.#limits.lineBytes) as OuterText;
    lineBuffer.ancestors = ancestors;
    try {
      this.value(key, depth + 1, this.#textOpening);
      outer.truncated ||= lineBuffer.truncated;
      const { whole } = lineBuffer;
      return whole.startsWith('"') ? JSON.parse(whole) : whole;
    } finally {
      lineBuffer.resume(outer);
    }
  }

  /** Writes the value of the field `key`: what hides it, when the key says so. Says no when nothing is written. */
  field(key: KnownKey, value: unknown): boolean {
    return key.standIn === undefined
      ? this.value(value, 1, key.opening)
      : this.#standIns.hidden(key.standIn, value);
  }

  /**
   * Writes the own enumerable properties of `object`, as a JSON object; with `rename`, as the rest of a line whose head
   * stands before: no braces, and a comma first.
   */
  members(object: object, depth: number, inherits: boolean, opening: KeyPosition, rename?: Rename): void {
    const { items } = this.#limits;
    const first = lineBuffer.position;
    // Where the last member ends that stays.
    let end = first;
    let started = rename !== undefined;
    let count = 0;
    let spelling = 0;
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
          lineBuffer.position = first;
          this.#toJson(object, depth, opening);
          return;
        }
        if (count === items) {
          lineBuffer.truncated = true;
          break;
        }
        count++;
        let key = before.follower;
        if (key === undefined || key.name !== name) {
          key = this.keys.get(name);
          if (key.kept) before.follower = key;
        }
        before = key;
        let standIn: ((value: unknown) => unknown) | undefined;
        if (key.unusual) {
          if (name.length > KEY_MAX_LENGTH) lineBuffer.truncated = true;
          if (key.rewritten) {
            spelling = nextSpelling(key.shown, spelling, object, items);
            // A proxy may claim to have them all.
            if (spelling > items) {
              lineBuffer.truncated = true;
              break;
            }
          }
          const chosen = this.#keyFor(key, spelling, value, object, rename);
          if (chosen === undefined) continue;
          key = chosen;
          standIn = (key.isNamed ? this.#standIns.beside(object, name) : undefined) ?? key.standIn;
        }
        lineBuffer.put(key.before);
        if (!started) lineBuffer.replace(end, OPEN_BRACE);
        let written = true;
        if (standIn !== undefined) written = this.#standIns.hidden(standIn, value);
        else if (typeof value === "string") this.texts.under(key, value);
        else written = this.value(value, depth + 1, key.opening);
        if (!written) {
          lineBuffer.position = end;
          continue;
        }
        if (lineBuffer.over(depth)) {
          lineBuffer.backTo(end);
          break;
        }
        end = lineBuffer.position;
        started = true;
      }
    } catch (error) {
      if (!started) {
        lineBuffer.position = first;
        this.texts.string(thrownText(error));
        return;
      }
      // A proxy that does not tell its keys: what was read of it stays.
      lineBuffer.position = end;
      lineBuffer.text(',"[Throws]":');
      this.texts.string(thrownText(error));
      if (lineBuffer.over(depth)) lineBuffer.backTo(end);
    }
    if (rename !== undefined) return;
    if (!started) lineBuffer.byte(OPEN_BRACE);
    lineBuffer.byte(CLOSE_BRACE);
  }

  // As which key a member is written; undefined when it is left out.
  #keyFor(
    key: KnownKey,
    spelling: number,
    value: unknown,
    object: object,
    rename: Rename | undefined,
  ): KnownKey | undefined {
    const chosen = key.rewritten && spelling > 1 ? this.keys.spelledAs(key, spelling) : key;
    return rename !== undefined && (key.rewritten || key.shared) ? rename(chosen, value, object) : chosen;
  }

  #object(object: object, depth: number, opening: KeyPosition): boolean {
    if (depth > this.#limits.depth) {
      lineBuffer.truncated = true;
      lineBuffer.text(CUT);
      return true;
    }
    const { ancestors, position } = lineBuffer;
    for (let index = depth - 1; index >= 0; index--) {
      if (ancestors[index] !== object) continue;
      lineBuffer.text(CIRCULAR);
      return true;
    }
    ancestors[depth] = object;
    try {
      const prototype: unknown = Object.getPrototypeOf(object);
      if (prototype === Object.prototype || prototype === null) this.members(object, depth, false, opening);
      else if (Array.isArray(object)) this.#array(object, depth, opening);
      else return this.#instance(object, depth, opening);
    } catch (error) {
      lineBuffer.position = position;
      this.texts.string(thrownText(error));
    } finally {
      ancestors[depth] = undefined;
    }
    return true;
  }

  #instance(object: object, depth: number, opening: KeyPosition): boolean {
    if (PersonalValue.is(object)) return this.#standIns.personal(object);
    const { items, stringLength } = this.#limits;
    const shown = plainView(object, items, stringLength + CUT_MARGIN, (key) => this.keyText(key, depth));
    if (shown !== object) return this.#shown(shown, depth, opening);
    if (typeof (object as { toJSON?: unknown }).toJSON === "function") this.#toJson(object, depth, opening);
    else this.members(object, depth, true, opening);
    return true;
  }

  #array(array: readonly unknown[], depth: number, opening: KeyPosition): void {
    const length = Math.min(array.length, this.#limits.items);
    lineBuffer.byte(OPEN_BRACKET);
    // Only behind a text may an item be named.
    let before: unknown;
    for (let index = 0; index < length; index++) {
      let value: unknown;
      try {
        value = array[index];
      } catch (error) {
        value = thrownText(error);
      }
      const start = lineBuffer.position;
      if (index > 0) lineBuffer.byte(COMMA);
      const written =
        typeof before === "string" && this.#redactor !== undefined
          ? this.#namedItem(array, index, before, value, depth, opening)
          : this.value(value, depth + 1, opening);
      before = value;
      if (!written) lineBuffer.text("null");
      if (lineBuffer.over(depth)) {
        lineBuffer.backTo(start);
        break;
      }
    }
    if (array.length > length) lineBuffer.truncated = true;
    lineBuffer.byte(CLOSE_BRACKET);
  }

  // An item that the name or the words in front of it may say to be a secret.
  #namedItem(
    array: readonly unknown[],
    index: number,
    before: string,
    value: unknown,
    depth: number,
    opening: KeyPosition,
  ): boolean {
    try {
      const redactor = this.#redactor as SerialiserRedactor;
      const isThere = value !== undefined && value !== null;
      if (!isThere || !redactor.sensitiveItem(array, index, before, value))
        return this.value(value, depth + 1, opening);
      // What is removed leaves its place.
      return this.#standIns.write(redactor.standIn(before, value) ?? "");
    } catch {
      // What throws when it is read is no name.
      return this.value(value, depth + 1, opening);
    }
  }

  #shown(shown: unknown, depth: number, opening: KeyPosition): boolean {
    if (typeof shown !== "object" || shown === null) return this.value(shown, depth, opening);
    if (Array.isArray(shown)) this.#array(shown, depth, opening);
    else this.members(shown, depth, true, opening);
    return true;
  }

  #toJson(object: object, depth: number, opening: KeyPosition): void {
    const shown = (object as { toJSON(key: string): unknown }).toJSON("");
    if (shown === object) this.members(object, depth, true, opening);
    else if (!this.value(shown, depth + 1, opening)) lineBuffer.text("null");
  }
}
