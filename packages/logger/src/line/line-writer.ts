import { reportFault } from "@whodunit/core";
import { type EncodedText, encode } from "./encoded-text.ts";
import { isError, thrownText } from "./error-fields.ts";
import type { EventName } from "./event-name.ts";
import type { ResolvedNames } from "./field-names.ts";
import { KEY_MAX_LENGTH, type KeyPosition, type KnownKey } from "./key-cache.ts";
import type { Level } from "./level.ts";
import type { ResolvedLimits } from "./limits.ts";
import { type LineBuffer, lineBuffer } from "./line-buffer.ts";
import { putTime } from "./line-time.ts";
import { plainView } from "./object-view.ts";
import { merged, NO_FIELDS, type SharedFields, sharedFieldsOf, textWithout } from "./shared-fields.ts";
import { CUT_MARGIN } from "./text-writer.ts";
import { TraceIds } from "./trace-ids.ts";
import type { ValueWriter } from "./value-writer.ts";

// For what follows the fields: `recorded` or `repeats`, `truncated`, the end.
const TAIL_ROOM = 64;
// A character is escaped with at most six bytes.
const ESCAPED_MAX = 6;

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
export class LineWriter {
  /** Where {@link compose} has written a line. */
  readonly buffer: LineBuffer = lineBuffer;
  readonly #valueWriter: ValueWriter;
  readonly #limits: ResolvedLimits;
  readonly #opening: KeyPosition = { follower: undefined };
  readonly #names: ResolvedNames;
  readonly #head: Readonly<Record<Level, EncodedText>>;
  readonly #reserved: ReadonlySet<string>;
  readonly #ids: TraceIds;
  #writing = false;
  // Of the line being written:
  #shared: SharedFields = NO_FIELDS;
  #overridden: string[] | undefined;
  #freeText = false;

  constructor(valueWriter: ValueWriter, limits: ResolvedLimits, names: ResolvedNames) {
    this.#valueWriter = valueWriter;
    this.#limits = limits;
    this.#names = names;
    const headOf = (level: Level): EncodedText =>
      encode(`{"${names.level}":"${names.levels[level]}","${names.time}":"`);
    this.#head = { debug: headOf("debug"), error: headOf("error") };
    this.#reserved = new Set(names.reserved);
    this.#ids = new TraceIds(names);
  }

