import { flat } from "./flat.ts";
import type { Serialiser } from "./serialiser.ts";

/**
 * Fields that many lines share (a child logger's, a context's), turned into JSON once: each key, as it is
 * written, with its `,"key":value`.
 */
export interface Fragment {
  readonly text: string;
  readonly members: ReadonlyMap<string, string>;
}

export const EMPTY: Fragment = { text: "", members: new Map() };

// A child's or context's fields go on every line: they may take a quarter of one.
const SHARE_OF_LINE = 4;

/** Turns `fields` into a fragment. Never throws: fields that cannot be read are left out. */
export function fragmentOf(
  serialiser: Serialiser,
  fields: object,
  lineBytes: number,
  reserved: ReadonlySet<string>,
): Fragment {
  const members = new Map<string, string>();
  serialiser.left = lineBytes / SHARE_OF_LINE;
  try {
    for (const name of Object.keys(fields)) {
      const value = read(fields, name);
      const key = reserved.has(name) ? serialiser.keys.share(`_${name}`) : serialiser.keys.share(name);
      if (key === undefined) break;
      const json = serialiser.field(key, value);
      serialiser.left -= key.cost;
      if (json !== undefined && serialiser.left >= 0) members.set(key.shown, key.next + json);
    }
  } catch {
    // A revoked proxy has no keys to tell.
  }
  return fragmentFrom(members);
}

/** `over` on top of `under`: of a key in both, the one of `over` counts. */
export function merged(under: Fragment, over: Fragment): Fragment {
  if (under.members.size === 0) return over;
  if (over.members.size === 0) return under;
  return fragmentFrom(new Map([...under.members, ...over.members]));
}

/** The text of `fragment` without the keys that a line sets itself. */
export function textWithout(fragment: Fragment, keys: readonly string[]): string {
  let text = "";
  for (const [key, member] of fragment.members) if (!keys.includes(key)) text += member;
  return text;
}

function fragmentFrom(members: ReadonlyMap<string, string>): Fragment {
  return { text: flat([...members.values()].join("")), members };
}

function read(fields: object, name: string): unknown {
  try {
    return (fields as Record<string, unknown>)[name];
  } catch {
    return "[Throws]";
  }
}
