import { ACTIONS, type Action, KINDS, type Kind } from "./kinds.ts";

/** A pattern of the user's own. */
export interface Rule {
  /** The kind that counts, actions and tokens name: lower-case words joined by `-`. */
  readonly kind: string;
  /**
   * What to find; the flags `g` and `y` are set as needed. It runs on pieces of at most 4,096 characters (512 of them
   * shared with the piece before), which bounds what a pattern of polynomial time costs. One of exponential time stops
   * the process all the same: a quantified group with a quantifier inside (`(a+)+`) is refused, others, as
   * `(a|aa)+$`, are yours to avoid.
   */
  readonly pattern: RegExp;
  /** A text that every match holds: strings without it skip the pattern. Without a gate every string is scanned. */
  readonly gate?: string;
  /** The last word on a match. A throw counts as yes. */
  readonly validate?: (match: string) => boolean;
}

/** How a redactor is set up; every option has a safe default. */
export interface RedactorOptions {
  /** What happens to a secret whose kind says nothing else. @default "mask" */
  readonly action?: Action;
  /** An action by kind; `false` switches the kind off, and any action switches `ip` on. @default { ip: false } */
  readonly kinds?: Readonly<Partial<Record<Kind, Action | false>>> & Readonly<Record<string, Action | false>>;
  /** Further sensitive keys, as `national id` or `nationalId`. They match as last words of a key too. */
  readonly keys?: readonly string[];
  /** Keys that are never sensitive, whole: `["session"]` leaves `session_token` alone. */
  readonly safeKeys?: readonly string[];
  /** Allow-list mode: the value of every other field is redacted, and those of these are still scanned. */
  readonly allowKeys?: readonly string[];
  /** Patterns of your own, run after the built-in ones. */
  readonly rules?: readonly Rule[];
  /** What stands in for a secret. @default "[Redacted]" */
  readonly mask?: string;
  /** The key of the pseudonyms, at least 16 characters or bytes: whoever has it can test guesses. */
  readonly pseudonymKey?: string | Uint8Array;
}

/** The options as the rest of the package uses them. */
export interface ResolvedOptions {
  readonly actionOf: (kind: string) => Action;
  readonly wants: (kind: Kind) => boolean;
  readonly keys: readonly string[];
  readonly safeKeys: readonly string[];
  readonly allowKeys: readonly string[] | undefined;
  readonly rules: readonly Rule[];
  readonly mask: string;
  readonly pseudonymKey: string | Uint8Array | undefined;
}

const OWNER = "createRedactor";
const KNOWN = ["action", "kinds", "keys", "safeKeys", "allowKeys", "rules", "mask", "pseudonymKey"];
const KEY_MIN = 16;

