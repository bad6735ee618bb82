import type { KeyRules } from "../keys/key-rules.ts";
import type { Detector, Span } from "./detector.ts";
import { keyBefore } from "./key-in-text.ts";

const NUMBER = /^:(-?\d{1,20})(?=;)/;
const TEXT = /^:\d{1,9}:(\\{0,64}")/;
const AHEAD_MAX = 96;
// The class in front of the name of a private or protected property, between characters NUL.
const CLASS = /^.*(?:\0|u0000|x00)/s;

/** What stands behind a sensitive key in PHP's serialised text and its sessions: `s:8:"password";s:1:"x";`, `password|s:1:"x";`. */
export function serialised(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  return {
    triggers: [
      ['"', ";", "si", ":"],
      ["|", "si", ":"],
    ],
    find(text, index): Span | undefined {
      const type = text[index - 1];
      const kind = keys.ofText(keyBefore(text, index - 2).key.replace(CLASS, ""));
      if (kind === undefined) return undefined;
      const ahead = text.slice(index, index + AHEAD_MAX);
      if (type === "i") {
        const number = NUMBER.exec(ahead)?.[1];
        return number === undefined ? undefined : { start: index + 1, end: index + 1 + number.length, kind };
      }
      const open = TEXT.exec(ahead);
      if (open === null) return undefined;
      const start = index + open[0].length;
      // Quotes are not escaped in it.
      const close = text.indexOf(`${open[1]};`, start);
      const end = close === -1 ? text.length : close;
      return end === start || isReplaced(text, start) ? undefined : { start, end, kind };
    },
  };
}
