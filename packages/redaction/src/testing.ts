import { AssertionError } from "node:assert";
import type { RedactorOptions } from "./options.ts";
import { createRedactor, type SerialiserRedactor, serialiserOf } from "./redactor.ts";

const SHOWN_MAX = 20;

/** A secret that is still there. */
interface Finding {
  readonly line: number;
  /** The path of the field in a JSON line, or the character where the text begins to differ. */
  readonly place: string;
  readonly kinds: string;
}

/**
 * Fails when text, such as everything a test made a service log, still holds a secret. Lines of JSON are looked at
 * field by field, all else as text. What redaction put in the place of a secret is no secret.
 *
 * @param output a text of any number of lines, or the lines themselves
 * @param options as for `createRedactor`: switch off kinds that you log on purpose, add keys and rules of your own
 * @throws AssertionError that names line, place and kind of each secret, and never shows one
 * @example
 * assertNoSecrets('{"level":"debug","user":{"password":"x"}}');
 * // Found 1 secret in 1 line:
 * //   line 1, user.password: secret
 */
export function assertNoSecrets(output: string | Iterable<string>, options: RedactorOptions = {}): void {
  const lines = (typeof output === "string" ? [output] : [...output]).flatMap((text) => text.split("\n"));
  const redactor = serialiserOf(createRedactor({ ...options, action: "mask", kinds: masked(options.kinds) }));
  const findings = lines.flatMap((line, index) => findIn(line, index + 1, redactor));
  if (findings.length === 0) return;
  const list = findings
    .slice(0, SHOWN_MAX)
    .map(({ line, place, kinds }) => `  line ${line}, ${place}: ${kinds}`);
  if (findings.length > SHOWN_MAX) list.push(`  and ${findings.length - SHOWN_MAX} more`);
  throw new AssertionError({
    message: `Found ${plural(findings.length, "secret")} in ${plural(lines.length, "line")}:\n${list.join("\n")}`,
    stackStartFn: assertNoSecrets,
  });
}

// However a secret was to be replaced, here it only has to be found.
function masked(kinds: RedactorOptions["kinds"] = {}): NonNullable<RedactorOptions["kinds"]> {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, action]) => [kind, action === false ? false : "mask"]),
  );
}

function findIn(line: string, number: number, redactor: SerialiserRedactor): Finding[] {
  const found: Finding[] = [];
  const look = (value: unknown, redact: () => unknown, placeOf: (redacted: string) => string): void => {
    const before = redactor.counts();
    const redacted = redact();
    if (redacted === value) return;
    const kinds = Object.entries(redactor.counts()).filter(([kind, count]) => count > (before[kind] ?? 0));
    found.push({
      line: number,
      place: placeOf(String(redacted)),
      kinds: kinds.map(([kind]) => kind).join(", "),
    });
  };
  const lookInText = (text: string, at: string): void =>
    look(
      text,
      () => redactor.redactText(text),
      (redacted) => `${at}character ${firstDifference(text, redacted) + 1}`,
    );

  function walk(value: unknown, path: string): void {
    if (typeof value === "string" || typeof value === "number") {
      lookInText(String(value), path === "" ? "" : `${path} at `);
    } else if (Array.isArray(value)) {
      value.forEach((item, i) => {
        visit(
          item,
          `${path}[${i}]`,
          redactor.sensitiveItem(value, i, value[i - 1], item) ? String(value[i - 1]) : undefined,
        );
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        lookInText(key, `a key of ${path === "" ? "the line" : path} at `);
        const shown = redactor.redactText(key);
        const named = redactor.isNamed(key) ? redactor.sensitiveName(value, key) : undefined;
        visit(item, path === "" ? shown : `${path}.${shown}`, named ?? key);
      }
    }
  }

  function visit(value: unknown, path: string, name: string | undefined): void {
    if (name === undefined || !redactor.sensitiveKey(name)) walk(value, path);
    else
      look(
        value,
        () => redactor.standIn(name, value),
        () => path,
      );
  }

  const json = parsed(line);
  if (json === undefined) lookInText(line, "");
  else walk(json, "");
  return found;
}

function parsed(line: string): unknown {
  if (!/^\s*[[{"]/.test(line)) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    // Not JSON: judged as text.
    return undefined;
  }
}

function firstDifference(text: string, redacted: string): number {
  let i = 0;
  while (i < text.length && text[i] === redacted[i]) i++;
  return i;
}

const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;