/** @throws TypeError that names the option, its value and what is wanted */
export function resolveOptions(options: RedactorOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${OWNER}: options are ${shown(options)}, want an object`);
  }
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key)) {
      throw new TypeError(`${OWNER}: option "${key}" is unknown, want one of ${KNOWN.join(", ")}`);
    }
  }
  const { action = "mask", kinds = {}, keys = [], safeKeys = [], allowKeys, rules = [] } = options;
  const { mask = "[Redacted]", pseudonymKey } = options;
  if (!ACTIONS.includes(action)) throw wrong("action", action, quoted(ACTIONS));
  checkKeys("keys", keys);
  checkKeys("safeKeys", safeKeys);
  if (allowKeys !== undefined) checkKeys("allowKeys", allowKeys);
  if (typeof mask !== "string" || mask === "" || /["\\\0-\x1f]/.test(mask)) {
    throw wrong("mask", mask, "a text that JSON does not escape");
  }
  if (!Array.isArray(rules)) throw wrong("rules", rules, "an array");
  rules.forEach(checkRule);
  checkKinds(kinds, rules);
  const used = [action, ...Object.values(kinds)];
  if (pseudonymKey !== undefined || used.includes("pseudonym")) checkPseudonymKey(pseudonymKey);

  const byKind = new Map(Object.entries(kinds));
  return {
    actionOf: (kind) => byKind.get(kind) || action,
    wants: (kind) => (byKind.get(kind) ?? kind !== "ip") !== false,
    keys,
    safeKeys,
    allowKeys,
    rules: rules.filter((rule) => byKind.get(rule.kind) !== false),
    mask,
    pseudonymKey,
  };
}

function checkKeys(name: string, list: unknown): void {
  if (!Array.isArray(list)) throw wrong(name, list, "an array of keys");
  const bad = list.findIndex((key) => typeof key !== "string" || !/[\p{L}\p{N}]/u.test(key));
  if (bad !== -1) throw wrong(`${name}[${bad}]`, list[bad], "a key with a letter or digit in it");
}

function checkKinds(kinds: unknown, rules: readonly Rule[]): void {
  if (typeof kinds !== "object" || kinds === null || Array.isArray(kinds))
    throw wrong("kinds", kinds, "an object");
  const known = [...KINDS, ...rules.map((rule) => rule.kind)];
  for (const [kind, action] of Object.entries(kinds)) {
    if (!known.includes(kind)) throw wrong("kinds", kind, `kinds out of ${quoted(known)}`);
    if (action !== false && !ACTIONS.includes(action)) {
      throw wrong(`kinds.${kind}`, action, `false or ${quoted(ACTIONS)}`);
    }
  }
}

function checkRule(rule: Rule, index: number): void {
  const at = `rules[${index}]`;
  if (typeof rule !== "object" || rule === null) throw wrong(at, rule, "an object");
  const extra = Object.keys(rule).find((key) => !["kind", "pattern", "gate", "validate"].includes(key));
  if (extra !== undefined) throw wrong(at, extra, "kind, pattern, gate and validate only");
  if (typeof rule.kind !== "string" || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(rule.kind)) {
    throw wrong(`${at}.kind`, rule.kind, 'lower-case words joined by "-"');
  }
  if (!(rule.pattern instanceof RegExp)) throw wrong(`${at}.pattern`, rule.pattern, "a RegExp");
  if (new RegExp(rule.pattern).test(""))
    throw wrong(`${at}.pattern`, rule.pattern.source, "a pattern that needs a character");
  if (hasNestedQuantifier(rule.pattern.source)) {
    throw wrong(
      `${at}.pattern`,
      rule.pattern.source,
      "no quantifier inside a quantified group: that can take forever",
    );
  }
  if (rule.gate !== undefined && (typeof rule.gate !== "string" || rule.gate === "")) {
    throw wrong(`${at}.gate`, rule.gate, "a text that every match holds");
  }
  if (rule.validate !== undefined && typeof rule.validate !== "function") {
    throw wrong(`${at}.validate`, rule.validate, "a function");
  }
}

/** Whether a group that may repeat without bound holds something that may repeat without bound. */
function hasNestedQuantifier(source: string): boolean {
  const plain = source.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
  const open: boolean[] = [];
  let repeats = false;
  for (let i = 0; i < plain.length; i++) {
    const unbounded = /^(?:[*+]|\{\d+,\})/.test(plain.slice(i, i + 12));
    if (plain[i] === "(") {
      open.push(repeats);
      repeats = false;
    } else if (plain[i] === ")") {
      if (repeats && /^(?:[*+]|\{\d+,\})/.test(plain.slice(i + 1, i + 13))) return true;
      repeats = (open.pop() ?? false) || repeats;
    } else if (unbounded) repeats = true;
  }
  return false;
}

function checkPseudonymKey(key: unknown): void {
  const length = typeof key === "string" || key instanceof Uint8Array ? key.length : 0;
  // The value is a secret, or was meant to be: say its length only.
  if (length < KEY_MIN) {
    throw new TypeError(
      `${OWNER}: option "pseudonymKey" has ${length} characters, want at least ${KEY_MIN} for the action "pseudonym"`,
    );
  }
}

const quoted = (words: readonly string[]): string => words.map((word) => JSON.stringify(word)).join(" or ");

function wrong(option: string, value: unknown, wanted: string): TypeError {
  return new TypeError(`${OWNER}: option "${option}" is ${shown(value)}, want ${wanted}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  }
  return String(value);
}
