import { reportFault } from "@whodunit/core";
import { timeText } from "./clock.ts";
import { currentContext } from "./context.ts";
import { isError, thrownText } from "./error-fields.ts";
import { EMPTY, type Fragment, fragmentOf, textWithout } from "./fragment.ts";
import { type Key, RESERVED_KEYS } from "./key.ts";
import type { Level } from "./level.ts";
import type { ResolvedLimits } from "./limits.ts";
import type { EventName } from "./scope.ts";
import type { Serialiser } from "./serialiser.ts";
import { shownInstead } from "./special.ts";
import { traceIdsText } from "./trace-ids.ts";

const HEAD: Readonly<Record<Level, string>> = {
  debug: '{"level":"debug","time":"',
  error: '{"level":"error","time":"',
};
const IDS = new Set(["trace_id", "span_id"]);
const RESERVED = new Set(RESERVED_KEYS);

/** What a line holds beside its name and fields. */
export interface LineExtras {
  /** Free text of a caller that gave no name. */
  readonly text?: string;
  /** Whether the line waits in a flight recording. */
  readonly recorded?: boolean;
  /** How many occurrences the line stands for, where that is not one. */
  readonly repeats?: number;
}

/**
 * Puts a line together: `level`, `time`, `msg`, `service`, what the context and the child logger bring, the
 * active span's ids, then the caller's fields. Always one line of valid JSON, with no key twice.
 */
export class Lines {
  readonly #serialiser: Serialiser;
  readonly #limits: ResolvedLimits;
  #writing = false;
  // Of the line being written:
  #shared: Fragment = EMPTY;
  #overridden: string[] | undefined;
  #freeText = false;
  // An object quoted by the text of the next line was over a bound.
  #argumentCut = false;

  constructor(serialiser: Serialiser, limits: ResolvedLimits) {
    this.#serialiser = serialiser;
    this.#limits = limits;
  }

  /** The fields of a child logger or a context, as text. */
  readonly fragment = (fields: object): Fragment => {
    // A getter of the caller's may make a child logger while its line is being written.
    const { left, truncated } = this.#serialiser;
    const fragment = fragmentOf(this.#serialiser, fields, this.#limits.lineBytes, RESERVED);
    this.#serialiser.left = left;
    this.#serialiser.truncated = truncated;
    return fragment;
  };

  /** A value as redacted JSON text, for text that quotes it. Never throws. */
  readonly valueText = (value: unknown): string => {
    this.#serialiser.left = this.#limits.lineBytes;
    this.#serialiser.truncated = false;
    const text = this.#serialiser.value(value, 1) ?? String(undefined);
    this.#argumentCut ||= this.#serialiser.truncated;
    return text;
  };

  /** The line, with its line feed. Never throws. */
  render(level: Level, event: EventName, bindings: Fragment, fields: unknown, extras?: LineExtras): string {
    if (this.#writing) return this.#renderWithin(level, event, bindings, fields, extras);
    this.#writing = true;
    try {
      return this.#line(level, event, bindings, fields, extras);
    } catch (error) {
      reportFault("WHODUNIT_LOG_LINE", error);
      return `${HEAD[level]}${timeText()}${event.text},"truncated":true}\n`;
    } finally {
      this.#writing = false;
      this.#serialiser.ancestors.length = 0;
    }
  }

  // A getter or `toJSON` of the caller's logs while its line is being written. What it logs has no fields of
  // its own: they could lead back to where we are.
  #renderWithin(
    level: Level,
    event: EventName,
    bindings: Fragment,
    _fields: unknown,
    extras?: LineExtras,
  ): string {
    const { left, truncated } = this.#serialiser;
    const shared = this.#shared;
    const overridden = this.#overridden;
    const freeText = this.#freeText;
    try {
      return this.#line(level, event, bindings, undefined, extras);
    } finally {
      this.#serialiser.left = left;
      this.#serialiser.truncated = truncated;
      this.#shared = shared;
      this.#overridden = overridden;
      this.#freeText = freeText;
    }
  }

  #line(level: Level, event: EventName, bindings: Fragment, fields: unknown, extras?: LineExtras): string {
    const serialiser = this.#serialiser;
    const { lineBytes } = this.#limits;
    const context = currentContext();
    const shared =
      context === undefined ? bindings : context.mergedWith(context.fragment(this, this.fragment), bindings);
    const ids = traceIdsText();
    const argumentCut = this.#argumentCut;
    this.#argumentCut = false;
    // Characters are counted on the way and bytes only at the end: a text of many-byte characters or of
    // characters to be escaped is written again with less room.
    for (let room = lineBytes; ; room >>= 2) {
      serialiser.truncated = shared.truncated || argumentCut;
      serialiser.left = room - shared.text.length;
      this.#shared = shared;
      this.#freeText = extras?.text !== undefined;
      this.#overridden = this.#freeText && shared.members.has("text") ? ["text"] : undefined;
      const text = extras?.text === undefined ? "" : `,"text":"${serialiser.string(extras.text)}"`;
      const body = fields === undefined || room === 0 ? "" : this.#body(fields);
      const before = this.#overridden === undefined ? shared.text : textWithout(shared, this.#overridden);
      const mark = extras === undefined ? "" : markOf(extras);
      const end = serialiser.truncated || room < lineBytes ? ',"truncated":true}\n' : "}\n";
      const line = HEAD[level] + timeText() + event.text + before + ids + text + body + mark + end;
      if (line.length * 3 <= lineBytes || room === 0 || Buffer.byteLength(line) <= lineBytes) return line;
    }
  }

  #body(fields: unknown): string {
    try {
      const shown = this.#fieldsOf(fields);
      return this.#serialiser.members(shown, 0, shown !== fields || !isPlain(shown), this.#rename);
    } catch (error) {
      // A proxy that does not even tell its prototype.
      return this.#serialiser.members({ value: thrownText(error) }, 0, false, this.#rename);
    }
  }

  // Fields are an object; whatever else a caller gives is shown under the key that fits best.
  #fieldsOf(fields: unknown): object {
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return { value: fields };
    if (isPlain(fields)) return fields;
    if (isError(fields)) return { err: fields };
    const shown = shownInstead(fields, this.#limits.items, this.#limits.stringLength);
    return typeof shown === "object" && shown !== null && !Array.isArray(shown) ? shown : { value: shown };
  }

  // A field may replace a context's or child's of the same name, and never a reserved one.
  readonly #rename = (key: Key, value: unknown, fields: object): Key | undefined => {
    // An instrumentation puts the active span's ids into pino's lines too: once is enough.
    if (IDS.has(key.key) && traceIdsText().includes(`"${key.key}":"${value}"`)) return undefined;
    if (RESERVED.has(key.key) || (this.#freeText && key.key === "text")) {
      let name = `_${key.key}`;
      while (Object.hasOwn(fields, name)) name = `_${name}`;
      const renamed = this.#serialiser.keys.get(name);
      return renamed.shared ? this.#overriding(renamed) : renamed;
    }
    return this.#overriding(key);
  };

  #overriding(key: Key): Key {
    if (this.#shared.members.has(key.shown)) {
      this.#overridden ??= [];
      this.#overridden.push(key.shown);
    }
    return key;
  }
}

function markOf({ recorded, repeats }: LineExtras): string {
  if (recorded === true) return ',"recorded":true';
  return repeats === undefined ? "" : `,"repeats":${repeats}`;
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}
