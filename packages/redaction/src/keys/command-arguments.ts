import { FLAGS, LOGIN_FLAGS, PASSWORD_SETTINGS, PLACES } from "./credential-commands.ts";

const WORDS_MAX = 64;
const COMMAND_WITHIN = 5;
// What is named in front of the command that it runs.
const WRAPPERS: ReadonlySet<string> = new Set(
  "sudo doas env exec nohup time nice timeout xargs npx".split(" "),
);
const USER_FLAG = /^(?:-[uUx]|--?user(?:name)?|--?login)$/;
const PASSWORD_FLAG = /^-[pP]$/;
// Ports, addresses, paths, variables, protocols.
const NO_PASSWORD = /^(?:[-/.~$]|(?:[\d.]{1,15}:?\d{0,5}(?::\d{1,5})?(?:\/(?:tcp|udp))?|tcp|udp|icmp)$)/;
// Their `-p` is no password, or asks for one.
const OTHER_COMMANDS: ReadonlySet<string> = new Set(
  "mysql mysqldump mysqladmin mysqlimport mysqlcheck mariadb mariadb-dump mariadb-admin systemctl journalctl loginctl squeue sbatch srun sinfo grep egrep ps top mkdir cp rsync iptables".split(
    " ",
  ),
);
const PAIR = /^-{0,2}[A-Za-z_][\w.-]{0,63}=./;

/** The flags of one command. */
interface Flags {
  readonly whole: ReadonlySet<string>;
  readonly glued: readonly string[];
  /** Of these only what has a colon is a credential. */
  readonly colon: ReadonlySet<string>;
  readonly needsLogin: boolean;
}

/** What is known of one command. */
interface Command {
  readonly flags: Flags | undefined;
  readonly places: readonly (readonly string[])[];
}

let known: ReadonlyMap<string, Command> | undefined;

function commands(): ReadonlyMap<string, Command> {
  known ??= readCommands();
  return known;
}

function readCommands(): Map<string, Command> {
  const found = new Map<string, Command>();
  for (const [table, needsLogin] of [[FLAGS, false] as const, [LOGIN_FLAGS, true] as const]) {
    for (const [names, text] of Object.entries(table)) {
      const all = text.split(" ");
      const flags: Flags = {
        whole: new Set(all.map((flag) => flag.replace(/[*:]$/, ""))),
        glued: all.filter((flag) => flag.endsWith("*")).map((flag) => flag.slice(0, -1)),
        colon: new Set(all.filter((flag) => /\w:$/.test(flag)).map((flag) => flag.slice(0, -1))),
        needsLogin,
      };
      for (const name of names.split(" ")) if (!found.has(name)) found.set(name, { flags, places: [] });
    }
  }
  for (const [names, texts] of Object.entries(PLACES)) {
    const places = texts.map((text) => text.split(" "));
    for (const name of names.split(" ")) found.set(name, { flags: found.get(name)?.flags, places });
  }
  return found;
}

/** Which of the words of a command line are credentials: of a shell's command, or of Redis. By index, in order. */
export function credentialWords(words: readonly string[], isRedis: boolean): number[] {
  const redis = isRedis ? redisWords(words) : [];
  if (redis.length > 0) return redis;
  for (let i = 0; i < words.length && i < COMMAND_WITHIN; i++) {
    const command = commands().get(commandOf(words[i]!));
    if (command === undefined) continue;
    const flagged = flaggedWords(words, i, command.flags);
    return [...flagged, ...placedWords(words, i)].sort((a, b) => a - b);
  }
  return [];
}

