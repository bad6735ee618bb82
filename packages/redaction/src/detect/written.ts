import { ALNUM, DASH, DOT, isAt } from "./chars.ts";
import { type Detector, type Span, spansOf } from "./detector.ts";
import { isRandomWord } from "./random-word.ts";

const LINE_MAX = 320;
const HOST_MAX = 128;
const PGPASS = /^:(?:\d{4,5}|\*):[^:\s"'\\]{1,64}:[^:\s"'\\]{1,64}:([^\s"'`\\]{1,128})/;
const VALUE = /^[^\s"'`\\]{1,256}/;
// What a server of mail asks for, in Base64, and the line that answers.
const ASKED = /^\s{0,2}(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)(?:[A-Z]{1,8}: |-{0,4}>{1,3} |\d{1,3} )?/;
const PASS_ALONE = /(?:^|[\n"']|: )PASS $/;

/** Credentials that the form of their line tells: a line of `.pgpass`, the answer to `334 UGFzc3dvcmQ6`, `PASS x1` of FTP. */
export function written(isReplaced: (text: string, index: number) => boolean): Detector {
  const spanOf = spansOf(isReplaced, { kind: "secret", isAhead: true });

  return {
    triggers: [
      [":", "5", "4", "3"],
      [":", "*", ":"],
      ["c", "m", "Q", "6"],
      ["h", "b", "W", "U"],
      ["P", "A", "S", "S"],
    ],
    find(text, index) {
      if (text[index] === "6")
        return text.startsWith("UGFzc3dvcmQ6", index - 11) ? answered(text, index + 1) : undefined;
      if (text[index] === "U")
        return text.startsWith("VXNlcm5hbWU6", index - 10) ? answered(text, index + 2) : undefined;
      if (text[index] === "S") return alone(text, index + 2);
      return line(text, index);
    },
  };

  function line(text: string, index: number): Span | undefined {
    const colon = text[index] === ":" ? index - 2 : index - 3;
    let start = colon;
    while (start > 0 && colon - start < HOST_MAX && isHost(text, start - 1)) start--;
    const before = text[start - 1];
    if (start === colon || (before !== undefined && !/[\s"'`]/.test(before) && !isBreak(text, start)))
      return undefined;
    const found = PGPASS.exec(text.slice(colon, colon + LINE_MAX));
    if (found === null) return undefined;
    const end = colon + found[0].length;
    return spanOf(text, end - found[1]!.length, end);
  }

  function answered(text: string, from: number): Span | undefined {
    const gap = ASKED.exec(text.slice(from, from + 40))?.[0].length;
    if (gap === undefined) return undefined;
    const value = /^[\w+/]{4,256}={0,2}/.exec(text.slice(from + gap, from + gap + 260))?.[0] ?? "";
    return spanOf(text, from + gap, from + gap + value.length);
  }

  function alone(text: string, start: number): Span | undefined {
    if (text[start - 1] !== " " || !PASS_ALONE.test(text.slice(Math.max(0, start - 7), start)))
      return undefined;
    const value = VALUE.exec(text.slice(start, start + 257))?.[0] ?? "";
    const behind = text.slice(start + value.length, start + value.length + 1);
    if (behind === " " || /[./(]/.test(value) || !isRandomWord(value, 5)) return undefined;
    return spanOf(text, start, start + value.length);
  }
}

const isHost = (text: string, index: number): boolean =>
  isAt(text, index, ALNUM | DASH | DOT) || text[index] === "*";

// Behind an escaped line break, whose letter is no part of the host.
const isBreak = (text: string, start: number): boolean => text[start - 1] === "\\";
