import type { Kind } from "../kinds.ts";
import { KEY_LENGTH_MAX, wordsOf } from "./words.ts";

/**
 * Names of keys, by the kind of what stands under them, as words. A key is sensitive when its last words are one of
 * these, so `userPassword`, `X-Api-Key` and `db.password` are, and `passwordless`, `author` and `tokenCount` are not.
 * Sources: OWASP's logging cheat sheet, Sentry's and Rails' scrubbers, the OpenTelemetry URL conventions.
 */
const NAMES: Readonly<Partial<Record<Kind, string>>> = {
  secret: `
    password, passwd, passphrase, passcode, pwd, passwort, kennwort, contrasena, contraseña, senha, mot de passe,
    wachtwoord, secret, token, access token, refresh token, id token, api token, auth token, authorization, bearer,
    cookie, session, session id, sess id, sid, csrf, xsrf, phpsessid, jsessionid, api key, access key,
    access key id, secret key, private key, signing key, encryption key, master key, account key, auth key,
    session key, app key, consumer key, hmac key, ssh key, license key, service role key, subscription key,
    credential, creds, signature, sig, secret string, secret binary, private key data, private key id, plain text secret, otp, totp, pin, pin code, otp code, mfa code, totp code, verification code,
    security code, recovery code, recovery codes, backup code, backup codes, pepper, auth code, cvv, cvc, csc, salt, jwt, basic auth, proxy auth,
    http auth, x auth, security answer, seed phrase, mnemonic, db pass, database pass, user pass, admin pass, root pass,
    login pass, auth pass, become pass, pw, pfx, redis auth, psk, pre shared key, shared key, recovery key, rootpw, bindpw, decryption key, client assertion, jwt assertion, saml response, saml assertion, code verifier, smtp pass, mail pass, ftp pass, ldap pass, mysql pass, redis pass,
    ssh pass, sshpass, vault pass, default pass, gpg pass, keystore pass, truststore pass, store pass, key pass, rabbitmq pass,
    mongo pass, pg pass, postgres pass, kafka pass, api pass, app pass, sudo pass, bind pass, rediscli auth, pswd, passw,
    deploy key, crypt key, aes key, admin key, webhook key, rsa key, unseal key, activation key, validation key, machine key,
    instrumentation key, client key data, secret key base, sentry key, one time code, two factor code, 2fa code, sms code,
    stripe key, openai key, anthropic key, sendgrid key, mailgun key, mailchimp key, twilio key, algolia key, azure key,
    write key, ingest key, ingestion key, integration key, wrapping key, cipher key, crypto key, cookie key, jwt key,
    login code, reset code, device code, activation code, confirmation code, access code, unlock code, pairing code, reset link, reset url,
    magic link, magic url, login link, activation link, verification link, confirmation link,
    пароль, 密码, 密碼, 口令, パスワード, 비밀번호, 암호, şifre, parola, hasło, heslo, lösenord, salasana, adgangskode, passord,
    jelszó, mật khẩu, סיסמה, كلمة المرور, סיסמא`,
  card: "card number, card no, cc number, cc num, card num, pan, primary account number",
  iban: "iban, account number, account no, bank account",
  ssn: "ssn, social security number, social security",
  email: "email, e mail, email address, e mail address, mail address",
  phone: "phone, phone number, telephone, telephone number, mobile number, mobile phone, cell phone, msisdn",
  identity: `
    passport, passport number, passport no, national id, identity number, tax id, driver license, drivers license,
    driving licence, dob, birthdate, birth date, birthday, date of birth`,
};

/** Sensitive only as the whole key: as a last word they mean too many other things. */
const WHOLE: Readonly<Partial<Record<Kind, string>>> = {
  secret: "auth, pass, mfa, 2fa, tokens, plaintext, psw, mdp, hmac, sifre, haslo, losenord, jelszo",
  phone: "mobile, tel, fax",
};

/** Last words of keys that are no secret although they end like one: what asks for the next page, and switches. */
const HARMLESS: ReadonlySet<string> = new Set(
  "pagetoken nextpagetoken nexttoken continuationtoken nextcontinuationtoken resumetoken synctoken nextsynctoken deltatoken skiptoken startingtoken cancellationtoken withcredentials".split(
    " ",
  ),
);
/** Last words that do not change what a key is about: `passwordConfirmation`, `api_key_value`, `password2`. */
const QUALIFIERS: ReadonlySet<string> = new Set(
  "confirmation confirm repeat again old new value raw plain plaintext encoded base64 hash hashed digest header".split(
    " ",
  ),
);
/** Written without a break behind other words, as in `clientsecret` and `PGPASSWORD`: hardly a harmless word ends so. */
const GLUED = /(?:password|passwort|passwd|passphrase|pwd|secret|token|cookie|apikey|authorization)$/;
const NUMBERED = /^v?\d+$/;
const MAX_WORDS = 4;
const CACHE_LIMIT = 4096;

