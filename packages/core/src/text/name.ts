/**
 * The grammar of names. A name is one or more segments `[a-z0-9_]+` joined by `-`, at most
 * {@link NAME_MAX_LENGTH} characters: service, module(s), operation, outcome. Values never enter it, so its
 * cardinality stays low and levels, throttles, summaries and alerts can key on it.
 */
const NAME = /^[a-z0-9_]+(?:-[a-z0-9_]+)*$/;

/** The longest name, in characters. */
export const NAME_MAX_LENGTH = 128;

/** What a name must look like, for error messages. */
export const NAME_GRAMMAR = "segments of a-z, 0-9 and _ joined by -, at most 128 characters";

/** Whether `text` is a name. */
export function isName(text: string): boolean {
  return text.length <= NAME_MAX_LENGTH && NAME.test(text);
}

/**
 * Turns a name from outside (a probe `twodegrees/monetizer`, `myDB`) into one that fits the grammar: lower
 * case, every other run of characters to `_`. Never empty: text without a usable character becomes `_`.
 */
export function normaliseName(text: string): string {
  const segments: string[] = [];
  for (const part of text.slice(0, NAME_MAX_LENGTH).toLowerCase().split("-")) {
    const segment = part.replace(/[^a-z0-9_]+/g, "_");
    if (segment !== "") segments.push(segment);
  }
  return segments.length === 0 ? "_" : segments.join("-");
}

type NameCharacter =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z")
  | ("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "_");

// `Before` is the kind of the character before: a dash must stand between two others.
type FitsGrammar<
  Text extends string,
  Before extends "dash" | "letter",
> = Text extends `${infer First}${infer Rest}`
  ? string extends First
    ? true
    : First extends NameCharacter
      ? FitsGrammar<Rest, "letter">
      : First extends "-"
        ? Before extends "dash"
          ? false
          : FitsGrammar<Rest, "dash">
        : false
  : string extends Text
    ? true
    : Before extends "letter"
      ? true
      : false;

/**
 * `Text` itself where it can be a name, else a type that no string has, so that the compiler refuses
 * `"Bad Name"` where the text is known. Text known only as `string` passes and is checked at run time.
 */
export type Name<Text extends string> =
  FitsGrammar<Text, "dash"> extends true ? Text : "a name is segments of a-z, 0-9 and _ joined by -";
