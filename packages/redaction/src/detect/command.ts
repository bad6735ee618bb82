import { credentialWords, lastCommand, passwordBesideUser } from "../keys/command-arguments.ts";
import { isEnd, ownWords, wordEnd, wordsIn } from "./command-words.ts";
import { type Detector, type Span, spansOf } from "./detector.ts";

const SMALL_T = 116;
const CAPITAL_T = 84;
const BACK_MAX = 200;
const RULE_BACK_MAX = 144;
const AHEAD_MAX = 80;
// Of all flags whose value is a credential.
const FLAG_LETTERS = "abcdfhiknopstuwxABEKNPSUX";
const AUTH_PROSE =
  /^(?:required|requires?|failed|failure|fail|error|errors|ok|success|succeeded|successful|is|was|not|command|called|without|with|and|or|for|in|on|to|by|of|from|the|a|an|must|missing|invalid|timeout|denied|state|token|header|method|mechanism|mechanisms|type|mode|enabled|disabled|service|server|module|middleware|request|requests|tls|ssl|<[^>]*>|=|-|:)[.,:!]?$/i;
const REQUIREPASS = /\brequirepass\\{0,8}["']?[ \t,]{1,4}\\{0,8}["']?([^\s"'\\]{1,256})/i;
const MASTERAUTH = /\b(?:master|primary)auth\\{0,8}["']?[ \t,]{1,4}\\{0,8}["']?([^\s"'\\]{1,256})/i;
// Between a command's name and its arguments, as an object is printed: `"AUTH","args":["`, `'AUTH', args: [ '`
const ARGUMENTS =
  /^\\{0,8}["'],?\s{0,8},\s{0,8}\\{0,8}["']?(?:args|arguments|argv|params|parameters)\\{0,8}["']?\s?:\s?\[\s{0,8}/;
const LENGTH = /^(?:\r\n|\\r\\n)\$\d{1,4}(?:\r\n|\\r\\n)/;
const MECHANISM = /^(?:plain|login|xoauth2|cram-md5|oauthbearer|external|ntlm|scram-sha-\d+)$/i;

/** Credentials among the words of a command: `curl -u ada:x`, `mysql -px`, `"-p", "x"`, `AUTH x`, `ACL SETUSER a >x`. */
export function command(isReplaced: (text: string, index: number) => boolean): Detector {
  const spanOf = spansOf(isReplaced, { kind: "secret", isAhead: true }, true);

  return {
    triggers: [
      [" \t", "-"],
      ["'\"", "-"],
      [" \t'\"", "/", "p", ": "],
      [" \t'\"", "/", "r", "p"],
      [" \t\n\"'`>:nrR", "aA", "uU"],
      ["iI", "rR", "eE", "pP"],
      [" \"'", ">"],
      [" \r\nn\"'", "PL", "AO", "SG"],
    ],
    find(text, index) {
      switch (text[index]) {
        case "-":
          return flagged(text, index);
        case ":":
        case " ":
          return flagged(text, index - 2);
        case ">":
          return aclRule(text, index);
        case "p":
        case "P":
          if (text[index - 2] === "/") return text[index + 1] === " " ? flagged(text, index - 2) : undefined;
          return setting(text, index, REQUIREPASS);
        case "u":
        case "U":
          // Behind both names of it stands `th`.
          if (text.charCodeAt(index + 1) !== SMALL_T && text.charCodeAt(index + 1) !== CAPITAL_T)
            return undefined;
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
    if (letter === undefined || (text[at] === "-" && !FLAG_LETTERS.includes(letter))) return undefined;
    const to = Math.min(text.length, at + AHEAD_MAX);
    const from = Math.max(0, at - BACK_MAX);
    const front = text.slice(from, at);
    const start = lastCommand(front);
    const found = start === -1 ? undefined : ofCommand(text, from + start, at, to);
    return found ?? (isUserless(text, at) ? undefined : besideUser(text, at, to, front));
  }

  function ofCommand(text: string, start: number, at: number, to: number): Span | undefined {
    const words = wordsIn(text, start, to);
    const own = ownWords(words);
    const place = words.findIndex(({ end }) => end > at);
    if (place === -1 || place >= own.length) return undefined;
    const hidden = credentialWords(
      own.map(({ text }) => text),
      false,
    ).find((index) => index >= place);
    if (hidden === undefined) return undefined;
    const word = own[hidden]!;
    const glued = /^(?:--?[\w-]{1,32}=|-[a-zA-Z]|\/[a-z]{1,8}:)(?!$)/.exec(word.text)?.[0].length ?? 0;
    return spanOf(text, word.start + glued, wordEnd(text, word));
  }

  // `-u ada -p x`, of whatever command
  function besideUser(text: string, at: number, to: number, front: string): Span | undefined {
    const own = front.split(/[|;&\n]/).at(-1)!;
    const before = own
      .split(/[\s,]{1,16}/)
      .map((word) => word.replace(/[\\"']/g, "").replace(/^[^[]*\[/, ""));
    if (before.at(-1) === "") before.pop();
    const words = ownWords(wordsIn(text, at, to));
    const all = [...before, ...words.map(({ text }) => text)];
    const password = words[passwordBesideUser(all, before.length) - before.length];
    return password && spanOf(text, password.start, wordEnd(text, password));
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
    if (word.toLowerCase() !== "auth") return undefined;
    // `MIGRATE … AUTH2 ada x`
    const wordEndsAt = word === "AUTH" && text[index + 3] === "2" ? index + 4 : index + 3;
    const behind = text[wordEndsAt];
    if (behind === undefined || !"\\ \"'\r".includes(behind)) return undefined;
    // In lower case it is a word of prose, unless a command begins so.
    const front = text.slice(Math.max(0, index - 24), index - 1);
    if (word !== "AUTH" && !/(?:^|["'`>\n] ?|\b\d |command:? )$/.test(front)) return undefined;
    const ahead = text.slice(wordEndsAt, wordEndsAt + AHEAD_MAX);
    // As Redis' protocol has it (RESP): the length of each word in front of it.
    const gap = (ARGUMENTS.exec(ahead) ?? LENGTH.exec(ahead) ?? /^\\{0,8}["']/.exec(ahead))?.[0].length ?? 0;
    const from = wordEndsAt + gap;
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
    if (
      !/\bacl["']?(?:\s{1,4}|,[^\w]{0,4}(?:args|arguments)\W{2,6})["']?setuser\b/i.test(
        text.slice(Math.max(0, index - RULE_BACK_MAX), index),
      )
    )
      return undefined;
    const word = /^[^\s"']{1,256}/.exec(text.slice(index + 1, index + 257))?.[0] ?? "";
    return spanOf(text, index + 1, index + 1 + word.length);
  }

  // `USER ada\r\nPASS x`, `a1 LOGIN ada x`
  function mail(text: string, index: number): Span | undefined {
    const front = text.slice(Math.max(0, index - 96), index);
    const behind = text.slice(index + 1, index + AHEAD_MAX);
    const pass = /^S ([^\s\\]{1,128})/.exec(behind);
    if (
      pass !== null &&
      /(?:\bUSER [^\s\\]{1,64}(?:\s|\\[rn]){1,4}|(?:^|[\s"'])(?:-{0,4}>{1,3}|C:) )PA$/.test(front)
    )
      return spanOf(text, index + 3, index + 3 + pass[1]!.length);
    const quoted = /^IN (\\{0,8}"[^"\\]{1,96}\\{0,8}" \\{0,8}")([^"\\]{1,128})/.exec(behind);
    const login = quoted ?? /^IN (\S{1,96} )(\S{1,128})/.exec(behind);
    if (login === null || (quoted === null && !/(?:^|[\s"'>])[A-Za-z]{0,4}\d{1,5} LO$/.test(front)))
      return undefined;
    const start = index + 4 + login[1]!.length;
    return spanOf(text, start, start + login[2]!.length);
  }
}

const isGap = (text: string): boolean => /^\\{0,8}["']?[ \t,]{1,4}\\{0,8}["']?$/.test(text);

// No `-p` with a value behind it.
const isUserless = (text: string, at: number): boolean =>
  (text[at + 1] !== "p" && text[at + 1] !== "P") ||
  !/^\\?["']?(?:,\s?|\s)\\?["']?[^-\s]/.test(text.slice(at + 2, at + 9));
