import { hasPlaces, placedWords } from "../keys/command-arguments.ts";
import { ALNUM, DASH, isAt } from "./chars.ts";
import { ownWords, type Word, wordEnd, wordsIn } from "./command-words.ts";
import { type Detector, type Span, spansOf } from "./detector.ts";

const NAME_MAX = 32;
const AHEAD_MAX = 320;
const FRONT_MAX = 64;
const STATEMENT =
  /^(?:[a-z]{1,16}ed|failed|failure|fails?|errors?|ok|success|is|was|and|or|for|in|on|to|from|the|an?|not|without|with|method|help|timeout|attempts?|pages?|request|required|command|user|reset|policy|hash)[.,:!]?$/i;
const NETRC =
  /\b(?:machine\s{1,4}\S{1,128}|default)(?:\s|\\[nrt]){1,8}login(?:\s|\\[nrt]){1,8}\S{1,96}?(?:\s|\\[nrt]){1,8}(?:account\s{1,4}\S{1,64}\s{1,4})?password(?:\s|\\[nrt]){1,8}$/;
const WIRELESS = /\bnmcli\s[^\n|;&]{1,96}\spassword\s{1,4}$/;
// What takes a credential from its input.
const TAKES =
  /--?(?:password-|pass-|token-)?stdin\b|\b(?:chpasswd|kinit|passwd)\b|\bsudo\s(?:-\w{1,8}\s){0,4}-\w{0,4}S\b|--with-token\b|\bsecrets?\s(?:versions\s)?(?:create|set|put|add)\b|\bstore-secret\b|\benv\sadd\b|\bpass\sinsert\b|--pinentry-mode|--passphrase-fd|--key-file[= ]-/;
const PIPED = new RegExp(String.raw`^\s{0,4}\|[^|;&\n]{0,96}?(?:${TAKES.source})`);
const PIPED_TEXT = /^\s{0,4}\|\s{0,4}ConvertTo-SecureString\b/i;
const TEXT_IN_FRONT = /(\\{0,8}["'])([^"'\\\n]{1,256})\1\s{0,4}$/;
const ECHOED =
  /(?:^|[\s"'`;&(])(?:echo|printf)\s(?:-\w{1,4}\s){0,3}(?:["']?%s(?:\\{1,4}n)?["']?\s)?(\\{0,8}"[^"\\\n]{1,256}\\{0,8}"|'[^'\n]{1,256}'|[^\s|;&"'][^|;&\n"']{0,256}?)\s{0,4}$/;
