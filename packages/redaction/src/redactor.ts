import { assignment } from "./detect/assignment.ts";
import { email, ip, phone, userinfo } from "./detect/contact.ts";
import type { Detector } from "./detect/detector.ts";
import { encodedSpans } from "./detect/encoded.ts";
import { flag } from "./detect/flag.ts";
import { createRuleScanner, joinSpans } from "./detect/own-rules.ts";
import { authScheme, jwt, prefixed, privateKey } from "./detect/token.ts";
import { createKeyRules } from "./keys/key-rules.ts";
import { isPairValue, valueName } from "./keys/name-beside-value.ts";
import type { Kind } from "./kinds.ts";
import { type RedactorOptions, resolveOptions } from "./options.ts";
import { createIsReplaced, createReplace, isStandIn } from "./replace/actions.ts";
import { replaceSpans } from "./replace/redact-text.ts";
import { copyRedacted, plainText, type ValueLimits } from "./replace/redact-value.ts";
import { createScanner, type Inspection, SCAN } from "./scan/scanner.ts";

/** Finds and removes secrets. Nothing here throws, and nothing changes what it is given. */
export interface Redactor {
  /**
   * The text without its secrets.
   *
   * @param maxLength cuts the result there, after redaction: of a secret that straddles the cut nothing stays
   */
  redactText(text: string, maxLength?: number): string;
  /** A copy without secrets, made of plain data: objects, arrays and primitives. */
  redactValue(value: unknown, limits?: ValueLimits): unknown;
  /** The URL without userinfo and without the values of sensitive parameters. */
  redactUrl(url: string): string;
  /** Whether what stands under this key is a secret. Callers with keys of their own kind may keep the answer. */
  sensitiveKey(key: string): boolean;
  /** What stands for a secret that is masked. */
  readonly mask: string;
  /** How many secrets were removed so far, by kind. */
  counts(): Readonly<Record<string, number>>;

  /** For serialisers: what has to be done with a string, in one look at it. */
  inspect(text: string): Inspection;
  /**
   * For serialisers that write bytes: the same for one place, which {@link nextSuspect} has found, in a text that is all
   * ASCII. A text with none is clean. With the first place found, {@link holdsNumber} is to be asked, too.
   */
  inspectAt(text: string, index: number): Inspection;
  /** For the same: whether there is a card number, SSN or IBAN in a text. */
  holdsNumber(text: string): boolean;
  /** For the same: whether the patterns of the `rules` have to look at a text, whatever characters it has. */
  readonly concerns: ((text: string) => boolean) | undefined;
  /**
   * For serialisers: what to write under a sensitive key. `undefined` drops the field; what cannot hold a secret
   * (null, booleans, the empty string) stays.
   */
  standIn(key: string, value: unknown): unknown;
  /** For serialisers that keep what they know of a key: `standIn` of this key; undefined when the key is not sensitive. */
  standInUnder(key: string): ((value: unknown) => unknown) | undefined;
  /**
   * For serialisers: the stand-in of a value that the caller knows to be of this kind, whatever it is. `undefined`
   * when that kind is removed.
   */
  hide(kind: string, value: unknown): string | undefined;
  /**
   * For serialisers: whether an array item is the value to a sensitive name in front of it, as in raw headers
   * (`["authorization", "…"]`). Then write `standIn(array[index - 1], array[index])`.
   */
  sensitiveItem(array: readonly unknown[], index: number): boolean;
  /**
   * For serialisers, of an object with a field `value`: the sensitive name in its `name` or `key`, as in
   * `{ name: "token", value: "…" }`. Then write `standIn(thatName, object.value)`. May throw where a getter throws.
   */
  sensitiveName(holder: object): string | undefined;
}

