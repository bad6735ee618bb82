import { reportFault } from "@whodunit/core";
import { currentContext } from "../context.ts";
import type { Level } from "../gates/levels.ts";
import type { EventName } from "../gates/scope.ts";
import type { Sink } from "../sink/sink.ts";
import { isError, thrownText } from "./error-fields.ts";
import { KEY_MAX_LENGTH, type Key, type Place, RESERVED_KEYS } from "./key-cache.ts";
import type { ResolvedLimits } from "./limits.ts";
import { draft, type Snippet, snippetOf } from "./line-buffer.ts";
import { putTime } from "./line-time.ts";
import { shownInstead } from "./object-view.ts";
import { EMPTY, type Fragment, fragmentOf, merged, textWithout } from "./shared-fields.ts";
import { CUT_MARGIN } from "./text-writer.ts";
import { traceIds } from "./trace-ids.ts";
import type { Serialiser } from "./value-writer.ts";

const HEAD: Readonly<Record<Level, Snippet>> = {
  debug: snippetOf('{"level":"debug","time":"'),
  error: snippetOf('{"level":"error","time":"'),
};
// For what follows the fields: `recorded` or `repeats`, `truncated`, the end.
const TAIL_ROOM = 64;
// A character is escaped with at most six bytes.
const ESCAPED_MAX = 6;
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
  readonly #opening: Place = { follower: undefined };
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
  fragment(fields: object): Fragment {
    return fragmentOf(this.#serialiser, fields, this.#limits.lineBytes, RESERVED);
  }

  /** `over` on top of `under`. */
  merged(under: Fragment, over: Fragment): Fragment {
    return merged(under, over, this.#limits.lineBytes);
  }

  /** A value as redacted JSON text, for text that quotes it. Never throws. */
  readonly valueText = (value: unknown): string => {
    draft.begin(this.#limits.lineBytes);
    try {
      const written = this.#serialiser.value(value, 1, this.#opening);
      this.#argumentCut ||= draft.truncated;
      return written ? draft.whole : String(undefined);
    } finally {
      draft.end();
    }
  };

  /** The line, with its line feed. Never throws. */
  render(level: Level, event: EventName, bindings: Fragment, fields: unknown, extras?: LineExtras): string {
    return this.#render(undefined, level, event, bindings, fields, extras) as string;
  }

  /** Hands the line to a sink. Never throws. */
  write(
    sink: Sink,
    level: Level,
    event: EventName,
    bindings: Fragment,
    fields: unknown,
    extras?: LineExtras,
  ): void {
    const line = this.#render(sink, level, event, bindings, fields, extras);
    if (line !== undefined) sink.write(line, level, event.name);
  }

  // Undefined when the sink has taken it as bytes.
  #render(
    sink: Sink | undefined,
    level: Level,
    event: EventName,
    bindings: Fragment,
    fields: unknown,
    extras: LineExtras | undefined,
  ): string | undefined {
    if (this.#writing) return this.#renderWithin(level, event, bindings, extras);
    this.#writing = true;
    try {
      return this.#line(sink, level, event, bindings, fields, extras);
    } catch (error) {
      reportFault("WHODUNIT_LOG_LINE", error);
      const time = new Date().toISOString();
      return `{"level":"${level}","time":"${time}","msg":"${event.name}","truncated":true}\n`;
    } finally {
      this.#writing = false;
    }
  }

  // A getter or `toJSON` of the caller's logs while its line is being written. What it logs has no fields of
  // its own: they could lead back to where we are.
  #renderWithin(
    level: Level,
    event: EventName,
    bindings: Fragment,
    extras: LineExtras | undefined,
  ): string | undefined {
    const shared = this.#shared;
    const overridden = this.#overridden;
    const freeText = this.#freeText;
    try {
      return this.#line(undefined, level, event, bindings, undefined, extras);
    } finally {
      this.#shared = shared;
      this.#overridden = overridden;
      this.#freeText = freeText;
    }
  }

  #line(
    sink: Sink | undefined,
    level: Level,
    event: EventName,
    bindings: Fragment,
    fields: unknown,
    extras: LineExtras | undefined,
  ): string | undefined {
    const context = currentContext();
    const shared = context === undefined ? bindings : context.fragment(this, bindings);
    draft.begin(this.#limits.lineBytes - TAIL_ROOM);
    try {
      draft.truncated = shared.truncated || this.#argumentCut;
      this.#argumentCut = false;
      draft.put(HEAD[level]);
      putTime();
      draft.put(event.text);
      const sharedFrom = draft.position;
      if (shared !== EMPTY) draft.shared(shared);
      const sharedTo = draft.position;
      draft.shared(traceIds());
      this.#shared = shared;
      this.#overridden = undefined;
      this.#freeText = extras?.text !== undefined;
      if (extras?.text !== undefined) this.#text(extras.text);
      if (fields !== undefined) this.#body(fields);
      if (extras !== undefined) draft.text(markOf(extras));
      draft.text(draft.truncated ? ',"truncated":true}\n' : "}\n");
      if (this.#overridden === undefined) {
        if (sink?.writeDraft === undefined) return draft.whole;
        sink.writeDraft(level, event.name);
        return undefined;
      }
      const kept = textWithout(shared, this.#overridden);
      return draft.textFrom(draft.start, sharedFrom) + kept + draft.textFrom(sharedTo);
    } finally {
      draft.end();
    }
  }

  #text(text: string): void {
    if (this.#shared.members.has("text")) this.#overridden = ["text"];
    const start = draft.position;
    draft.text(',"text":');
    this.#serialiser.texts.string(text);
    if (!draft.over(0)) return;
    draft.backTo(start);
    const room = Math.floor((draft.limit - start) / ESCAPED_MAX);
    draft.text(',"text":');
    this.#serialiser.texts.string(text, Math.max(0, room - ESCAPED_MAX));
  }

  #body(fields: unknown): void {
    try {
      if (typeof fields === "object" && fields !== null && isPlain(fields)) {
        this.#serialiser.members(fields, 0, false, this.#opening, this.#rename);
      } else {
        this.#serialiser.members(this.#shownFields(fields), 0, true, this.#opening, this.#rename);
      }
    } catch (error) {
      // A proxy that does not even tell its prototype.
      this.#serialiser.members({ value: thrownText(error) }, 0, false, this.#opening, this.#rename);
    }
  }

  // Fields are an object; whatever else a caller gives is shown under the key that fits best.
  #shownFields(fields: unknown): object {
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return { value: fields };
    if (isError(fields)) return { err: fields };
    const shown = shownInstead(fields, this.#limits.items, this.#limits.stringLength + CUT_MARGIN);
    return typeof shown === "object" && shown !== null && !Array.isArray(shown) ? shown : { value: shown };
  }

  // A field may replace a context's or child's of the same name, and never a reserved one.
  readonly #rename = (key: Key, value: unknown, fields: object): Key | undefined => {
    // An instrumentation puts the active span's ids into pino's lines too: once is enough.
    if (typeof value === "string" && IDS.has(key.key) && traceIds().text.includes(`"${key.key}":"${value}"`))
      return undefined;
    if (RESERVED.has(key.key) || (this.#freeText && key.key === "text")) {
      let name = `_${key.key}`;
      while (Object.hasOwn(fields, name)) {
        // A proxy may claim to have them all.
        if (name.length > KEY_MAX_LENGTH) return undefined;
        name = `_${name}`;
      }
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
