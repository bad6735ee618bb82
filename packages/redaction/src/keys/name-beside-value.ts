import { boundColumns } from "./bound-columns.ts";
import { credentialWords, isCommand, isWrapper, passwordBesideUser } from "./command-arguments.ts";

import { nameInLists, VALUE_LISTS } from "./parallel-lists.ts";

const NAME_MAX = 64;
const COMMAND_MAX = 256;
const COMMAND_WITHIN = 5;
const WORDS_MAX = 64;
const REDIS: ReadonlySet<string> = new Set(["AUTH", "HELLO", "CONFIG", "ACL", "MIGRATE", "SENTINEL"]);
/** A value that another field of the object names: `value`, `rejectedValue`, `input`, and in a record of a change `old`. */
const VALUE = /(?:value|Value|VALUE)s?$|(?:^|[_-])[vV]al$|[a-z]Val$|^(?:input|received|old|new|previous)$/;
/** The same in an object alone: in a line of text these are words like others. */
const VALUE_IN_OBJECT =
  /^(?:v|contents?|from|to|before|after|lhs|rhs|default|current|actual|expected|given|answer|argument)$/;
/** Under these stand the arguments of a command that another field names. */
const ARGUMENTS: ReadonlySet<string> = new Set(
  "args arguments argv spawnargs params parameters commandargs bindparams bind binds bindings replacements".split(
    " ",
  ),
);
/** By any case, with or without `_` and `-` between their words. */
const NAMES: ReadonlySet<string> = new Set(
  (
    "name key k n path field param parameter property attribute attr label id header variable loc column setting option argument " +
    "keyname fieldname paramname columnname parameterkey parametername instancepath datapath propertypath propertyname prop for " +
    "flag question prompt selector locator"
  ).split(" "),
);
/** Of a JSON web key (RFC 7518, section 6). */
const PRIVATE_MEMBERS: ReadonlySet<string> = new Set(["d", "p", "q", "dp", "dq", "qi", "k"]);
const FIELDS_MAX = 32;
/** What is typed into a field: `{ selector: "#password", text: "…" }`, as drivers of browsers tell it. */
const TYPED = "text";
const COMMANDS = ["name", "command", "cmd", "file", "spawnfile", "executable", "commandName"];
/** What these hold may have any name: only ajv's paths and secret stores say that it is a value. */
const AMBIGUOUS: ReadonlySet<string> = new Set(["data", "payload", "stringdata", TYPED]);
const STORE = /\/secrets\/[^/]/;
/** A kind of value that is a secret, whatever its name: of a form's input, of a store of parameters. */
const SECRET_TYPE = /^(?:password|secret|securestring)$/i;

/** Whether what stands under this key or name is a secret. */
type IsSensitive = (key: string) => boolean;

/** Whether under this key stands a value that another field names, in an object as in text. */
export const isValueKey = (key: string): boolean => VALUE.test(key);

/** Whether what stands under this key may have any name, and is a value only beside a validator's path, a selector or in a store of secrets. */
export const isAmbiguousKey = (key: string): boolean => AMBIGUOUS.has(key.toLowerCase());

/** Whether another field of an object may say what stands under this key. */
export const isNamedKey = (key: string): boolean => {
  if (key.length > NAME_MAX) return false;
  if (isValueKey(key) || VALUE_IN_OBJECT.test(key)) return true;
  if (PRIVATE_MEMBERS.has(key) || key === "code") return true;
  const lower = key.toLowerCase();
  return AMBIGUOUS.has(lower) || ARGUMENTS.has(lower) || VALUE_LISTS.has(lower);
};

/** The same in a text, where an object is printed there: what stands in front of the key shows it. */
export const isValueKeyOfObject = (key: string): boolean => VALUE_IN_OBJECT.test(key);

/**
 * Whether the item at `index` of an array, which stands behind `before`, is a secret by what stands in front of it: the value to a sensitive name, as in
 * raw headers (`["authorization", "…", "host", "…"]`) and in entries (`["authorization", "…"]`), or a credential among the
 * words of a command (`["curl", "-u", "ada:…"]`, `["AUTH", "…"]`, `["--password", "…"]`).
 */