/**
 * Creates a redactor. Without options it masks all built-in kinds but IP addresses.
 *
 * @throws TypeError when an option is wrong: it names the option, its value and what is wanted
 * @example
 * const redactor = createRedactor();
 * redactor.redactText("Bearer 5e2f8a91c0d7"); // "Bearer [Redacted]"
 * redactor.redactValue({ user: { email: "ada@example.org" } }); // { user: { email: "[Redacted]" } }
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const resolved = resolveOptions(options);
  const { wants, mask } = resolved;
  const keys = createKeyRules(resolved);
  const rules = createRuleScanner(resolved.rules);
  const hasRules = resolved.rules.length > 0;
  const isReplaced = createIsReplaced(mask);
  const detectors: [Kind, Detector[]][] = [
    ["userinfo", [userinfo]],
    ["email", [email]],
    ["secret", [assignment(keys, isReplaced), flag(keys, isReplaced)]],
    ["jwt", [jwt]],
    ["private-key", [privateKey]],
    ["auth", [authScheme]],
    ["aws", prefixed("aws")],
    ["vendor", prefixed("vendor")],
    ["phone", [phone]],
    ["ip", [ip]],
  ];
  const scanner = createScanner(
    // Keys in text tell other kinds, too, and the user's own.
    detectors.filter(([kind]) => kind === "secret" || wants(kind)).flatMap(([, own]) => own),
    { card: wants("card"), ssn: wants("ssn"), iban: wants("iban") },
  );
  const removed = new Map<string, Removed>();
  const standInFor = createReplace(resolved);
  const ofKind = (kind: string): Removed => {
    const known = removed.get(kind);
    if (known !== undefined) return known;
    const made = removalOf(kind);
    removed.set(kind, made);
    return made;
  };
  const replace = (kind: string, secret: string): string => {
    ofKind(kind).count++;
    return standInFor(kind, secret);
  };

  const plainSpans = (text: string) =>
    hasRules ? joinSpans(scanner.spans(text), rules.spans(text)) : scanner.spans(text);
  const spans = (text: string) => {
    const found = plainSpans(text);
    const encoded = encodedSpans(text, plainSpans);
    return encoded.length === 0 ? found : joinSpans(found, encoded);
  };
  const redactText = (text: string, maxLength?: number) => replaceSpans(text, spans, replace, maxLength);
  const isSensitive = (key: string) => keys.ofField(key) !== undefined;
  // A name beside a value is no field, so an allow-list says nothing of it.
  const isSensitiveName = (name: string) => keys.ofText(name) !== undefined;

  function removalOf(kind: string): Removed {
    const action = resolved.actionOf(kind);
    const hide = (value: unknown): string | undefined => {
      own.count++;
      if (action === "remove") return undefined;
      const isText = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
      return action === "mask" || !isText ? mask : standInFor(kind, String(value));
    };
    const standIn = (value: unknown): unknown => {
      if (value === undefined || value === null || value === "" || typeof value === "boolean") return value;
      return typeof value === "string" && isStandIn(value, mask) ? value : hide(value);
    };
    const own: Removed = { count: 0, hide, standIn };
    return own;
  }

  function standInUnder(key: string): ((value: unknown) => unknown) | undefined {
    const kind = typeof key === "string" ? keys.ofField(key) : undefined;
    return kind === undefined ? undefined : ofKind(kind).standIn;
  }
  const standIn = (key: string, value: unknown) => ofKind(keys.ofField(key) ?? "secret").standIn(value);

  const valueRules = { redactText, isSensitive, isSensitiveName, standIn };
  const redactValue = (value: unknown, limits?: ValueLimits) => copyRedacted(value, valueRules, limits);
  // JavaScript may hand over anything; what is no text becomes one.
  const redactAnyText = (text: string, maxLength?: number) =>
    redactText(typeof text === "string" ? text : plainText(redactValue(text)), maxLength);
  return {
    redactText: redactAnyText,
    // A URL is found in text anyway: here it is only named.
    redactUrl: (url) => redactAnyText(url),
    redactValue,
    sensitiveKey: (key) => typeof key === "string" && isSensitive(key),
    mask,
    counts: () => countsOf(removed),
    inspect: hasRules ? (text) => (rules.concerns(text) ? SCAN : scanner.inspect(text)) : scanner.inspect,
    inspectAt: scanner.inspectAt,
    holdsNumber: scanner.holdsNumber,
    concerns: hasRules ? rules.concerns : undefined,
    standIn,
    standInUnder,
    hide: (kind, value) => ofKind(kind).hide(value),
    sensitiveItem: (array, index) => isPairValue(array, index, isSensitiveName),
    sensitiveName: (holder) => valueName(holder, isSensitiveName),
  };
}

/** What was removed of one kind, and how. */
interface Removed {
  count: number;
  /** Counts a value, and gives what stands for it. */
  readonly hide: (value: unknown) => string | undefined;
  /** The same of a value under a key, where some cannot hold a secret, and some are stand-ins already. */
  readonly standIn: (value: unknown) => unknown;
}

function countsOf(removed: ReadonlyMap<string, Removed>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [kind, { count }] of removed) if (count > 0) counts[kind] = count;
  return counts;
}
