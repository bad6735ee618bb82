/** The flags of commands whose value is a credential; `*` says that the value may be written on to the flag. */
const FLAGS: Readonly<Record<string, string>> = {
  "curl http https": "-u* -U* --user --proxy-user --oauth2-bearer --pass",
  "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlsh mariadb mariadb-dump mariadb-admin 7z 7za rar unrar":
    "-p*",
  "sshpass mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh rdesktop psexec certutil":
    "-p*",
  "redis-cli valkey-cli keydb-cli": "-a",
  "zip unzip sqlcmd bcp osql ipmitool mosquitto_pub mosquitto_sub": "-P*",
  "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami": "-w*",
  ldappasswd: "-w* -s* -a*",
  "smbclient rpcclient smbget lftp": "-U -u",
  "plink pscp psftp putty": "-pw",
  "snmpget snmpset snmpwalk snmpbulkwalk": "-c* -A -X",
  "keytool jarsigner": "-storepass -keypass -srcstorepass -deststorepass -srckeypass -destkeypass",
  openssl: "-passin -passout -pass -password -k -K",
  "skopeo buildah crictl": "--creds --src-creds --dest-creds",
  "xfreerdp wfreerdp signtool": "/p:* /p",
  "cmdkey schtasks wmic": "/pass:* /rp /password:*",
};
/** The same where a word has to follow the command. */
const LOGIN_FLAGS: Readonly<Record<string, string>> = {
  "docker podman nerdctl buildah az helm oc": "-p* -t",
};
/** How many words behind one of these, the first of which is named, are credentials. */
const POSITIONS: Readonly<Record<string, readonly [word: string, skipped: number]>> = {
  vault: ["login", 0],
  rabbitmqctl: ["add_user change_password authenticate_user", 1],
  htpasswd: ["-b -nb -bn -cb -bc -nbB -bB", 1],
  mysqladmin: ["password", 0],
  net: ["user", 1],
  wpa_passphrase: ["", 1],
};
const PASSWORD_SETTINGS: ReadonlySet<string> = new Set(
  "requirepass masterauth primaryauth auth-pass sentinel-pass masteruser tls-key-file-pass tls-client-key-file-pass".split(
    " ",
  ),
);
const WORDS_MAX = 64;
const COMMAND_WITHIN = 5;

/** The flags of one command. */
interface Flags {
  readonly whole: ReadonlySet<string>;
  readonly glued: readonly string[];
  readonly needsLogin: boolean;
}

let flagsByCommand: ReadonlyMap<string, Flags> | undefined;

function readFlags(): Map<string, Flags> {
  const found = new Map<string, Flags>();
  for (const [table, needsLogin] of [[FLAGS, false] as const, [LOGIN_FLAGS, true] as const]) {
    for (const [commands, text] of Object.entries(table)) {
      const flags = text.split(" ");
      const whole = new Set(flags.map((flag) => flag.replace("*", "")));
      const glued = flags.filter((flag) => flag.endsWith("*")).map((flag) => flag.slice(0, -1));
      for (const command of commands.split(" ")) {
        if (!found.has(command)) found.set(command, { whole, glued, needsLogin });
      }
    }
  }
  return found;
}

/** Which of the words of a command line are credentials: of a shell's command, or of Redis. By index, in order. */
export function credentialWords(words: readonly string[], isRedis: boolean): number[] {
  const redis = isRedis ? redisWords(words) : [];
  if (redis.length > 0) return redis;
  flagsByCommand ??= readFlags();
  for (let i = 0; i < words.length && i < COMMAND_WITHIN; i++) {
    const command = commandOf(words[i]!);
    const flags = flagsByCommand.get(command);
    if (flags === undefined && !Object.hasOwn(POSITIONS, command)) continue;
    return [...flaggedWords(words, i, flags), ...positionedWords(words, i, command)];
  }
  return [];
}

/** Where the last such command of a text begins, with its quote where it stands in quotes alone; -1 when none does. */
export function lastCommand(text: string): number {
  anyCommand ??= new RegExp(
    `(?:^|[\\s"'\`/\\\\=(;|&,[])(?:${allCommands().join("|")})(?:\\.exe)?(?=([\\s"',\\\\])|$)`,
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

function allCommands(): string[] {
  flagsByCommand ??= readFlags();
  return [...flagsByCommand.keys(), ...Object.keys(POSITIONS)];
}

/** Whether a word is the name of a command that may carry credentials. */
export function isCommand(word: string): boolean {
  flagsByCommand ??= readFlags();
  const command = commandOf(word);
  return flagsByCommand.has(command) || Object.hasOwn(POSITIONS, command);
}

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
    if (flags.whole.has(word)) {
      if (!isSql && i + 1 < end) found.push(++i);
    } else if (flags.glued.some((flag) => word.startsWith(flag) && word.length > flag.length)) {
      found.push(i);
    }
  }
  return found;
}

function positionedWords(words: readonly string[], command: number, name: string): number[] {
  const position = Object.hasOwn(POSITIONS, name) ? POSITIONS[name] : undefined;
  if (position === undefined) return [];
  const [named, skipped] = position;
  const end = Math.min(words.length, command + WORDS_MAX);
  let at = command;
  if (named !== "") {
    const wanted = named.split(" ");
    at = words.findIndex((word, i) => i > command && i < end && wanted.includes(word));
    if (at === -1) return [];
  }
  const first = at + 1 + skipped + (name === "htpasswd" && !words[at]!.includes("n") ? 1 : 0);
  const word = words[first];
  return first < end && word !== undefined && !/^[-/]/.test(word) && !/[=]/.test(word) ? [first] : [];
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
