import { credentialWords, isCommand } from "./command-arguments.ts";

const NAME_MAX = 64;
const COMMAND_MAX = 256;
const COMMAND_WITHIN = 5;
const WORDS_MAX = 64;
const REDIS: ReadonlySet<string> = new Set(["AUTH", "HELLO", "CONFIG", "ACL", "MIGRATE", "SENTINEL"]);
/** Under these stands a value that another field of the object names. */
const VALUES: ReadonlySet<string> = new Set(
  "value val values rejectedvalue stringvalue originalvalue inputvalue parametervalue input received data payload stringdata".split(
    " ",
  ),
);
/** Under these stand the arguments of a command that another field names. */
const ARGUMENTS: ReadonlySet<string> = new Set(
  "args arguments argv spawnargs params parameters commandargs".split(" "),
);
const NAMES = [
  "name",
  "key",
  "path",
  "field",
  "param",
  "parameter",
  "property",
  "attribute",
  "label",
  "id",
  "header",
  "variable",
  "Name",
  "Key",
  "ParameterKey",
  "ParameterName",
  "keyName",
  "fieldName",
  "paramName",
  "loc",
  "instancePath",
  "dataPath",
  "column",
];
const COMMANDS = ["name", "command", "cmd", "file", "spawnfile", "executable", "commandName"];
/** What these hold may have any name: only ajv's paths and secret stores say that it is a value. */
const AMBIGUOUS: ReadonlySet<string> = new Set(["data", "payload", "stringdata"]);
const STORE = /\/secrets\/[^/]/;

/** Whether what stands under this key or name is a secret. */
type IsSensitive = (key: string) => boolean;

/** Whether another field of an object may say what stands under this key. */
export const isNamedKey = (key: string): boolean => {
  const lower = key.length > NAME_MAX ? "" : key.toLowerCase();
  return VALUES.has(lower) || ARGUMENTS.has(lower);
};

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
  if ((index & 1) === 1 && (array.length & 1) === 0 && isSensitive(before)) return true;
  if (typeof item !== "string" && typeof item !== "number") return false;
  const isFlag = before.startsWith("-") || before.startsWith("/");
  if (
    before.startsWith("--") &&
    !before.includes("=") &&
    !String(item).startsWith("-") &&
    isSensitive(before)
  )
    return true;
  const isGlued = typeof item === "string" && (item.startsWith("-") || item.startsWith("/"));
  return isCredential(array, index, isFlag || isGlued);
}

function isCredential(array: readonly unknown[], index: number, isFlagged: boolean): boolean {
  if (index >= WORDS_MAX) return false;
  const first = read(array, 0);
  if (typeof first !== "string") return false;
  // In lower case, a list may be one of names.
  const isRedis = REDIS.has(first);
  if (!isRedis && !(isFlagged ? beginsWithCommand(array) : isCommand(first))) return false;
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
  if (ARGUMENTS.has(lower)) return commandBeside(fields, read(fields, key));
  if (lower.endsWith("data") && read(fields, "kind") === "Secret") return "secret";
  for (const name of NAMES) {
    const value = read(fields, name);
    if (value === undefined || name === key) continue;
    const last = Array.isArray(value) ? read(value, value.length - 1) : value;
    if (typeof last !== "string" || last.length > COMMAND_MAX) continue;
    if (STORE.test(last)) return "secret";
    if (AMBIGUOUS.has(lower) && name !== "instancePath" && name !== "dataPath") continue;
    // A path that begins with a slash is a URL's.
    if (name === "path" && last.startsWith("/")) continue;
    if (last.length <= NAME_MAX * 2 && isSensitive(last)) return last;
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