export function isNamedItem(
  array: readonly unknown[],
  index: number,
  before: unknown,
  item: unknown,
  isSensitive: IsSensitive,
): boolean {
  if (typeof before !== "string" || before.length > NAME_MAX) return false;
  if ((index & 1) === 1 && (array.length & 1) === 0 && isSensitive(before) && !isCommand(before)) return true;
  if (typeof item !== "string" && typeof item !== "number") return false;
  if (isPastKey(array, index) && isSensitive(before) && isHashKey(read(array, 0))) return true;
  if (isSetter(read(array, index - 2)) && isSensitive(before) && !isFlagText(item)) return true;
  if (before.startsWith("-") && VALUE_FLAG.test(before) && namesSecret(array, index - 1, isSensitive))
    return true;
  const isFlag = before.startsWith("-") || before.startsWith("/");
  if (
    before.length > 2 &&
    before.startsWith("-") &&
    !before.includes("=") &&
    !String(item).startsWith("-") &&
    isSensitive(before)
  )
    return true;
  if ((before === "-p" || before === "-P") && passwordBesideUser(wordsOf(array), index - 1) === index)
    return true;
  const isGlued = typeof item === "string" && (item.startsWith("-") || item.startsWith("/"));
  return isCredential(array, index, isFlag || isGlued);
}

// Of what Redis stores under a key, as in `HSET`: `["user:7", "password", "…"]`. A list of names has no such first.
const isHashKey = (first: unknown): boolean => typeof first === "string" && HASH_KEY.test(first);
const isPastKey = (array: readonly unknown[], index: number): boolean =>
  (index & 1) === 0 && index > 0 && (array.length & 1) === 1;

const HASH_KEY = /^[\w.-]{1,64}:[\w.:{}@-]{1,128}$/;
const VALUE_FLAG = /^(?:--(?:value|body|data|plaintext|secret-string)|-b)$/;
const NAME_FLAG = /^(?:--(?:name|key|secret-name|parameter-name)|-n)$/;
const isFlagText = (item: unknown): boolean => typeof item === "string" && item.startsWith("-");

/** Whether the words in front of a value, or some behind it, say that it is a secret: `secret set`, `--name db-password`, `--type SecureString`. */
function namesSecret(array: readonly unknown[], flag: number, isSensitive: IsSensitive): boolean {
  for (let i = 0; i < array.length && i < WORDS_MAX; i++) {
    const word = read(array, i);
    if (typeof word !== "string" || word.length > NAME_MAX * 2) continue;
    if (i < flag && /^secrets?$/.test(word)) return true;
    if (word === "SecureString") return true;
    const before = read(array, i - 1);
    if (typeof before !== "string") continue;
    if (NAME_FLAG.test(before) && isSensitive(word)) return true;
  }
  return false;
}

// `["aws", "configure", "set", "aws_secret_access_key", "…"]`, `["setx", "API_KEY", "…"]`
const isSetter = (word: unknown): boolean =>
  typeof word === "string" && word.length < 7 && /^(?:setx?|setenv|put)$/i.test(word);

// The first word of the last list that is no command. Lists repeat (roles, tags), and have an item each to be judged.
let ordinaryWord = "";

function isCredential(array: readonly unknown[], index: number, isFlagged: boolean): boolean {
  if (index >= WORDS_MAX) return false;
  const first = read(array, 0);
  if (typeof first !== "string") return false;
  if (!isFlagged && first === ordinaryWord) return false;
  // In lower case, a list may be one of names.
  const isRedis = REDIS.has(first);
  const mayRun = isFlagged || isWrapper(first);
  if (!isRedis && !(mayRun ? beginsWithCommand(array) : isCommand(first))) {
    if (!mayRun && first.length <= NAME_MAX) ordinaryWord = first;
    return false;
  }
  return credentialWords(wordsOf(array), isRedis).includes(index);
}

function beginsWithCommand(array: readonly unknown[]): boolean {
  for (let i = 0; i < COMMAND_WITHIN && i < array.length; i++) {
    const word = read(array, i);
    if (typeof word !== "string") return false;
    if (isCommand(word)) return true;
  }
  return false;
}

// What throws when it is read names nothing, and must not keep others from being shown.
function read(holder: object, key: string | number): unknown {
  try {
    return (holder as Readonly<Record<string | number, unknown>>)[key];
  } catch {
    return undefined;
  }
}

// By index: an array may be a proxy, which is asked for no more than that.
function wordsOf(array: readonly unknown[], command?: string): string[] {
  const words: string[] = command === undefined ? [] : [command];
  for (let i = 0; i < WORDS_MAX && i < array.length; i++) {
    const word = read(array, i);
    words.push(typeof word === "string" || typeof word === "number" ? String(word) : "");
  }
  return words;
}

/**
 * The sensitive name of what stands under `key` in an object: in `name`, `path`, `field` and others beside a value, as in
 * `{ type: "field", value: "…", path: "password" }`; the command, when its arguments hold a credential.
 */
