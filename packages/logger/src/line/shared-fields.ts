import type { EncodedText, SharedText } from "./encoded-text.ts";
import { lineBuffer } from "./line-buffer.ts";
import type { ValueWriter } from "./value-writer.ts";

/**
 * Fields that many lines share (a child logger's, a context's), turned into JSON once: each key, as it is
 * written, with its `,"key":value`.
 */
export interface SharedFields extends SharedText {
  readonly members: ReadonlyMap<string, string>;
  /** Whether a bound was hit. */
  readonly truncated: boolean;
}

export const NO_FIELDS: SharedFields = { text: "", encoded: undefined, members: new Map(), truncated: false };

// A child's or context's fields go on every line: they may take a quarter of one.
const SHARE_OF_LINE = 4;
// What several of them may take together.
const MERGED_SHARE_OF_LINE = 2;
// A UTF-16 code unit takes at most three bytes.
const CODE_UNIT_BYTES_MAX = 3;

/** Turns `fields` into shared text. Never throws: fields that cannot be read are left out. */
export function sharedFieldsOf(
  valueWriter: ValueWriter,
  fields: object,
  lineBytes: number,
  reserved: ReadonlySet<string>,
): SharedFields {
  const members = new Map<string, string>();
  let truncated = false;
  let count = 0;
  let encoded: EncodedText | undefined;
  const outer = lineBuffer.begin(lineBytes / SHARE_OF_LINE);
  try {
    for (const name of Object.keys(fields)) {
      const value = read(fields, name);
      const key = reserved.has(name) ? valueWriter.keys.share(`_${name}`) : valueWriter.keys.share(name);
      if (key === undefined) {
        lineBuffer.truncated = true;
        break;
      }
      const start = lineBuffer.position;
      lineBuffer.put(key.before);
      // Most values are texts that stay as they are, and a string of these costs less than one of bytes.
      const plain = typeof value === "string" && key.standIn === undefined;
      const same = plain && valueWriter.texts.string(value);
      const written = plain || valueWriter.field(key, value);
      if (lineBuffer.over(0)) {
        lineBuffer.backTo(start);
        break;
      }
      if (!written) {
        lineBuffer.position = start;
        continue;
      }
      members.set(key.shown, same ? `${key.text}"${value}"` : lineBuffer.textFrom(start));
      count++;
    }
    // Where two keys have become one, the later counts, and the bytes hold both.
    if (count === members.size) encoded = lineBuffer.encodedFrom(lineBuffer.start);
  } catch {
    // A revoked proxy has no keys to tell.
  } finally {
    truncated = lineBuffer.truncated;
    if (outer === undefined) lineBuffer.open = false;
    else lineBuffer.resume(outer);
  }
  return joined(members, truncated, encoded);
}

/** `over` on top of `under`: of a key in both, the one of `over` counts. */
export function merged(under: SharedFields, over: SharedFields, lineBytes: number): SharedFields {
  if (under === NO_FIELDS) return over;
  if (over === NO_FIELDS) return under;
  const members = new Map(under.members);
  for (const [key, member] of over.members) members.set(key, member);
  const maxBytes = lineBytes / MERGED_SHARE_OF_LINE;
  const fits = CODE_UNIT_BYTES_MAX * (under.text.length + over.text.length) <= maxBytes;
  const cut = !fits && cutMembers(members, maxBytes);
  return joined(members, cut || under.truncated || over.truncated);
}

// Says whether something did not fit.
function cutMembers(members: Map<string, string>, maxBytes: number): boolean {
  const { size } = members;
  let room = maxBytes;
  for (const [key, member] of members) {
    const bytes = Buffer.byteLength(member);
    if (bytes > room) members.delete(key);
    else room -= bytes;
  }
  return members.size < size;
}

/** The text of `sharedFields` without the keys that a line sets itself. */
export function textWithout(sharedFields: SharedFields, keys: readonly string[]): string {
  let text = "";
  for (const [key, member] of sharedFields.members) if (!keys.includes(key)) text += member;
  return text;
}

function joined(
  members: ReadonlyMap<string, string>,
  truncated: boolean,
  encoded?: EncodedText,
): SharedFields {
  if (members.size === 0 && !truncated) return NO_FIELDS;
  let text = "";
  for (const member of members.values()) text += member;
  return { text, encoded, members, truncated };
}

function read(fields: object, name: string): unknown {
  try {
    return (fields as Record<string, unknown>)[name];
  } catch {
    return "[Throws]";
  }
}
