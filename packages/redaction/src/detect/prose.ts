import type { KeyRules } from "../keys/key-rules.ts";
import { ALNUM, isAt, valueEnd } from "./chars.ts";
import { comparedEnd } from "./compared.ts";
import { type Detector, type Span, spansOf } from "./detector.ts";
import { identifierAt } from "./identifier.ts";
import { isRandomToken, isRandomWord } from "./random-word.ts";
import { isStatement } from "./value-in-text.ts";

const NAME_MAX = 24;
const FRONT_MAX = 48;
const SAID_MAX = 112;
const GAP_MAX = 64;
const REST_MAX = 24;
const VALUE_MAX = 256;
const PASSWORD =
  /^(?:password|passwd|psk|rootpw|bindpw|passphrase|passcode|pwd|kennwort|passwort|contrase(?:n|\u00f1|n\u0303)a|senha|wachtwoord|passord|adgangskode)$/i;
// Those of one word that ends in no letter of ASCII, or has one that is none. Between characters of CJK stand no blanks.
const IN_OTHER_LETTERS =
  /(?:^|[^\p{L}])(?:contrase(?:\u00f1|n\u0303)a|has\u0142o|\u015fifre|l\u00f6senord|\u043f\u0430\u0440\u043e\u043b\u044c|m\u1eadt kh\u1ea9u)$|(?:\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4|\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638)[\u306f\u304c\u662f\u4e3a\u70ba\ub294\uac00]?$/iu;
const PASSE = /(?:^|[^\w])mot de $/i;
const SECRET = /^(?:secret|token|credentials?|cookie|session|sid|key)$/i;
// A pin may be one of a chip.
const KNOWN_PIN =
  /(?:^|[^\w])(?:your|wrong|invalid|incorrect|bad|with|card|entered|enter|new|old|using|user|sim) $/i;