  /** The fields of a child logger or a context, as text. */
  sharedFields(fields: object): SharedFields {
    return sharedFieldsOf(this.#valueWriter, fields, this.#limits.lineBytes, this.#reserved);
  }

  /** `over` on top of `under`. */
  merged(under: SharedFields, over: SharedFields): SharedFields {
    return merged(under, over, this.#limits.lineBytes);
  }

  /** A value as redacted JSON text, for text that quotes it. Never throws. */
  valueText(value: unknown): string {
    return this.#valueWriter.text(value);
  }

  /**
   * Writes a line, with its line feed: into the {@link buffer}, where it stands until the next one is written, or as
   * text, where another line is being written there. Never throws.
   *
   * @param shared the fields of the child logger and of the context, joined
   */
  compose(
    level: Level,
    event: EventName,
    shared: SharedFields,
    fields: unknown,
    extras?: LineExtras,
  ): string | undefined {
    if (this.#writing) return this.#composeWithin(level, event, shared, extras);
    this.#writing = true;
    try {
      return this.#line(level, event, shared, fields, extras);
    } catch (error) {
      reportFault("WHODUNIT_LOG_LINE", error);
      const time = new Date().toISOString();
      const names = this.#names;
      return `{"${names.level}":"${names.levels[level]}","${names.time}":"${time}","${names.msg}":"${event.name}","truncated":true}\n`;
    } finally {
      this.#writing = false;
    }
  }

  /** The same line as text. */
  render(level: Level, event: EventName, shared: SharedFields, fields: unknown, extras?: LineExtras): string {
    return this.compose(level, event, shared, fields, extras) ?? this.buffer.whole;
  }

  // A getter or `toJSON` of the caller's logs while its line is being written. What it logs has no fields of
  // its own: they could lead back to where we are.
  #composeWithin(
    level: Level,
    event: EventName,
    within: SharedFields,
    extras: LineExtras | undefined,
  ): string | undefined {
    const shared = this.#shared;
    const overridden = this.#overridden;
    const freeText = this.#freeText;
    try {
      return this.#line(level, event, within, undefined, extras);
    } finally {
      this.#shared = shared;
      this.#overridden = overridden;
      this.#freeText = freeText;
    }
  }

  #line(
    level: Level,
    event: EventName,
    shared: SharedFields,
    fields: unknown,
    extras: LineExtras | undefined,
  ): string | undefined {
    const outer = lineBuffer.begin(this.#limits.lineBytes - TAIL_ROOM);
    try {
      lineBuffer.truncated = shared.truncated || this.#valueWriter.textCut;
      this.#valueWriter.textCut = false;
      lineBuffer.put(this.#head[level]);
      putTime();
      lineBuffer.put(event.text);
      const sharedFrom = lineBuffer.position;
      if (shared !== NO_FIELDS) lineBuffer.shared(shared);
      const sharedTo = lineBuffer.position;
      lineBuffer.shared(this.#ids.now());
      this.#shared = shared;
      this.#overridden = undefined;
      this.#freeText = extras?.text !== undefined;
      if (extras?.text !== undefined) this.#text(extras.text);
      if (fields !== undefined) this.#body(fields);
      if (extras !== undefined) lineBuffer.text(markOf(extras));
      lineBuffer.text(lineBuffer.truncated ? ',"truncated":true}\n' : "}\n");
      if (this.#overridden === undefined) return outer === undefined ? undefined : lineBuffer.whole;
      const kept = textWithout(shared, this.#overridden);
      return lineBuffer.textFrom(lineBuffer.start, sharedFrom) + kept + lineBuffer.textFrom(sharedTo);
    } finally {
      if (outer === undefined) lineBuffer.open = false;
      else lineBuffer.resume(outer);
    }
  }

  #text(text: string): void {
    if (this.#shared.members.has("text")) this.#overridden = ["text"];
    const start = lineBuffer.position;
    lineBuffer.text(',"text":');
    this.#valueWriter.texts.string(text);
    if (!lineBuffer.over(0)) return;
    lineBuffer.backTo(start);
    const room = Math.floor((lineBuffer.limit - start) / ESCAPED_MAX);
    lineBuffer.text(',"text":');
    this.#valueWriter.texts.string(text, Math.max(0, room - ESCAPED_MAX));
  }

  #body(fields: unknown): void {
    try {
      if (typeof fields === "object" && fields !== null && isPlain(fields)) {
        this.#valueWriter.members(fields, 0, false, this.#opening, this.#rename);
      } else {
        this.#valueWriter.members(this.#shownFields(fields), 0, true, this.#opening, this.#rename);
      }
    } catch (error) {
      // A proxy that does not even tell its prototype.
      this.#valueWriter.members({ value: thrownText(error) }, 0, false, this.#opening, this.#rename);
    }
  }

  // Fields are an object; whatever else a caller gives is shown under the key that fits best.
  #shownFields(fields: unknown): object {
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return { value: fields };
    if (isError(fields)) return { err: fields };
    const { items, stringLength } = this.#limits;
    const shown = plainView(fields, items, stringLength + CUT_MARGIN, (key) =>
      this.#valueWriter.keyText(key, 0),
    );
    const own = shown === fields ? jsonOf(fields) : shown;
    return typeof own === "object" && own !== null && !Array.isArray(own) ? own : { value: own };
  }

  // A field may replace a context's or child's of the same name, and never a reserved one.
  readonly #rename = (key: KnownKey, value: unknown, fields: object): KnownKey | undefined => {
    // An instrumentation puts the active span's ids into pino's lines too: once is enough.
    if (typeof value === "string" && this.#ids.has(key.name, value)) return undefined;
    if (this.#reserved.has(key.name) || (this.#freeText && key.name === "text")) {
      let name = `_${key.name}`;
      while (Object.hasOwn(fields, name)) {
        // A proxy may claim to have them all.
        if (name.length > KEY_MAX_LENGTH) return undefined;
        name = `_${name}`;
      }
      const renamed = this.#valueWriter.keys.get(name);
      return renamed.shared ? this.#overriding(renamed) : renamed;
    }
    return this.#overriding(key);
  };

  #overriding(key: KnownKey): KnownKey {
    if (this.#shared.members.has(key.shown)) {
      this.#overridden ??= [];
      this.#overridden.push(key.shown);
    }
    return key;
  }
}

// A date, a URL, a document of a database: their own properties say nothing.
function jsonOf(object: object): unknown {
  try {
    const { toJSON } = object as { toJSON?: unknown };
    return typeof toJSON === "function" ? toJSON.call(object, "") : object;
  } catch {
    // The caller's threw: what its own properties say is left.
    return object;
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
