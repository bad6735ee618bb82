import { ALNUM, createRandom, DIGITS, HEX, LOWER, type Random, UPPER } from "./random.ts";

/** A made-up secret and the ways it may be met. */
export interface Secret {
  readonly kind: SecretKind;
  /** What must not be in any output. */
  readonly needles: readonly string[];
  /** A text that holds it and by which it can be known. */
  readonly text: string;
  /** A field that holds it: the key says what it is, or the value does. */
  readonly field: readonly [key: string, value: string];
}

/** One of each of the kinds that tests write out themselves. */
export const KNOWN_SECRETS = {
  PASSWORD: "hunter2-5ecret",
  CARD: "4111111111111111",
  EMAIL: "ada.lovelace@example.org",
  JWT: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
  AWS: "AKIAIOSFODNN7EXAMPLE",
  GITHUB: "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
  BASIC: Buffer.from("ada:hunter2-5ecret").toString("base64"),
} as const;

const MAKERS = {
  password: (r: Random) =>
    byKey(r, r.pick(["password", "userPassword", "db_passwd", "PWD", "passphrase"]), secretWord(r)),
  token: (r: Random) =>
    byKey(r, r.pick(["token", "accessToken", "refresh_token", "csrf", "sessionId"]), r.chars(24, ALNUM)),
  apiKey: (r: Random) =>
    byKey(r, r.pick(["X-Api-Key", "apiKey", "client_secret", "signing-key", "sig"]), r.chars(32, HEX)),
  identity: (r: Random) =>
    byKey(r, r.pick(["dateOfBirth", "passport", "nationalId", "cvv", "otp"]), r.chars(9, DIGITS)),
  email: (r: Random) => {
    const local = `${r.chars(r.integer(3, 8), LOWER)}${r.pick(["", ".", "+", "_"])}${r.chars(6, LOWER + DIGITS)}`;
    const email = `${local}@${r.chars(5, LOWER)}.${r.pick(["com", "co.uk", "example.org", "dev"])}`;
    return known(r, email, [local]);
  },
  phone: (r: Random) => {
    const digits = `${r.pick(["1", "44", "49", "351"])}${r.pick([" ", ""])}${r.chars(3, "123456789")}`;
    return known(r, `+${digits}${r.pick([" ", "-", ""])}${r.chars(6, DIGITS)}`);
  },
  card: (r: Random) => {
    const digits = withLuhn(r, r.pick(["4", "51", "2221", "6011", "3528", "62"]), 16);
    return known(r, r.pick([digits, grouped(digits, " "), grouped(digits, "-")]));
  },
  amex: (r: Random) => known(r, withLuhn(r, r.pick(["34", "37"]), 15)),
  iban: (r: Random) => {
    const iban = makeIban(r);
    return known(r, r.pick([iban, grouped(iban, " ")]));
  },
  ssn: (r: Random) => {
    const area = `${r.integer(1, 8)}${r.chars(2, "123456789")}`.replace("666", "665");
    return known(r, `${area}-${r.chars(2, "123456789")}-${r.chars(4, "123456789")}`);
  },
  jwt: (r: Random) => {
    const payload = Buffer.from(JSON.stringify({ sub: r.chars(12, ALNUM) })).toString("base64url");
    const signature = r.chars(43, `${ALNUM}-_`);
    const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");
    return known(r, `${header}.${payload}.${signature}`, [payload, signature]);
  },
  bearer: (r: Random) => {
    const token = r
      .chars(r.integer(16, 40), `${ALNUM}-._~+/`)
      .replace(/^[^A-Za-z]/, "t")
      .replace(/[^A-Za-z\d]$/, "t");
    return {
      text: `${r.pick(["Bearer", "bearer", "BEARER"])} ${token}`,
      needles: [token],
      field: ["Authorization", `Bearer ${token}`],
    };
  },
  basic: (r: Random) => {
    const token = Buffer.from(`${r.chars(5, LOWER)}:${r.chars(9, ALNUM)}`).toString("base64");
    return { text: `Basic ${token}`, needles: [token], field: ["proxy-authorization", `Basic ${token}`] };
  },
  aws: (r: Random) => known(r, `${r.pick(["AKIA", "ASIA"])}${r.chars(16, `${UPPER}234567`)}`),
  vendor: (r: Random) => {
    const body = `${r.chars(18, ALNUM)}${r.chars(18, ALNUM)}`;
    const prefix = r.pick([
      "ghp_",
      "glpat-",
      "xoxb-",
      "sk_live_",
      "npm_",
      "sk-ant-",
      "hf_",
      "github_pat_",
      "whsec_",
    ]);
    return known(r, prefix + body, [body]);
  },
  googleKey: (r: Random) => known(r, `AIza${r.chars(35, `${ALNUM}-_`)}`),
  privateKey: (r: Random) => {
    const line = r.chars(64, `${ALNUM}+/`);
    const label = r.pick(["", "RSA ", "EC ", "OPENSSH "]);
    return known(r, `-----BEGIN ${label}PRIVATE KEY-----\n${line}\n-----END ${label}PRIVATE KEY-----`, [
      line,
    ]);
  },
  userinfo: (r: Random) => {
    const password = r.chars(12, `${ALNUM}!$*`);
    const url = `${r.pick(["postgres", "https", "amqp", "redis"])}://${r.chars(5, LOWER)}:${password}@db.internal:5432/x`;
    return known(r, url, [password]);
  },
  queryParameter: (r: Random) => {
    const value = r.chars(20, ALNUM);
    const name = r.pick(["token", "X-Amz-Signature", "access_token", "sig", "api_key"]);
    return known(r, `https://host.example/a/b?page=2&${name}=${value}&sort=asc`, [value]);
  },
} satisfies Record<string, (random: Random) => Omit<Secret, "kind">>;

