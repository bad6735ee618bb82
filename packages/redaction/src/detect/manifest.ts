import type { Detector, Span } from "./detector.ts";

const LINES_MAX = 256;
const LINE_MAX = 16_384;
const KIND = /^kind: {1,4}["']?Secret["']?\s{0,4}(?=[\r\n\\]|$)/;
const BREAK = /^(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)/;
const MEMBER = /^[ \t]{1,16}["']?[\w.-]{1,253}["']?: {1,4}["']?(?=[^\s"'|>])/;

/** What a manifest of Kubernetes holds whose kind says that it is a secret: all values of its `data` and `stringData`. */
export function manifest(isReplaced: (text: string, index: number) => boolean): Detector {
  return {
    triggers: [["n", "d", ":", " "]],
    find(text, index) {
      const kind = KIND.exec(text.slice(index - 5, index + 24))?.[0].length;
      if (kind === undefined || index < 5) return undefined;
      const spans: Span[] = [];
      let isData = false;
      let at = index - 5 + kind;
      for (let line = 0; line < LINES_MAX; line++) {
        const wrap = BREAK.exec(text.slice(at, at + 20))?.[0].length;
        if (wrap === undefined) break;
        const start = at + wrap;
        at = lineEnd(text, start);
        const near = text.slice(start, Math.min(at, start + 300));
        if (near.startsWith("---") || near.startsWith("kind:")) break;
        if (/^\S/.test(near)) isData = /^(?:data|stringData):\s{0,4}$/.test(near);
        const member = isData ? MEMBER.exec(near)?.[0].length : undefined;
        if (member === undefined) continue;
        const from = start + member;
        const end = /["']/.test(text[from - 1]!) && text[at - 1] === text[from - 1] ? at - 1 : at;
        if (end > from && !isReplaced(text, from))
          spans.push({ start: from, end, kind: "secret", isAhead: true });
      }
      const [first, ...rest] = spans;
      return first && { ...first, rest };
    },
  };
}

// The line's end, or that of the text of JSON in which its breaks are escaped.
function lineEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < LINE_MAX && text[end] !== "\n" && text[end] !== "\r") {
    if (text[end] === "\\" && /^\\{1,8}(?:n|r\\{1,8}n)/.test(text.slice(end, end + 18))) break;
    if (text[end] === '"' && text[end - 1] !== " " && /^"[},\]]/.test(text.slice(end, end + 2))) break;
    end++;
  }
  return end;
}
