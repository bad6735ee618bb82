import { BASE64URL, isAt, runStart } from "./chars.ts";
import type { Detector, Span } from "./detector.ts";

const BEFORE_MAX = 4096;
const OBJECT_MAX = 16_384;

/** Members of an object that only another one says to be secrets. */
interface Members {
  readonly marker: RegExp;
  readonly names: string;
  readonly kind: string;
}

const JWK: Members = {
  marker: /^kty["'\\]{0,16}\s?:\s?["'\\]{0,16}(?:RSA|EC|oct|OKP|AKP)["'\\]/,
  names: "d|p|q|dp|dq|qi|k|priv|seed",
  kind: "private-key",
};
const GRANT: Members = {
  marker:
    /^(?:redirect_uri["'\\]{1,16}\s?:|grant_type["'\\]{0,16}\s?:\s?["'\\]{1,16}authorization_code["'\\])/,
  names: "code",
  kind: "secret",
};

/** The private members of a JSON web key (RFC 7518, section 6), whose names are of a letter or two. */
export const jwk = (isReplaced: (text: string, index: number) => boolean): Detector =>
  detectorOf(JWK, [["k", "t", "y", "\"'\\:"]], isReplaced);

/** The code of an authorization (RFC 6749, section 4.1), beside what it is exchanged with. */
export const grantCode = (isReplaced: (text: string, index: number) => boolean): Detector =>
  detectorOf(
    GRANT,
    [
      ["_", "u", "r", "i"],
      ["_", "t", "y", "p"],
    ],
    isReplaced,
  );

function detectorOf(
  { marker, names, kind }: Members,
  triggers: Detector["triggers"],
  isReplaced: (text: string, index: number) => boolean,
): Detector {
  const member = new RegExp(
    `(?:^|[{,\\s])\\\\{0,8}["']?(?:${names})\\\\{0,8}["']?\\s?:\\s?\\\\{0,8}["']([\\w+/=.~-]{1,8192})`,
    "g",
  );
  return {
    triggers,
    find(text, index): Span | undefined {
      const from = runStart(text, isAt(text, index, BASE64URL) ? index : index - 1, BASE64URL, NAME_MAX);
      if (!marker.test(text.slice(from, from + MARKER_MAX))) return undefined;
      const start = objectStart(text, from);
      if (start === -1) return undefined;
      // Lists may be in it, and no objects.
      let end = index;
      while (end < text.length && end - start < OBJECT_MAX && text[end] !== "{" && text[end] !== "}") end++;
      const spans: Span[] = [];
      for (const match of text.slice(start, end).matchAll(member)) {
        const stop = start + match.index + match[0].length;
        const at = stop - match[1]!.length;
        if (!isReplaced(text, at)) spans.push({ start: at, end: stop, kind, isAhead: true });
      }
      const [first, ...rest] = spans;
      return first && { ...first, rest };
    },
  };

  // -1 behind another such member: there it was looked at.
  function objectStart(text: string, from: number): number {
    for (let at = from - 1; at >= 0 && from - at < BEFORE_MAX; at--) {
      if (text[at] === "{") return at;
      if (text[at] === "}" || (text[at] === text[from] && marker.test(text.slice(at, at + MARKER_MAX))))
        return -1;
    }
    return -1;
  }
}

const NAME_MAX = 16;
const MARKER_MAX = 64;
