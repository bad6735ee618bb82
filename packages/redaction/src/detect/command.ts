import { credentialWords, lastCommand } from "../keys/command-arguments.ts";
import type { Detector, Span } from "./detector.ts";

// One piece in quotes and nothing else.
const QUOTED = /^(\\{0,8}["'])[^"']*?(\\{0,8}["'])$/;
const BACK_MAX = 144;
const AHEAD_MAX = 80;
// Of all flags whose value is a credential.
const FLAG_LETTERS = "abcdknopsuwxABEKPUX";
const WORD =
  /(?:\\{0,8}"(?:[^"\\]|\\[^"]){0,96}\\{0,8}"|\\{0,8}'[^']{0,96}'|[^\s"',|;&<>()[\]{}\\]){1,224}|[|;&\n]/g;
const AUTH_PROSE =
  /^(?:required|requires?|failed|failure|fail|error|errors|ok|success|succeeded|successful|is|was|not|command|called|without|with|and|or|for|in|on|to|by|of|from|the|a|an|must|missing|invalid|timeout|denied|state|token|header|method|mechanism|mechanisms|type|mode|enabled|disabled|service|server|module|middleware|request|requests|tls|ssl|<[^>]*>|=|-|:)[.,:!]?$/i;
const REQUIREPASS = /\brequirepass\\{0,8}["']?[ \t,]{1,4}\\{0,8}["']?([^\s"'\\]{1,256})/i;
const MASTERAUTH = /\b(?:master|primary)auth\\{0,8}["']?[ \t,]{1,4}\\{0,8}["']?([^\s"'\\]{1,256})/i;
const MECHANISM = /^(?:plain|login|xoauth2|cram-md5|oauthbearer|external|ntlm|scram-sha-\d+)$/i;