// `secret "x";`, as files of settings have it.
const DIRECTIVE_END = /^\\{0,8}["'](?:;|\s{0,4}$)/;
const PAIRED = /^(?:credentials?|login|logon)$/i;
const CODE_OR_PAIR = /^(?:code|pin|otp|totp|credentials?|login|logon)$/;
const CODE = /^(?:code|pin|otp|totp)$/i;
const KEY_OR_TOKEN = /^(?:key|token)$/i;
// Without a word in front, a key, a code or a session may be anything.
const SECRET_KEY =
  /(?:^|[^\w])(?:api|access|secret|private|license|licence|signing|encryption|master|account|auth|shared|service|session|bot|deploy|root|admin|client|consumer|app)[ -]?$/i;
const SENT_CODE =
  /(?:^|[^\w])(?:your|verification|log-?in|sign-?in|security|auth|authentication|confirmation|access|one-?time|single-?use|otp|mfa|2fa|two-?factor|reset|recovery|backup|activation|invitation|invite|sms|temporary|unlock|pairing|wrong|invalid|incorrect|bad|enter|entered) $/i;
const USED_CODE = /(?:^|[^\w])use (?:the )?(?:code )?$/i;
const USED_FOR = /^ (?:to|for) (?:log|sign|verify|confirm|reset|continue|finish|complete)/i;
// What may stand between a name and its value: whose it is, what became of it, what is said of it.
const GAP = new RegExp(
  "^(?: (?:for|of|by)(?: [\\w.@\"'`/+-]{1,32}){2,6}?(?= (?:is|was)\\b| ?[:=])| [\\w.@-]{1,32}(?= [:=] )| \\([\\w.@ -]{1,32}\\)(?=:)| (?:incorrect|inv[a\u00e1]lid|wrong|fals)[a-z]{0,3}(?=:)| from(?= \\S{1,64} to )| (?:for|of|by)(?: (?:the )?(?:user|role|account|login|key|admin|database)\\b)?(?: \\\\{0,8}[\"'`]?[\\w.@/+-]{1,64}\\\\{0,8}[\"'`]?)?)?" +
    "(?: (?:id|value|string|phrase|code|number|hash|data|field|input))?" +
    "(?: (?:did|does|do) not match| mismatch)?" +
    "(?: (?:has been |had been |have been |was |is |been |got )?(?:changed|set|reset|updated|rotated|generated|assigned|replaced)(?: from)?(?: for \\S{1,64})?(?: to| as| with)?)?" +
    "(?: (?:ist?|was|are|were|lautet|este?|es|jest|l\u00e0|\u00e4r|\u00e9|\u00e8|will be|equals|eq|using|being|used|provided|given|entered|to|as|now|the|with|type|\\d(?= ))){0,3}" +
    "(?:[:=](?:[ \\t]?(?:\\r?\\n|\\\\{1,8}r\\\\{1,8}n|\\\\{1,8}n)){0,2}|\\s?[|\\u2192\\u27a1]| ?->| ?\\.{3})?(?: \\(?(?:expected|wanted|want))?(?:[ \\t]|\\\\{1,8}t){0,4}[(<\\[]?(|\\\\{0,8}[\"'`]|[\\u2018\\u201c\\u00ab\\u201e])(?=[^\\s\\\\\"'`\\u2018\\u201c\\u00ab\\u201e])",
  "i",
);
const NOT_IN_VALUE = "\"'`\\<>\u2019\u201d\u00bb";
const TRAILING = ".,:;!?)]}";
const BEHIND_NAME = " \t|:\\\u2192";
// Of an element, an option, a path or a longer name.
const IN_FRONT_OF_NO_NAME = "<:/_$&?";
const PATH =
  /^(?:[./~][\w./-]{0,256}$|[\w.-]{0,64}\/[\w./-]{0,256}$|[a-z][\w+.-]{0,24}:\/\/|[A-Za-z]:\\|\$|%|--|[{<[(;])/i;
const NOT_VALUE =
  /^\w{1,32}(?:\(|=|\.\w{1,24}\()|\.(?:js|ts|mjs|cjs|jsx|tsx|py|rb|go|rs|java|php|json|ya?ml|toml|md|html?|css|pem|key|crt|log|txt|service|conf)\b(?::\d{1,6}){0,2}$/i;
// What a name that is put together begins with says of a password what is done with it.
const PASSWORD_AT_END = /pass(?:word|wd|phrase|code)$/i;
const DOES =
  /^(?:reset|change|update|set|get|verify|check|validate|forgot|has|is|compare|hash|make|create|generate|rotate|delete|remove)(?=[A-Z_])/i;
// `"x1" is not a valid `, `x1 as the `, `x1 was not accepted as an API `
const VERB_IN_FRONT = / (?:as|is|was|isn't|wasn't) /;
const SAID_OF_VALUE =
  /(?:^|[^\w.@/-])(?:\\{0,8}["'`]|[\u2018\u201c\u00ab])?([^\s"'`\\\u2018\u201c\u00ab\u2019\u201d\u00bb<>]{4,64})(?:\\{0,8}["'`]|[\u2019\u201d\u00bb])?,?(?: (?:as|is|was|isn't|wasn't|not|now|no|longer|accepted|taken|used|given|sent|known|the|an?|my|your|his|her|their|our|this|that|any|valid|invalid|wrong|right|correct|incorrect|new|old|current|expired|revoked|temporary|secret|api|access|refresh|client|session|auth|bearer|user|admin|root|master|private|signing|encryption|license|licence|account|service|shared|webhook|bot|deploy|login|database)){1,8} $/i;
// A name of something else goes on: `as password encryption`.
const ENDS_NAME =
  /^(?:$|[\r\n]|[^\w\s-]|\s(?:for|of|by|in|on|to|and|but|or|at|with|when|from|any|here|there|again|until|after|before|instead|anymore)\b)/i;
const SAID_BEFORE = /(?<!\d)(\d{4,8}) (?:is|as) $/;
const SENT_AS = /^ (?:[\w-]{1,16} ){0,4}(?:code|password|passcode|pin|otp)\b/i;
const PAIR = /^(?: \w{1,12}){0,2}:? \(?["'`]?(([\w.@-]{1,64}) ?([/:]) ?([^\s"'`,;)/\\]{3,96}))/;
const PAIR_MIN = 4;
const EXPECTED = /^: (?:expected|wanted|want) /i;
const EXPECTED_MAX = 11;
const CHANGED_TO = /^\\{0,8}["'`]? (?:to|->|=>|\u2192) \\{0,8}["'`]?(?=\S)/;

/**
 * A secret in a sentence, behind its name or in front of it: `password x1 expired`, `your code is 123456`, `unknown apiKey x1`,
 * `x1 is not a valid API key`. What it is must be seen by itself, for most words behind such a name say something about it: so only what has digits among its
 * letters goes, or stands in quotes.
 */
export function prose(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  const spanOf = spansOf(isReplaced, { kind: "secret" }, true);

  return {
    // A part of each name that few other words have.
    triggers: [
      ["sS", "sS", "wW"],
      ["sS", "pP", "hH"],
      ["sS", "cC", "oO"],
      ["nN", "nN", "wW"],
      ["pP", "sS", "kK", " "],
      ["tTdD", "pP", "wW", " "],
      ["pP", "wW", "dD", " "],
      ["eE", "cC", "rR", "eE"],
      ["kK", "eE", "nN", " "],
      ["kK", "eE", "yY", " "],
      ["eE", "sS", "sS", "iI"],
      ["oO", "oO", "kK", "iI"],
      ["dD", "eE", "nN", "tT"],
      ["yY", "oO", "uU", "rR"],
      ["oO", "gG", "iI"],
      ["pP", "iI", "nN", " "],
      ["oO", "tT", "pP", " "],
      ["oO", "dD", "eE", " :"],
      // Of the last two, where no blank stands behind the name.
      [" ", "tT", "oO", "kK"],
      [" ", "kK", "eE", "yY"],
      // In other languages: by pairs that words of English seldom have.
      ["eE", "nN", "hH"],
      ["hH", "tT", "wW"],
      ["aA", "sS", "sS", "eE"],
      ["\x7f", "aAiIoOsSuU"],
      ["\x7f", " "],
    ],
    find(text, index) {
      let start = isAt(text, index, ALNUM) ? index + 1 : index;
      let end = start;
      while (start > 0 && end - start < NAME_MAX && isAt(text, start - 1, ALNUM)) start--;
      while (end < text.length && end - start < NAME_MAX && isAt(text, end, ALNUM)) end++;
      const behind = text[end];
      const word = text.slice(start, end);
      // Asked again at the blank.
      if (behind === " " && index < end && KEY_OR_TOKEN.test(word)) return undefined;
      if (behind === " " && isOtherName(text, start, end))
        return valueBehind(text, end, (value, gap, quote) => isSaidPassword(value, quote !== "", gap));
      return behindName(text, start, end, word) ?? inFrontOfName(text, start, end, word.toLowerCase());
    },
  };

  function behindName(text: string, start: number, end: number, word: string): Span | undefined {
    const behind = text[end];
    const identifier = behind === " " ? identifierAt(text, start, end, word) : undefined;
    if (identifier !== undefined) {
      const isPassword = PASSWORD_AT_END.test(identifier);
      if (keys.ofText(identifier) === undefined || (isPassword && DOES.test(identifier))) return undefined;
      return valueBehind(
        text,
        end,
        (value, gap, quote) =>
          isRandomToken(value, 8) || (isPassword && isSaidPassword(value, quote !== "", gap)),
      );
    }
    if (
      behind === undefined ||
      !BEHIND_NAME.includes(behind) ||
      IN_FRONT_OF_NO_NAME.includes(text[start - 1] ?? " ")
    )
      return undefined;
    // An option of a command has a detector of its own.
    if (text[start - 1] === "-" && !isAt(text, start - 2, ALNUM)) return undefined;
    // In capitals, it is none of a chip.
    const name = word === "PIN" ? word : word.toLowerCase();
    if (name === "your") return behind === " " ? sentBefore(text, start, end) : undefined;
    // What is written behind a colon has a detector of its own, but for codes.
    if (
      behind === ":" &&
      !EXPECTED.test(text.slice(end, end + EXPECTED_MAX)) &&
      (!CODE_OR_PAIR.test(name) || !isAt(text, end + 2, ALNUM))
    )
      return undefined;
    if (PASSWORD.test(name))
      return valueBehind(text, end, (value, gap, quote) => isSaidPassword(value, quote !== "", gap));
    const front = () => text.slice(Math.max(0, start - FRONT_MAX), start);
    if (CODE.test(name))
      return valueBehind(text, end, (value, _gap, _quote, rest) => isSentCode(value, name, front(), rest));
    if (PAIRED.test(name)) return pairBehind(text, end, name.startsWith("cred"));
    return SECRET.test(name)
      ? valueBehind(
          text,
          end,
          (value, _gap, quote, rest) =>
            (quote !== "" && isDirective(name, front(), rest)) || isSaidSecret(value, name, front()),
        )
      : undefined;
  }

  // `"x1" is not a valid password`
  function inFrontOfName(text: string, start: number, end: number, name: string): Span | undefined {
    if (text[start - 1] !== " " || !isAt(text, start - 2, ALNUM)) return undefined;
    if (!PASSWORD.test(name) && !SECRET.test(name) && !CODE.test(name)) return undefined;
    if (!VERB_IN_FRONT.test(text.slice(Math.max(0, start - FRONT_MAX), start))) return undefined;
    const front = text.slice(Math.max(0, start - SAID_MAX), start);
    const said = SAID_OF_VALUE.exec(front);
    if (said === null || !ENDS_NAME.test(text.slice(end, end + FRONT_MAX))) return undefined;
    const value = said[1]!;
    if (isOther(value)) return undefined;
    const isSecret = PASSWORD.test(name)
      ? isSaidPassword(value, false, "")
      : CODE.test(name)
        ? isSentCode(value, name, front, "")
        : isSaidSecret(value, name, front);
    const from = start - front.length + said.index + said[0].indexOf(value);
    return isSecret ? spanOf(text, from, from + value.length) : undefined;
  }

  function valueBehind(
    text: string,
    end: number,
    isSecret: (value: string, gap: string, quote: string, rest: string) => boolean,
  ): Span | undefined {
    const gap = GAP.exec(text.slice(end, end + GAP_MAX));
    if (gap === null) return undefined;
    const quote = gap[1]!;
    const start = end + gap[0].length;
    const stop =
      quote === ""
        ? withoutTrailing(text, start, valueEnd(text, start, NOT_IN_VALUE, VALUE_MAX))
        : valueEnd(text, start, NOT_IN_VALUE, VALUE_MAX);
    const value = text.slice(start, stop);
    if (value === "" || isOther(value)) return undefined;
    if (!isSecret(value, gap[0], quote, text.slice(stop, stop + REST_MAX))) return undefined;
    const changed = CHANGED_TO.exec(text.slice(stop, stop + GAP_MAX))?.[0].length;
    return spanOf(
      text,
      start,
      changed === undefined
        ? comparedEnd(text, stop)
        : valueEnd(text, stop + changed, NOT_IN_VALUE, VALUE_MAX),
    );
  }

  // `credentials ada/x1 rejected`
  function pairBehind(text: string, end: number, isPair: boolean): Span | undefined {
    const pair = PAIR.exec(text.slice(end, end + GAP_MAX));
    if (pair === null || !isRandomWord(pair[4]!, PAIR_MIN)) return undefined;
    // A login may be a page, and what is said of it a pair of another kind.
    if (!isPair && !/^[^\s/=]{1,160}$/.test(pair[1]!)) return undefined;
    const stop = end + pair[0].length;
    return spanOf(text, stop - pair[1]!.length, stop);
  }

  // `123456 is your login code`
  function sentBefore(text: string, start: number, end: number): Span | undefined {
    const said = SAID_BEFORE.exec(text.slice(Math.max(0, start - 16), start));
    if (said === null || !SENT_AS.test(text.slice(end, end + FRONT_MAX))) return undefined;
    const from = start - said[0].length;
    return spanOf(text, from, from + said[1]!.length);
  }
}

/** Whether a value has a detector of its own, or is a path, a call, a pair or a file. */
const isOther = (value: string): boolean =>
  value.startsWith("eyJ") || PATH.test(value) || NOT_VALUE.test(value);

/** Whether a name ends there that is not of letters of ASCII alone, or of several words. */
function isOtherName(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start - 1) > 127 || text.charCodeAt(end - 1) > 127)
    return IN_OTHER_LETTERS.test(text.slice(Math.max(0, end - NAME_MAX), end));
  const isPasse = end - start === 5 && text.slice(start, end).toLowerCase() === "passe";
  return isPasse && PASSE.test(text.slice(Math.max(0, start - 8), start));
}

function withoutTrailing(text: string, start: number, stop: number): number {
  let end = stop;
  while (end > start && TRAILING.includes(text[end - 1]!)) end--;
  return end;
}

function isSaidPassword(value: string, isQuoted: boolean, gap: string): boolean {
  if (isRandomWord(value, 5)) return true;
  if (/^\d{6,20}$/.test(value) || isMixed(value)) return true;
  return isQuoted && / (?:is|was|to|as|with)[: ]/i.test(`${gap} `) && !isStatement(value);
}

// Signs and letters of both cases, as a word of prose never has them.
const isMixed = (value: string): boolean =>
  value.length >= 6 && /[A-Z]/.test(value) && /[a-z]/.test(value) && /[!#$%&*+=?@^~]/.test(value);

const isDirective = (name: string, front: string, rest: string): boolean =>
  DIRECTIVE_END.test(rest) && (name === "secret" || (name === "key" && SECRET_KEY.test(front)));

function isSaidSecret(value: string, name: string, front: string): boolean {
  if (name === "key") return SECRET_KEY.test(front) && isRandomToken(value, 8);
  if (name === "session" || name === "sid" || name === "cookie")
    return value.length >= 16 && isRandomToken(value, 16) && !/^[\da-f]{8}-[\da-f]{4}-/i.test(value);
  return isRandomToken(value, 8);
}

function isSentCode(value: string, name: string, front: string, ahead: string): boolean {
  const isNumber = /^\d{4,8}$/.test(value);
  if (name === "pin") return isNumber && KNOWN_PIN.test(front);
  if (name !== "code") return isNumber;
  if (!isNumber && !(value.length >= 6 && isRandomToken(value, 6))) return false;
  return SENT_CODE.test(front) || (USED_CODE.test(front) && USED_FOR.test(ahead));
}
