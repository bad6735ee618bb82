import { ALNUM, BASE64URL, DOT, isAt, runEnd, runStart, TILDE, valueEnd } from "./chars.ts";
import { type Detector, type Span, spansOf } from "./detector.ts";
import { isRandomToken, isRandomWord, isRecordId } from "./random-word.ts";

const NAME_MAX = 24;
const VALUE_MAX = 2048;
const QUERY_MAX = 256;
const KEY_MIN = 12;
const CODE_MIN = 6;
// Parameters whose values are often something else: only what nobody would choose is a secret there.
const NAME =
  /^(?:key|k|t|code|state|nonce|ticket|sentry_?key|device_?code|user_?code|code_?challenge|login_?challenge|consent_?challenge|policy|invite|data|magic|verify|confirm|hmac|mac|auth)$/i;
const GRANT =
  /[?&#](?:state|session_state|code_verifier|redirect_uri|client_id|scope)=|=authorization_code\b/;
const OF_GRANT = /^(?:code|state|nonce)$/i;
// Behind these in a path stands what opens it.
const STEP =
  /(?:^|[/_-])(?:reset|password|magic(?:-?link)?|token|secret|recover|key|unsubscribe|passwordless)(?:[_-](?:password|link|email|login|token))?$/i;
const STEP_OF_RECORD =
  /(?:^|[/_-])(?:invite|invitation|verify|verification|confirm|confirmation|activate|activation|accept|webhooks?|hooks?|integration)(?:[_-](?:email|account|user|link))?$/i;
const STEP_MIN = 16;

const NOT_IN_VALUE = "&#?;\"'<>`\\";

/** What a URL carries without saying so: `?key=…`, the code and state of an authorization (RFC 6749, section 4.1), `/reset/…`. */
export function querySecret(isReplaced: (text: string, index: number) => boolean): Detector {
  const spanOf = spansOf(isReplaced, { kind: "secret" });

  return {
    triggers: [
      ["kK", "eE", "yY", "="],
      ["oO", "dD", "eE", "="],
      ["?&#;", "ktKT", "="],
      ["aA", "tT", "eE", "="],
      ["nN", "cC", "eE", "="],
      ["nN", "gG", "eE", "="],
      ["kK", "eE", "tT", "="],
      ["iI", "cC", "yY", "="],
      ["aA", "tT", "aA", "="],
      ["iI", "tT", "eE", "=/"],
      ["gG", "iI", "cC", "=/"],
      ["iI", "fF", "yY", "=/"],
      ["iI", "rR", "mM", "=/"],
      ["mM", "aA", "cC", "="],
      ["sS", "eE", "tT", "/"],
      ["oO", "rR", "dD", "/"],
      ["iI", "nN", "kK", "/"],
      ["aA", "iI", "lL", "/"],
      ["aA", "tT", "eE", "/"],
      // Of invitation, verification, confirmation, activation, integration: `ion/` is in every `application/json`.
      ["iI", "tT", "aA", "tT"],
      ["iI", "fF", "iI", "cC"],
      ["iI", "rR", "mM", "aA"],
      ["tT", "iI", "vV", "aA"],
      ["eE", "gG", "rR", "aA"],
      ["kK", "eE", "nN", "/"],
      ["kK", "eE", "yY", "/"],
      ["vV", "eE", "rR", "/"],
      ["oO", "kK", "/"],
      ["kK", "sS", "/"],
      ["iI", "bB", "eE", "/"],
    ],
    find(text, index) {
      if (text[index] === "=") return parameter(text, index);
      const slash = runEnd(text, index, BASE64URL, NAME_MAX);
      return text[slash] === "/" ? step(text, slash) : undefined;
    },
  };

  function parameter(text: string, index: number): Span | undefined {
    const from = runStart(text, index, BASE64URL, NAME_MAX);
    const before = text[from - 1];
    if (before !== "?" && before !== "&" && before !== "#" && before !== ";") return undefined;
    const name = text.slice(from, index);
    if (!NAME.test(name)) return undefined;
    const start = index + 1;
    const end = valueEnd(text, start, NOT_IN_VALUE, VALUE_MAX);
    const value = text.slice(start, end);
    if (OF_GRANT.test(name) && isRandomWord(value, CODE_MIN) && isGrant(text, from, end))
      return spanOf(text, start, end);
    if (isRecordId(value) || /^[\w-]{0,96}[./:]/.test(value)) return undefined;
    return isRandomToken(value, KEY_MIN) ? spanOf(text, start, end) : undefined;
  }

  function isGrant(text: string, from: number, end: number): boolean {
    const front = text
      .slice(Math.max(0, from - QUERY_MAX), from)
      .split(/[\s"'<>]/)
      .at(-1)!;
    const behind = text.slice(end, end + QUERY_MAX).split(/[\s"'<>]/)[0]!;
    return GRANT.test(front) || GRANT.test(behind);
  }

  function step(text: string, index: number): Span | undefined {
    const before = runStart(text, index, BASE64URL, NAME_MAX * 2) - 1;
    if (text[before] !== "/") return undefined;
    const front = text.slice(before, index);
    const isStep = STEP.test(front);
    if (!isStep && !STEP_OF_RECORD.test(front)) return undefined;
    const start = index + 1;
    const end = runEnd(text, start, BASE64URL | DOT | TILDE, VALUE_MAX);
    const value = text.slice(start, end);
    if (isAt(text, end, ALNUM) || value.includes(".")) return undefined;
    if (isRecordId(value)) return isStep ? spanOf(text, start, end) : undefined;
    return isRandomToken(value, STEP_MIN) ? spanOf(text, start, end) : undefined;
  }
}