export type SecretKind = keyof typeof MAKERS;

/** `perKind` secrets of each kind, the same for the same seed. */
export function makeSecrets(seed: number, perKind: number): Secret[] {
  const random = createRandom(seed);
  return (Object.keys(MAKERS) as SecretKind[]).flatMap((kind) =>
    Array.from({ length: perKind }, () => ({ kind, ...MAKERS[kind](random) })),
  );
}

function byKey(r: Random, key: string, value: string): Omit<Secret, "kind"> {
  const text = r.pick([
    `${key}=${value}`,
    `${key}: ${value}`,
    `${key}="${value}"`,
    `"${key}":"${value}"`,
    `{ '${key}': '${value}' }`,
  ]);
  return { text, needles: [value], field: [key, value] };
}

function known(r: Random, text: string, needles: readonly string[] = [text]): Omit<Secret, "kind"> {
  return { text, needles, field: [r.pick(["note", "value", "data", "x", "detail"]), text] };
}

const secretWord = (r: Random): string =>
  `${r.chars(5, LOWER)}${r.chars(3, DIGITS)}${r.pick(["", "!", "#Q", "é", "(x)y", ",z", "&Q", ";w", "[0]w"])}`;

function withLuhn(r: Random, prefix: string, length: number): string {
  const body = prefix + r.chars(length - prefix.length - 1, DIGITS);
  for (const check of DIGITS) {
    let sum = 0;
    [...(body + check)].reverse().forEach((digit, i) => {
      const value = Number(digit) * (i % 2 === 1 ? 2 : 1);
      sum += value > 9 ? value - 9 : value;
    });
    if (sum % 10 === 0) return body + check;
  }
  throw new Error("some digit always fits");
}

function makeIban(r: Random): string {
  const [country, length] = r.pick([
    ["DE", 18],
    ["GB", 18],
    ["NL", 14],
    ["FR", 23],
    ["NO", 11],
    ["MT", 27],
  ] as const);
  const letters = country === "GB" || country === "NL" || country === "MT" ? r.chars(4, UPPER) : "";
  const account = letters + r.chars(length - letters.length, DIGITS);
  const digits = [...`${account}${country}00`]
    .map((c) => (c < "A" ? c : String(c.charCodeAt(0) - 55)))
    .join("");
  const check = 98n - (BigInt(digits) % 97n);
  return `${country}${String(check).padStart(2, "0")}${account}`;
}

const grouped = (text: string, separator: string): string => text.replace(/(.{4})(?=.)/g, `$1${separator}`);
