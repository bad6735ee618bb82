import { draft, type SharedText, type Snippet } from "./line-buffer.ts";
import type { Serialiser } from "./value-writer.ts";

/**
 * Fields that many lines share (a child logger's, a context's), turned into JSON once: each key, as it is
 * written, with its `,"key":value`.
 */
export interface Fragment extends SharedText {
  readonly members: ReadonlyMap<string, string>;
  /** Whether a bound was hit. */
  readonly truncated: boolean;
}

export const EMPTY: Fragment = { text: "", snippet: undefined, members: new Map(), truncated: false };

// A child's or context's fields go on every line: they may take a quarter of one.
const SHARE_OF_LINE = 4;
// What several of them may take together.
const MERGED_SHARE_OF_LINE = 2;
// A UTF-16 code unit takes at most three bytes.
const CODE_UNIT_BYTES_MAX = 3;

/** Turns `fields` into a fragment. Never throws: fields that cannot be read are left out. */
export function fragmentOf(
  serialiser: Serialiser,
  fields: object,
  lineBytes: number,
  reserved: ReadonlySet<string>,
): Fragment {
  const members = new Map<string, string>();
  let truncated = false;
  let count = 0;
  let snippet: Snippet | undefined;
  draft.begin(lineBytes / SHARE_OF_LINE);
  try {
    for (const name of Object.keys(fields)) {
      const value = read(fields, name);
      const key = reserved.has(name) ? serialiser.keys.share(`_${name}`) : serialiser.keys.share(name);
      if (key === undefined) {
        draft.truncated = true;
        break;
      }
      const start = draft.position;
      draft.put(key.before);
      // Most values are texts that stay as they are, and a string of these costs less than one of bytes.
      const plain = typeof value === "string" && key.standIn === undefined;
      const same = plain && serialiser.texts.string(value);
      const written = plain || serialiser.field(key, value);
      if (draft.over(0)) {
        draft.backTo(start);
        break;
      }
      if (!written) {
        draft.position = start;
        continue;
      }
      members.set(key.shown, same ? `${key.text}"${value}"` : draft.textFrom(start));
      count++;
    }
    // Where two keys have become one, the later counts, and the bytes hold both.
    if (count === members.size) snippet = draft.snippetFrom(draft.start);
  } catch {
    // A revoked proxy has no keys to tell.
  } finally {
    truncated = draft.truncated;
    draft.end();
  }
  return fragmentFrom(members, truncated, snippet);
}

/** `over` on top of `under`: of a key in both, the one of `over` counts. */
export function merged(under: Fragment, over: Fragment, lineBytes: number): Fragment {
  if (under === EMPTY) return over;
  if (over === EMPTY) return under;
  const members = new Map([...under.members, ...over.members]);
  const maxBytes = lineBytes / MERGED_SHARE_OF_LINE;
  const fits = CODE_UNIT_BYTES_MAX * (under.text.length + over.text.length) <= maxBytes;
  const cut = !fits && cutMembers(members, maxBytes);
  return fragmentFrom(members, cut || under.truncated || over.truncated);
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

/** The text of `fragment` without the keys that a line sets itself. */
export function textWithout(fragment: Fragment, keys: readonly string[]): string {
  let text = "";
  for (const [key, member] of fragment.members) if (!keys.includes(key)) text += member;
  return text;
}

function fragmentFrom(members: ReadonlyMap<string, string>, truncated: boolean, snippet?: Snippet): Fragment {
  if (members.size === 0 && !truncated) return EMPTY;
  let text = "";
  for (const member of members.values()) text += member;
  return { text, snippet, members, truncated };
}

function read(fields: object, name: string): unknown {
  try {
    return (fields as Record<string, unknown>)[name];
  } catch {
    return "[Throws]";
  }
}