const HERE = new RegExp(String.raw`(?:${TAKES.source})[^|;&\n<]{0,64}$`);
const NET = /^\S{3,4}["',\s]{1,4}(?:use|user)\b[^|;&\n]{0,200}[\s"'](?:\/\w|\\\\|[A-Z]:)/i;
const WORD_AHEAD = /^\s{0,4}(\\{0,8}["']?)([^\s"'\\]{1,256})/;

/** Credentials that their place in a command tells, without a flag: `rabbitmqctl add_user ada x`, `vault login x`, `echo x | docker login --password-stdin`. */
export function commandPlace(isReplaced: (text: string, index: number) => boolean): Detector {
  const spanOf = spansOf(isReplaced, { kind: "secret", isAhead: true }, true);

  return {
    // A part of each name that few other words have.
    triggers: [
      ["vV", "aA", "uU"],
      ["cC", "tT", "lL"],
      ["sS", "sS", "wW"],
      ["sS", "qQ", "lL"],
      ["nN", "eE", "tT", " "],
      ["pPuU", "dD", "fF"],
      ["qQ", "pP", "dD"],
      [" \n\"'`/>(", "bB", "wW"],
      ["gG", "iI", "nN", " "],
      ["tT", "oO", "-"],
      ["sS", "pP", "hH"],
      ["nN", "yY", "kK"],
      ["tT", "rR", "yY", " "],
      ["sSbB", "eE", "rR", " "],
      ["kK", "eE", "nN", " "],
      [" \n\"'", "aA", "uU", "tT"],
      ["xXmM", "pP", "dD"],
      ["gG", "rR", "oO", "kK"],
      ["rR", "cC", "lL"],
      ["sS", "uU", "lL", " "],
      ["|", " "],
      ["<", "<", "<"],
    ],
    find(text, index) {
      if (text[index - 1] === "|") return piped(text, index - 1);
      if (text[index] === "<") return hereString(text, index);
      let start = text[index] === " " ? index : index + 1;
      let end = start;
      while (start > 0 && end - start < NAME_MAX && isName(text, start - 1)) start--;
      while (end < text.length && end - start < NAME_MAX && isName(text, end)) end++;
      const name = text.slice(start, end).toLowerCase();
      // Behind an escaped line break.
      if (name === "password" || (text[start - 1] === "\\" && name === "npassword"))
        return valueOfPassword(text, end);
      if (!hasPlaces(name)) start = commandBefore(text, start, name);
      return start === -1 ? undefined : placed(text, start);
    },
  };

  function placed(text: string, start: number): Span | undefined {
    const words = ownWords(wordsIn(text, start, Math.min(text.length, start + AHEAD_MAX)));
    // A bare word behind a backslash is part of a path.
    const own = words.filter((word) => text[word.start - 1] !== "\\");
    // In prose `net` may be a word like others.
    if (own[0]?.text.toLowerCase() === "net" && !NET.test(text.slice(start, start + AHEAD_MAX)))
      return undefined;
    const hidden = placedWords(
      own.map(({ text }) => text),
      0,
    );
    const first = hidden.find((i) => isCredential(text, own, i));
    if (first === undefined || hidden.some((i) => isReplaced(text, own[i]!.start - 1))) return undefined;
    let last = first;
    while (hidden.includes(last + 1)) last++;
    return spanOf(text, own[first]!.start, wordEnd(text, own[last]!));
  }

  // In prose a word of letters stands among others of its kind.
  function isCredential(text: string, words: readonly Word[], index: number): boolean {
    const word = words[index]!;
    if (STATEMENT.test(word.text)) return false;
    if (/["']/.test(text[word.start - 1] ?? "") || !/^[a-z]{1,24}[.,:]?$/.test(word.text)) return true;
    const next = words[index + 1];
    return next === undefined || !/^[a-z]/i.test(next.text);
  }

  function valueOfPassword(text: string, end: number): Span | undefined {
    if (!/[\s\\]/.test(text[end] ?? "x")) return undefined;
    const gap = /^(?:\s|\\[nrt]){1,8}/.exec(text.slice(end, end + 16))?.[0].length ?? 0;
    const front = text.slice(Math.max(0, end - 320), end + gap);
    if (!NETRC.test(front) && !WIRELESS.test(front)) return undefined;
    const value = /^\\{0,8}["']?([^\s"'\\]{1,256})/.exec(text.slice(end + gap, end + gap + 272));
    return value === null
      ? undefined
      : spanOf(text, end + gap + value[0].length - value[1]!.length, end + gap + value[0].length);
  }

  function piped(text: string, at: number): Span | undefined {
    const ahead = text.slice(at, at + 160);
    const isText = PIPED_TEXT.test(ahead);
    if (!isText && !PIPED.test(ahead)) return undefined;
    const from = Math.max(0, at - AHEAD_MAX);
    const front = text.slice(from, at);
    if (isText) {
      const found = TEXT_IN_FRONT.exec(front);
      const start = found === null ? -1 : from + found.index + found[1]!.length;
      return found === null ? undefined : spanOf(text, start, start + found[2]!.length);
    }
    const echoed = ECHOED.exec(front);
    if (echoed === null) return undefined;
    const start = from + echoed[0].lastIndexOf(echoed[1]!) + echoed.index;
    const quote = /^\\{0,8}["']/.exec(echoed[1]!)?.[0].length ?? 0;
    return spanOf(text, start + quote, start + echoed[1]!.length - quote);
  }

  function hereString(text: string, index: number): Span | undefined {
    if (text[index + 1] === "<" || text[index - 3] === "<") return undefined;
    if (!HERE.test(text.slice(Math.max(0, index - 98), index - 2))) return undefined;
    const found = WORD_AHEAD.exec(text.slice(index + 1, index + 280));
    if (found === null) return undefined;
    const start = index + 1 + found[0].length - found[2]!.length;
    return spanOf(text, start, start + found[2]!.length);
  }
}

const isName = (text: string, index: number): boolean =>
  isAt(text, index, ALNUM | DASH) || text[index] === ":";

/** Words of a command that are easier found than its name. */
const SUBCOMMANDS: Readonly<Record<string, string>> = {
  login: "cargo",
  auth: "cf|snyk",
  passwd: "openssl",
  authtoken: "ngrok",
  "add-authtoken": "ngrok",
  "reset-admin-password": "grafana(?:-cli)?",
  "user:password": "drush",
  "activate-refresh-token": "gcloud",
};

/** The start of the command in front of one of its words; -1 when there is none. */
function commandBefore(text: string, start: number, name: string): number {
  const commands = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (commands === undefined) return -1;
  const from = Math.max(0, start - FRONT_MAX);
  const found = new RegExp(`(?:^|[\\s"'\`/>(])(${commands})(?=[\\s"',][^|;&\\n]{0,48}$)`).exec(
    text.slice(from, start),
  );
  return found === null ? -1 : from + found.index + found[0].length - found[1]!.length;
}
