import {
  ALNUM,
  createRandom,
  DIGITS,
  HEX,
  LOWER,
  type Random,
  SEED,
  UPPER,
} from "../../../../test/helpers/random.ts";

const ALPHABETS: Readonly<Record<string, string>> = {
  digit: DIGITS,
  hex: HEX,
  lower: LOWER + DIGITS,
  upper: UPPER + DIGITS,
  alnum: ALNUM,
  base64: `${ALNUM}+/`,
  base64url: `${ALNUM}-_`,
  "base64url=": `${ALNUM}-_=`,
  dotted: `${ALNUM}-_.`,
  "dotted~": `${ALNUM}-_.~`,
  anything: `${ALNUM}-_.+/=~`,
  "anything%": `${ALNUM}-_.+/=~`,
  "anything@": `${ALNUM}-_.+/@`,
};
const UUID = "<hex:8>-<hex:4>-<hex:4>-<hex:4>-<hex:12>";
const OPEN_MORE = 24;

/** A random source for tokens. */
export const tokenRandom = (): Random => createRandom(SEED);

/** A random token of a form of the table of vendors. It never ends with what may end a sentence. */
export function buildToken(random: Random, form: string): string {
  const token = form
    .replaceAll("<uuid>", UUID)
    .replace(/<([^:>]+):(\d+)(?:-(\d+)|(\+))?>|\[([^\]]+)\]/g, (_, name, min, max, open, set) => {
      if (set !== undefined) return random.pick([...spelledOut(set)]);
      const least = Number(min);
      const most = max === undefined ? least + (open === undefined ? 0 : OPEN_MORE) : Number(max);
      const length = random.integer(least, most);
      const body = random.chars(length, ALPHABETS[name]!);
      // A digit and a letter of either case, as any token of this length has by all likelihood.
      const sure =
        body.length < 6 || name === "digit" || name === "hex" ? body : `${body.slice(0, -3)}${sureEnd(name)}`;
      return sure.replace(/^[^A-Za-z0-9]/, "7").replace(/[^A-Za-z0-9]$/, "7");
    });
  return token;
}

const sureEnd = (name: string): string => (name === "lower" ? "7a7" : name === "upper" ? "7A7" : "7aB");

const spelledOut = (set: string): string =>
  set.replace(/(.)-(.)/g, (_, first: string, last: string) => {
    const length = last.charCodeAt(0) - first.charCodeAt(0) + 1;
    return Array.from({ length }, (_, i) => String.fromCharCode(first.charCodeAt(0) + i)).join("");
  });