/** What a redactor needs to know about keys. */
export interface KeyRules {
  /** The kind of what stands under a field's key; `undefined` when it may stay. */
  readonly ofField: (key: string) => string | undefined;
  /** The same for a key found in text, where an allow-list says nothing. */
  readonly ofText: (key: string) => string | undefined;
  /** What sensitive keys end with, at most three lower-case letters: for a cheap refusal before `ofText`. */
  readonly endings: ReadonlySet<string>;
  /** Whether some of `endings` are of the user's own keys alone. */
  readonly hasOwnEndings: boolean;
}

/** What the user says about keys. */
export interface KeyOptions {
  /** Further sensitive names, judged as the built-in ones. */
  readonly keys: readonly string[];
  /** Whole keys that are never sensitive. */
  readonly safeKeys: readonly string[];
  /** When given, all other keys are sensitive. */
  readonly allowKeys: readonly string[] | undefined;
  /** Whether secrets of this kind are wanted. */
  readonly wants: (kind: Kind) => boolean;
}

/** Builds the rules. The verdict of a key is computed once and kept, for at most 4,096 keys. */
export function createKeyRules(options: KeyOptions): KeyRules {
  const names = new Map<string, string>();
  const whole = new Map<string, string>();
  const endings = endingsOf([
    ...addListed(names, NAMES, options.wants),
    ...addListed(whole, WHOLE, options.wants),
  ]);
  const own = options.keys.map(wordsOf);
  for (const words of own) names.set(words.join(""), "secret");
  const ownEndings = [...endingsOf(own.map((words) => words.at(-1) ?? ""))].filter(
    (ending) => !endings.has(ending),
  );
  const safe = new Set(options.safeKeys.map(joined));
  const allowed = options.allowKeys && new Set(options.allowKeys.map(joined));

  const ofText = remember((key) => {
    const words = wordsOf(key);
    const all = words.join("");
    return safe.has(all) ? undefined : (whole.get(all) ?? kindOfLastWords(words, names));
  });
  const passes = (key: string) => safe.has(joined(key)) || allowed?.has(joined(key)) === true;
  return {
    ofField:
      allowed === undefined ? ofText : remember((key) => ofText(key) ?? (passes(key) ? undefined : "secret")),
    ofText,
    endings: new Set([...endings, ...ownEndings]),
    hasOwnEndings: ownEndings.length > 0,
  };
}

/** Keys may be chosen by a stranger, so what is kept is bounded: when full, it starts again. */
function remember(judge: (key: string) => string | undefined): (key: string) => string | undefined {
  const verdicts = new Map<string, string | undefined>();
  return (key) => {
    const known = verdicts.get(key);
    if (known !== undefined || verdicts.has(key)) return known;
    const kind = judge(key);
    if (verdicts.size >= CACHE_LIMIT) verdicts.clear();
    if (key.length <= KEY_LENGTH_MAX) verdicts.set(key, kind);
    return kind;
  };
}

function kindOfLastWords(words: string[], names: ReadonlyMap<string, string>): string | undefined {
  const last = () => words.at(-1) ?? "";
  if (names.has(words.slice(-MAX_WORDS).join(""))) return names.get(words.slice(-MAX_WORDS).join(""));
  if (HARMLESS.has(words.slice(-2).join("")) || HARMLESS.has(last())) return undefined;
  while (words.length > 1 && (QUALIFIERS.has(last()) || NUMBERED.test(last()))) words.pop();
  const end = last().replace(/\d+$/, "");
  if (end !== "") words[words.length - 1] = end;
  // `max_tokens` and `total_tokens` count what a language model read; the `ts` of `jw.ts` is no plural.
  const isPlural = (tail: string, count: number) =>
    tail.endsWith("s") && last().length > 2 && (count > 1 || tail !== "tokens" || words.length === 1);
  let tail = "";
  for (let i = words.length - 1; i >= 0 && i >= words.length - MAX_WORDS; i--) {
    tail = words[i] + tail;
    const kind =
      names.get(tail) ?? (isPlural(tail, words.length - i) ? names.get(tail.slice(0, -1)) : undefined);
    if (kind !== undefined) return kind;
  }
  return names.get(GLUED.exec(last())?.[0] ?? "");
}

/** What keys end with whose last words are these, those with a qualifier behind and the plurals, too. */
function endingsOf(lastWords: readonly string[]): Set<string> {
  const endings = new Set<string>();
  for (const word of lastWords) {
    endings.add(word.slice(-3));
    endings.add(`${word.slice(-2)}s`);
  }
  for (const word of QUALIFIERS) endings.add(word.slice(-3));
  return endings;
}

/** Adds the names of wanted kinds to `found`, without their blanks, as keys are looked up. Returns their last words. */
function addListed(
  found: Map<string, string>,
  lists: Readonly<Partial<Record<Kind, string>>>,
  wants: KeyOptions["wants"],
): string[] {
  const lastWords: string[] = [];
  for (const [kind, names] of Object.entries(lists) as [Kind, string][]) {
    if (!wants(kind)) continue;
    for (const listed of names.split(",")) {
      const name = listed.trim();
      found.set(name.replaceAll(" ", ""), kind);
      lastWords.push(name.slice(name.lastIndexOf(" ") + 1));
    }
  }
  return lastWords;
}

const joined = (name: string): string => wordsOf(name).join("");
