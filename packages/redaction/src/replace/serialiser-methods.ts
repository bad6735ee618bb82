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
   * Whether an array item is a secret by what stands in front of it, as in raw headers (`["authorization", "…"]`) and in
   * commands (`["curl", "-u", "…"]`). `before` is the item in front, `item` the item itself, as the caller has read
   * them. Then write `standIn(String(before), item)`. May throw where the array does.
   */
  sensitiveItem(array: readonly unknown[], index: number, before: unknown, item: unknown): boolean;
  /** Whether other fields of its object may say what stands under this key, as under `value` and `args`. */
  isNamed(key: string): boolean;
  /**
   * Of an object and such a key: the sensitive name that says what stands there, as in `{ name: "token", value: "…" }`,
   * `{ value: "…", path: "password" }` and `{ command: "auth", args: ["…"] }`. Then write `standIn(thatName, object[key])`.
   * May throw where a getter throws.
   */
  sensitiveName(holder: object, key: string): string | undefined;
}
