import type { Inspection } from "../scan/scanner.ts";

/** What a redactor offers those who write values themselves, field by field and text by text. Nothing here throws. */
export interface SerialiserMethods {
  /** What has to be done with a string, in one look at it. */
  inspect(text: string): Inspection;
  /**
   * For those that write bytes: the same for one place, which `nextSuspect` has found, in a text that is all ASCII. A
   * text with none is clean. With the first place found, {@link holdsNumber} is to be asked, too.
   */
  inspectAt(text: string, index: number): Inspection;
  /** For the same: whether there is a card number, SSN or IBAN in a text. */
  holdsNumber(text: string): boolean;
  /** For the same: whether the patterns of the `rules` have to look at a text, whatever characters it has. */
  readonly concerns: ((text: string) => boolean) | undefined;
  /**
   * What to write under a sensitive key. `undefined` drops the field; what cannot hold a secret (null, booleans, the
   * empty string) stays.
   */
  standIn(key: string, value: unknown): unknown;
  /** For those that keep what they know of a key: `standIn` of this key; undefined when the key is not sensitive. */
  standInUnder(key: string): ((value: unknown) => unknown) | undefined;
  /**
   * The stand-in of a value that the caller knows to be of this kind, whatever it is. `undefined` when that kind is
   * removed.
   */
  hide(kind: string, value: unknown): string | undefined;
  /**
   * Whether an array item is the value to a sensitive name in front of it, as in raw headers (`["authorization", "…"]`).
   * Then write `standIn(array[index - 1], array[index])`.
   */
  sensitiveItem(array: readonly unknown[], index: number): boolean;
  /**
   * Of an object with a field `value`: the sensitive name in its `name` or `key`, as in `{ name: "token", value: "…" }`.
   * Then write `standIn(thatName, object.value)`. May throw where a getter throws.
   */
  sensitiveName(holder: object): string | undefined;
}
