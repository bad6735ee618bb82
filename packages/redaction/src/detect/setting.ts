import type { KeyRules } from "../keys/key-rules.ts";
import type { Detector, Span } from "./detector.ts";

const AHEAD_MAX = 320;
const FRONT_MAX = 24;
const VERB = /(?:\bmc["',\s]{1,4}(alias)["',\s]{1,4}|^|[^a-z])(?:setx?|setenv|put|ENV)$/i;
const GAP = String.raw`\\{0,8}["']?[ \t,]{1,4}\\{0,8}["']?`;
// `set NAME value`, `set --secret NAME value`, `set NAME --body value`; each of the words may stand in quotes, as arguments are printed.
const SETTING = new RegExp(
  `^(${GAP})(?:-{1,2}[\\w-]{1,16}${GAP}){0,2}([^\\s"',\\\\]{3,96})(${GAP})(?:(?:--body|--value|-b)(${GAP}|=)|-b(?=[^-\\s]))?`,
  "i",
);
// MinIO's client: name, address, key, secret.
const ALIAS = new RegExp(
  `^(${GAP})[\\w.-]{1,64}${GAP}https?:[^\\s"',\\\\]{3,160}${GAP}[^\\s"',\\\\]{1,96}(${GAP})`,
  "i",
);
const VALUE = /^[^\s"'\\,]{1,256}/;
const QUOTED_VALUE = /^[^"'\\\n]{1,256}/;
// A name that no sentence has: `refresh_token`, `dbPassword`, `API-KEY`. Behind it, a word of letters alone is prose.
const IDENTIFIER = /[\w][_.:-][\w]|[a-z][A-Z]|^[A-Z\d_]{3,96}$|_authToken$/;
const PROSE = /^(?:[a-z]{1,24}|[=:<>(].*)[.,:;!?)]?$/i;

/** The value that a command gives a sensitive name: `aws configure set aws_secret_access_key x`, `setx API_KEY x`. */
export function setting(keys: KeyRules, isReplaced: (text: string, index: number) => boolean): Detector {
  return {
    triggers: [
      ["sS", "eE", "tT", " \t\"'\\"],
      ["eE", "tT", "xX", " \t\"'\\"],
      ["pP", "uU", "tT", " \t\"'\\"],
      ["eE", "nN", "vV", " \t\"'\\"],
    ],
    find(text, index) {
      const verb = VERB.exec(text.slice(Math.max(0, index - FRONT_MAX), index));
      if (verb === null) return undefined;
      const ahead = text.slice(index, index + AHEAD_MAX);
      if (verb[1] !== undefined) return aliasSecret(text, index, ahead);
      const found = SETTING.exec(ahead);
      if (found === null) return undefined;
      const name = found[2]!.slice(found[2]!.search(/[\w.:-]{0,96}$/));
      const kind = IDENTIFIER.test(name) ? keys.ofText(name) : undefined;
      if (kind === undefined) return undefined;
      const isQuoted = /["']$/.test(found[4] ?? found[3]!);
      const value = (isQuoted ? QUOTED_VALUE : VALUE).exec(ahead.slice(found[0].length))?.[0];
      if (value === undefined || value.startsWith("-") || (!isQuoted && PROSE.test(value))) return undefined;
      const start = index + found[0].length;
      return isReplaced(text, start) ? undefined : { start, end: start + value.length, kind };
    },
  };

  function aliasSecret(text: string, index: number, ahead: string): Span | undefined {
    const found = ALIAS.exec(ahead)?.[0].length;
    const value = found === undefined ? undefined : VALUE.exec(ahead.slice(found))?.[0];
    if (found === undefined || value === undefined || isReplaced(text, index + found)) return undefined;
    return { start: index + found, end: index + found + value.length, kind: "secret" };
  }
}