export function nameBeside(holder: object, key: string, isSensitive: IsSensitive): string | undefined {
  const fields = holder as Readonly<Record<string, unknown>>;
  const lower = key.toLowerCase();
  if (key === "code") return isGrant(fields) ? "auth_code" : undefined;
  if (PRIVATE_MEMBERS.has(key)) return typeof read(fields, "kty") === "string" ? "private_key" : undefined;
  if (lower === TYPED) return selectorBeside(fields, isSensitive);
  if (ARGUMENTS.has(lower)) {
    return commandBeside(fields, read(fields, key)) ?? boundBeside(fields, isSensitive);
  }
  if (VALUE_LISTS.has(lower)) {
    const bound = lower === "values" ? boundBeside(fields, isSensitive) : undefined;
    const named = bound ?? listedBeside(fields, key, isSensitive);
    if (named !== undefined) return named;
  }
  if (lower.endsWith("data") && read(fields, "kind") === "Secret") return "secret";
  if (lower === "payload" && read(fields, "saslStart") !== undefined) return "secret";
  const isAmbiguous = AMBIGUOUS.has(lower);
  for (const field of fieldsOf(fields)) {
    if (field === key) continue;
    const name = field.toLowerCase().replace(/[_-]/g, "");
    const isType = name === "type" && !isAmbiguous;
    if (!isType && !NAMES.has(name)) continue;
    const value = read(fields, field);
    const last = Array.isArray(value) ? read(value, value.length - 1) : nameIn(value);
    if (typeof last !== "string" || last.length > COMMAND_MAX) continue;
    if (isType) {
      if (SECRET_TYPE.test(last)) return "secret";
      continue;
    }
    if (STORE.test(last)) return "secret";
    if (isAmbiguous && name !== "instancepath" && name !== "datapath") continue;
    // A path that begins with a slash is a URL's, but for a patch of JSON (RFC 6902).
    if (name === "path" && last.startsWith("/") && typeof read(fields, "op") !== "string") continue;
    if (last.length <= NAME_MAX * 2 && isSensitive(last)) return last;
  }
  return undefined;
}

function selectorBeside(
  fields: Readonly<Record<string, unknown>>,
  isSensitive: IsSensitive,
): string | undefined {
  const selector = read(fields, "selector") ?? read(fields, "locator");
  return typeof selector === "string" && selector.length <= COMMAND_MAX && isSensitive(selector)
    ? selector
    : undefined;
}

/** A field may be an object that has its name: `{ field: { name: "password" }, value: "…" }`. */
function nameIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return ["name", "key", "path", "id"]
    .map((own) => read(value, own))
    .find((name) => typeof name === "string");
}

// What is exchanged for a token (RFC 6749, section 4.1.3).
const isGrant = (fields: Readonly<Record<string, unknown>>): boolean =>
  read(fields, "grant_type") === "authorization_code" || typeof read(fields, "redirect_uri") === "string";

// Inherited ones too: a class may have its name by a getter.
function fieldsOf(holder: object): string[] {
  const found: string[] = [];
  try {
    for (const field in holder) if (found.push(field) >= FIELDS_MAX) break;
  } catch {
    // A proxy that does not say what it has.
  }
  return found;
}

function listedBeside(
  fields: Readonly<Record<string, unknown>>,
  key: string,
  isSensitive: IsSensitive,
): string | undefined {
  try {
    return nameInLists(fields, fields[key], fieldsOf(fields), isSensitive);
  } catch {
    return undefined;
  }
}

const STATEMENTS = ["sql", "query", "text", "statement"];

/** The sensitive column whose value is bound to a statement that stands beside: `{ sql: "… password = ?", values: […] }`. */
function boundBeside(
  fields: Readonly<Record<string, unknown>>,
  isSensitive: IsSensitive,
): string | undefined {
  for (const name of STATEMENTS) {
    const statement = read(fields, name);
    if (typeof statement !== "string") continue;
    const bound = boundColumns(statement).find(isSensitive);
    if (bound !== undefined) return bound;
  }
  return undefined;
}

function commandBeside(fields: Readonly<Record<string, unknown>>, given: unknown): string | undefined {
  if (!Array.isArray(given)) return undefined;
  for (const name of COMMANDS) {
    const command = read(fields, name);
    if (typeof command !== "string" || command.length > COMMAND_MAX) continue;
    if (credentialWords(wordsOf(given, command), true).length > 0) return "secret";
  }
  return undefined;
}