/** Credentials among the words of a command: `curl -u ada:x`, `mysql -px`, `"-p", "x"`, `AUTH x`, `ACL SETUSER a >x`. */
export function command(isReplaced: (text: string, index: number) => boolean): Detector {
  const spanOf = (text: string, start: number, end: number): Span | undefined =>
    end <= start || isReplaced(text, start) || isReplaced(text, start - 1)
      ? undefined
      : { start, end, kind: "secret" };

  return {
    triggers: [
      [" \t", "-"],
      ["'\"", "-"],
      [" \t\n\"'`>:rR", "aA", "uU"],
      ["iI", "rR", "eE", "pP"],
      [" \"'", ">"],
      [" \r\nn", "PL", "AO", "SG"],
    ],
    find(text, index) {
      switch (text[index]) {
        case "-":
          return flagged(text, index);
        case ">":
          return aclRule(text, index);
        case "p":
        case "P":
          return setting(text, index, REQUIREPASS);
        case "u":
        case "U":
          return text[index - 2]?.toLowerCase() === "r"
            ? setting(text, index, MASTERAUTH)
            : authenticated(text, index);
        default:
          return mail(text, index);
      }
    },
  };

  function flagged(text: string, at: number): Span | undefined {
    const letter = text[at + 1] === "-" ? text[at + 2] : text[at + 1];
    if (letter === undefined || !FLAG_LETTERS.includes(letter)) return undefined;
    const from = Math.max(0, at - BACK_MAX);
    const start = lastCommand(text.slice(from, at));
    if (start === -1) return undefined;
    const words = wordsIn(text, from + start, Math.min(text.length, at + AHEAD_MAX));
    const place = words.findIndex(({ end }) => end > at);
    const stop = words.findIndex(isEnd);
    if (place === -1 || (stop !== -1 && stop < place)) return undefined;
    const own = words.slice(0, stop === -1 ? words.length : stop);
    const hidden = credentialWords(
      own.map(({ text }) => text),
      false,
    ).find((index) => index >= place);
    if (hidden === undefined) return undefined;
    const word = own[hidden]!;
    const glued = /^(?:-[a-zA-Z]|\/[a-z]{1,8}:)(?!$)/.exec(word.text)?.[0].length ?? 0;
    return spanOf(text, word.start + glued, wordEnd(text, word));
  }

  // `requirepass x`, `"masterauth" "x"`
  function setting(text: string, index: number, name: RegExp): Span | undefined {
    const from = Math.max(0, index - 16);
    const found = name.exec(text.slice(from, index + 288));
    if (found === null) return undefined;
    const end = from + found.index + found[0].length;
    return spanOf(text, end - found[1]!.length, end);
  }

  // `AUTH x`, `HELLO 3 AUTH ada x`, `"AUTH" "x"`, `AUTH PLAIN x`
  function authenticated(text: string, index: number): Span | undefined {
    const word = text.slice(index - 1, index + 3);
    const behind = text[index + 3];
    if (word.toLowerCase() !== "auth" || behind === undefined || !"\\ \"'".includes(behind)) return undefined;
    // In lower case it is a word of prose, unless a command begins so.
    const front = text.slice(Math.max(0, index - 24), index - 1);
    if (word !== "AUTH" && !/(?:^|["'`>\n] ?|\b\d |command:? )$/.test(front)) return undefined;
    const from = index + 3 + (/^\\{0,8}["']/.exec(text.slice(index + 3, index + 12))?.[0].length ?? 0);
    const words = wordsIn(text, from, Math.min(text.length, index + AHEAD_MAX));
    const [first, second] = words;
    if (first === undefined || isEnd(first)) return undefined;
    if (MECHANISM.test(first.text)) {
      return second === undefined || isEnd(second) || AUTH_PROSE.test(second.text)
        ? undefined
        : spanOf(text, second.start, wordEnd(text, second));
    }
    if (
      text[index + 4] === "<" ||
      AUTH_PROSE.test(first.text) ||
      /^[=<]|[:=(]/.test(first.text) ||
      text[first.end] === "="
    )
      return undefined;
    const both = second !== undefined && !isEnd(second) && isGap(text.slice(first.end, second.start));
    const last = both ? second : first;
    if (word !== "AUTH" && !/^(?:["'`\\\n\r,;)]|$)/.test(text.slice(last.end, last.end + 1)))
      return undefined;
    return spanOf(text, first.start, wordEnd(text, last));
  }

  // `ACL SETUSER ada on >x ~*`
  function aclRule(text: string, index: number): Span | undefined {
    if (!/\bacl["']?\s{1,4}["']?setuser\b/i.test(text.slice(Math.max(0, index - BACK_MAX), index)))
      return undefined;
    const word = /^[^\s"']{1,256}/.exec(text.slice(index + 1, index + 257))?.[0] ?? "";
    return spanOf(text, index + 1, index + 1 + word.length);
  }

  // `USER ada\r\nPASS x`, `a1 LOGIN ada x`
  function mail(text: string, index: number): Span | undefined {
    const front = text.slice(Math.max(0, index - 96), index);
    const behind = text.slice(index + 1, index + AHEAD_MAX);
    const pass = /^S ([^\s\\]{1,128})/.exec(behind);
    if (pass !== null && /\bUSER [^\s\\]{1,64}(?:\s|\\[rn]){1,4}PA$/.test(front))
      return spanOf(text, index + 3, index + 3 + pass[1]!.length);
    const login = /^IN (\S{1,96} )(\S{1,128})/.exec(behind);
    if (login === null || !/(?:^|[\s"'>])[A-Za-z]{0,4}\d{1,5} LO$/.test(front)) return undefined;
    const start = index + 4 + login[1]!.length;
    return spanOf(text, start, start + login[2]!.length);
  }
}

/** A word of a command line: where it stands, without its quotes. */
interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function wordsIn(text: string, from: number, to: number): Word[] {
  return [...text.slice(from, to).matchAll(WORD)].map((match) => {
    const quoted = QUOTED.exec(match[0]);
    const open = quoted?.[1]?.length ?? 0;
    const close = quoted?.[2]?.length ?? 0;
    const start = from + match.index + open;
    const end = from + match.index + match[0].length - close;
    return { text: match[0].slice(open, match[0].length - close).replace(/["']/g, ""), start, end };
  });
}

const isEnd = (word: Word): boolean => /^[|;&\n]$/.test(word.text);

const isGap = (text: string): boolean => /^\\{0,8}["']?[ \t,]{1,4}\\{0,8}["']?$/.test(text);

/** Where a word ends: one without quotes goes on through what only a shell would take for its own. */
function wordEnd(text: string, word: Word): number {
  const before = text[word.start - 1];
  if (before === '"' || before === "'") return word.end;
  let end = word.end;
  while (end < text.length && end - word.end < AHEAD_MAX && !/[\s"'`]/.test(text[end]!)) end++;
  while (end > word.end && /[,;.)\]}]/.test(text[end - 1]!)) end--;
  return end;
}