/** Where the last such command of a text begins, with its quote where it stands in quotes alone; -1 when none does. */
export function lastCommand(text: string): number {
  anyCommand ??= new RegExp(
    `(?:^|[\\s"'\`/\\\\=(;|&,[])(?:${[...commands().keys()].map((name) => name.replace(/[.]/g, "\\.")).join("|")})(?:\\.exe)?(?=([\\s"',\\\\])|$)`,
    "gi",
  );
  let start = -1;
  for (const match of text.matchAll(anyCommand)) {
    const first = match[0][0]!;
    const isQuoted = (first === '"' || first === "'") && /["'\\]/.test(match[1] ?? "");
    start = match.index + (isQuoted || /\w/.test(first) ? 0 : 1);
  }
  return start;
}

let anyCommand: RegExp | undefined;

/** Whether a word is the name of a command that may carry credentials. */
export const isCommand = (word: string): boolean => commands().has(commandOf(word));

/** Whether a word runs the command that stands behind it. */
export const isWrapper = (word: string): boolean => WRAPPERS.has(commandOf(word));

/** Whether some words of this command are credentials by their place. */
export const hasPlaces = (word: string): boolean => (commands().get(commandOf(word))?.places.length ?? 0) > 0;

/** `/usr/bin/curl`, `C:\\tools\\PLINK.EXE` */
function commandOf(word: string): string {
  if (word.length > 128) return "";
  const name = word.slice(Math.max(word.lastIndexOf("/"), word.lastIndexOf("\\")) + 1).toLowerCase();
  return name.endsWith(".exe") ? name.slice(0, -4) : name;
}

function flaggedWords(words: readonly string[], command: number, flags: Flags | undefined): number[] {
  const end = Math.min(words.length, command + WORDS_MAX);
  if (flags === undefined) return [];
  if (flags.needsLogin && !words.slice(command + 1, end).includes("login")) return [];
  const found: number[] = [];
  // `mysql -p` alone asks for the password: what follows is a database.
  const asks = commandOf(words[command]!).startsWith("m") && flags.whole.size === 1 && !flags.whole.has("-P");
  const isSql = asks && !commandOf(words[command]!).startsWith("mongo");
  for (let i = command + 1; i < end; i++) {
    const word = words[i]!;
    if (flags.colon.has(word)) {
      if (words[i + 1]?.includes(":")) found.push(++i);
    } else if (flags.whole.has(word)) {
      if (!isSql && i + 1 < end) found.push(++i);
    } else if (isGlued(word, flags)) {
      found.push(i);
    } else if (isJoined(word, flags) && i + 1 < end) {
      found.push(++i);
    }
  }
  return found;
}

/** `-px`, `--user=x`, `-id=x` */
function isGlued(word: string, { whole, glued }: Flags): boolean {
  const equals = word.startsWith("-") ? word.indexOf("=") : -1;
  if (equals > 1 && whole.has(word.slice(0, equals))) return word.length > equals + 1;
  return glued.some((flag) => word.startsWith(flag) && word.length > flag.length && word[1] !== "-");
}

/** `-sSu`: several flags of one letter, the last of which has a value. */
const isJoined = (word: string, { whole }: Flags): boolean =>
  /^-[A-Za-z]{2,8}$/.test(word) && whole.has(`-${word.at(-1)}`);

/** Which words of the command at `command` are credentials by their place. */
export function placedWords(words: readonly string[], command: number): number[] {
  const end = Math.min(words.length, command + WORDS_MAX);
  for (const place of commands().get(commandOf(words[command]!))?.places ?? []) {
    const found = wordsAt(words, command + 1, end, place);
    if (found.length > 0) return found;
  }
  return [];
}

function wordsAt(words: readonly string[], from: number, end: number, place: readonly string[]): number[] {
  const [first = ""] = place;
  let at = from;
  let rest = place;
  if (/^[\w-]/.test(first) && !/^user[/:]/.test(first)) {
    at = words.findIndex((word, i) => i >= from && i < end && isNamed(word, first)) + 1;
    if (at === 0) return [];
    rest = place.slice(1);
  }
  const found: number[] = [];
  for (const wanted of rest) {
    while (at < end && isFlagOrPath(words[at]!)) at++;
    const many = wanted.endsWith("*");
    do {
      const word = words[at];
      if (at >= end || word === undefined || word === "") return many ? found : [];
      const isHit = hits(word, wanted);
      if (isHit) found.push(at);
      else if (wanted !== "." && !isNamed(word, wanted) && !many) return [];
      at++;
    } while (many && at < end);
  }
  return found;
}

function hits(word: string, wanted: string): boolean {
  switch (wanted[0]) {
    case "$":
      return !isFlagOrPath(word) && !PAIR.test(word);
    case "=":
      return PAIR.test(word);
    default:
      if (wanted === "user/*") return /^(?:userid=)?[A-Za-z"][^/=]{0,63}\/[^/]/.test(word);
      return wanted === "user:" && /^[^/:]{1,64}:./.test(word);
  }
}

const NAME_OF_SECRET = /(?:password|passwd|passphrase|secret|token|credential|key)s?$/i;

// `-nbB` is `-nb`, whatever stands between.
function isNamed(word: string, wanted: string): boolean {
  if (/^-\w/.test(wanted)) {
    return /^-[A-Za-z]{1,8}$/.test(word) && [...wanted.slice(1)].every((letter) => word.includes(letter));
  }
  return wanted === "name" ? NAME_OF_SECRET.test(word) : wanted.split("/").includes(word);
}

// `net use` has paths and drives among its words.
const isFlagOrPath = (word: string): boolean => /^(?:-.|\/\w{1,12}(?::|$)|\\\\|[A-Za-z]:$|\*$)/.test(word);

/** The index of the password in `-u ada -p x`, whatever the command is, where the flag is at `flag`; -1 when it is none. */
export function passwordBesideUser(words: readonly string[], flag: number): number {
  const value = words[flag + 1];
  if (value === undefined || !PASSWORD_FLAG.test(words[flag]!) || NO_PASSWORD.test(value)) return -1;
  if (words.some((word, i) => i < flag && OTHER_COMMANDS.has(commandOf(word)))) return -1;
  return reachesUser(words, flag, -1) || reachesUser(words, flag, 1) ? flag + 1 : -1;
}

// Between the two, only flags and what stands behind one: `sudo -u app mkdir -p x` runs another command there.
function reachesUser(words: readonly string[], flag: number, step: 1 | -1): boolean {
  let bare = step === 1 ? 1 : 0;
  for (let i = step === 1 ? flag + 2 : flag - 1; i >= 0 && i < words.length; i += step) {
    const word = words[i]!;
    if (!word.startsWith("-")) {
      if (++bare > 1) return false;
      continue;
    }
    if (USER_FLAG.test(word.split("=", 1)[0]!)) {
      const isNamed = step === 1 ? /^[^-]/.test(words[i + 1] ?? "") : bare === 1;
      return isNamed || (word.includes("=") && bare === 0);
    }
    bare = 0;
  }
  return false;
}

/** The arguments of `AUTH`, `HELLO`, `CONFIG SET`, `ACL SETUSER`, `MIGRATE` and `SENTINEL SET` that are credentials. */
export function redisWords(words: readonly string[]): number[] {
  const lower = (i: number): string => (words[i] ?? "").slice(0, 64).toLowerCase();
  const all = words.map((_, i) => i);
  switch (lower(0)) {
    case "auth":
      return all.slice(1);
    case "hello":
    case "migrate": {
      const auth = all.find((i) => i > 0 && (lower(i) === "auth" || lower(i) === "auth2"));
      return auth === undefined ? [] : all.slice(auth + 1, auth + 3);
    }
    case "config":
    case "sentinel":
      return all.filter((i) => i > 1 && PASSWORD_SETTINGS.has(lower(i - 1)));
    case "acl":
      return lower(1) === "setuser" ? all.filter((i) => i > 2 && /^[<>#!]./.test(words[i]!)) : [];
    default:
      return [];
  }
}
