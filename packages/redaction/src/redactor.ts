import { ip } from "./detect/contact.ts";
import { detectorsFor } from "./detect/detectors.ts";
import { encodedSpans } from "./detect/encoded.ts";
import { createRuleScanner, joinSpans } from "./detect/own-rules.ts";
import { harmlessUnder } from "./keys/harmless-value.ts";
import { createKeyRules, type KeyRules } from "./keys/key-rules.ts";
import { isNamedItem, isNamedKey, nameBeside } from "./keys/name-beside-value.ts";
import { type RedactorOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { createIsReplaced, createReplace, isStandIn } from "./replace/actions.ts";
import { replaceSpans } from "./replace/redact-text.ts";
import { copyRedacted, plainText, type ValueLimits } from "./replace/redact-value.ts";
import type { SerialiserMethods } from "./replace/serialiser-methods.ts";
import { tableWithIp, tableWithoutIp } from "./scan/packed-tables.ts";
import { createScanner, type PackedTables, SCAN, type Scanner } from "./scan/scanner.ts";

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
}

/** A redactor with what a serialiser needs of it; see {@link serialiserOf}. */
export type SerialiserRedactor = Redactor & SerialiserMethods;

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
  const { mask } = resolved;
  const { keys, scanner } = findingOf(options, resolved);
  const rules = createRuleScanner(resolved.rules);
  const hasRules = resolved.rules.length > 0;
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
    return kind === undefined ? undefined : standInOf(kind, key);
  }
  function standInOf(kind: string, key: string): (value: unknown) => unknown {
    const { standIn } = ofKind(kind);
    // An allow-list says that what it does not name is hidden, whatever it is.
    const harmless = keys.ofText(key) === undefined ? undefined : harmlessUnder(key);
    if (harmless === undefined) return standIn;
    return (value) => {
      const isPlain = typeof value === "string" || typeof value === "number";
      return isPlain && harmless.test(String(value)) ? value : standIn(value);
    };
  }
  const standIn = (key: string, value: unknown) => standInOf(keys.ofField(key) ?? "secret", key)(value);

  const valueRules = { redactText, isSensitive, isSensitiveName, standIn };
  const redactValue = (value: unknown, limits?: ValueLimits) => copyRedacted(value, valueRules, limits);
  // JavaScript may hand over anything; what is no text becomes one.
  const redactAnyText = (text: string, maxLength?: number) =>
    redactText(typeof text === "string" ? text : plainText(redactValue(text)), maxLength);
  const redactor: Redactor = {
    redactText: redactAnyText,
    // A URL is found in text anyway: here it is only named.
    redactUrl: (url) => redactAnyText(url),
    redactValue,
    sensitiveKey: (key) => typeof key === "string" && isSensitive(key),
    mask,
    counts: () => countsOf(removed),
  };
  const serialiser: SerialiserRedactor = {
    ...redactor,
    inspect: hasRules ? (text) => (rules.concerns(text) ? SCAN : scanner.inspect(text)) : scanner.inspect,
    inspectAt: scanner.inspectAt,
    holdsNumber: scanner.holdsNumber,
    concerns: hasRules ? rules.concerns : undefined,
    standIn,
    standInUnder,
    hide: (kind, value) => ofKind(kind).hide(value),
    sensitiveItem: (array, index, before, item) => isNamedItem(array, index, before, item, isSensitiveName),
    isNamed: isNamedKey,
    sensitiveName: (holder, key) => nameBeside(holder, key, isSensitiveName),
  };
  for (const face of [redactor, serialiser]) Object.defineProperty(face, SERIALISER, { value: serialiser });
  return redactor;
}

/** What finds secrets. It keeps nothing of what it has looked at. */
interface Finding {
  readonly keys: KeyRules;
  readonly scanner: Scanner;
}

// A process has several redactors without options, and this is most of what one takes to build.
const unchanged: { finding?: Finding } = {};

function findingOf(options: RedactorOptions, resolved: ResolvedOptions): Finding {
  if (Object.keys(options).length > 0) return newFinding(resolved);
  unchanged.finding ??= newFinding(resolved);
  return unchanged.finding;
}

function newFinding(resolved: ResolvedOptions): Finding {
  const { wants, mask } = resolved;
  const keys = createKeyRules(resolved);
  const detectors = detectorsFor(keys, wants, createIsReplaced(mask));
  const numbers = { card: wants("card"), ssn: wants("ssn"), iban: wants("iban") };
  return { keys, scanner: createScanner(detectors, numbers, packedFor(resolved, keys)) };
}

/** The tables that the build has worked out; undefined where keys of the user's own are looked for elsewhere, too. */
function packedFor({ wants }: ResolvedOptions, keys: KeyRules): PackedTables | undefined {
  if (keys.hasOwnEndings) return undefined;
  return wants("ip")
    ? { table: tableWithIp(), others: ip.triggers }
    : { table: tableWithoutIp(), others: [] };
}

// A symbol of this copy of the package: what `nextSuspect` looks for is known to the copy that made the redactor only.
const SERIALISER = Symbol("serialiser");

/**
 * The redactor with what a serialiser needs of it. Both count the same secrets. A proxy around the answer of this function
 * is taken for what it is.
 *
 * @throws TypeError when `createRedactor` of this copy of the package did not make the redactor
 */
export function serialiserOf(redactor: Redactor): SerialiserRedactor {
  const serialiser = (redactor as { [SERIALISER]?: SerialiserRedactor })[SERIALISER];
  if (serialiser === undefined) {
    throw new TypeError(
      "serialiserOf: the redactor is not one that createRedactor of this copy of @whodunit/redaction made",
    );
  }
  return "inspectAt" in redactor ? (redactor as SerialiserRedactor) : serialiser;
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
