import { ALPHA, DIGIT, isAt, LOWER, UPPER } from "./chars.ts";

// Names of algorithms, protocols, versions and places: letters with a number behind them.
const NUMBERED =
  /^(?:v|ver|version|rev|r|sha|md|hs|rs|es|ps|oauth|openid|auth|http|https|ipv|ip|base|utf|argon|pbkdf|bcrypt|pkcs|ssh|tls|ssl|ntlmv|ntlm|aes|des|rsa|rc|crc|x|ed|secp|log4j|ec|s|k8s|p|db|pg|mysql|sql|node|user|host|server|web|app|pod|worker|line|step|phase|level|lvl|attempt|try|field|input|param|arg|column|col|row|type|kind|test|case|policy|rule|slot|index|idx|page|part|section|option|key|id|no|nr|num|port|uid|gid|pid|rfc|cve|issue|pr|bug|day|week|month|year|q|h|tier|stage|round|zone|region|group|cluster|shard|channel|device|disk|eth|tty|pts|gpio|pin|cpu|core|gpu|com|lpt|win|linux|debian|ubuntu|python|java|php|ruby|go|vue|angular|es|c)[-_.]?\d{1,6}(?:[-_.]\d{1,5}){0,3}(?:[a-z]{1,2}|id)?$/i;
// A number with its unit, a date, a time, a version, an address of the memory, an ordinal.
const MEASURED =
  /^(?:\d{1,20}[a-z%]{1,8}|\d{1,9}x\d{1,9}|\d{1,20}(?:[.:/-]\d{1,20}){1,7}[a-z]{0,4}(?:[-+.]\w{1,16})?|\d{4}-\d\d-\d\dT.{0,64}|0x[\da-f]{1,16})$/i;
const WORDS = /^[a-z]{1,64}(?:_[a-z\d]{1,64}){1,8}$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const OBJECT_ID = /^[\da-f]{24}$/;
const WORD_MAX = 512;

/** Whether a word is one that nobody says: letters and digits together, and neither a name with a number, nor a number with its unit. */
export function isRandomWord(word: string, min: number): boolean {
  if (word.length < min || word.length > WORD_MAX) return false;
  if (!hasBoth(word)) return false;
  return !NUMBERED.test(word) && !MEASURED.test(word) && !WORDS.test(word);
}

/** The same of what nobody chooses: with digits among the letters, in many places or in many cases. */
export function isRandomToken(word: string, min: number): boolean {
  if (!isRandomWord(word, min)) return false;
  let changes = 0;
  let digits = 0;
  let before = 0;
  for (let i = 0; i < word.length; i++) {
    const kind = isAt(word, i, DIGIT)
      ? DIGIT
      : isAt(word, i, UPPER)
        ? UPPER
        : isAt(word, i, LOWER)
          ? LOWER
          : 0;
    if (kind === DIGIT) digits++;
    // A capital begins a word.
    if (kind !== 0 && before !== 0 && kind !== before && !(before === UPPER && kind === LOWER)) changes++;
    if (kind !== 0) before = kind;
  }
  return (digits > 1 || word.length >= 16) && changes * 6 >= Math.min(word.length, 24) - 4;
}

/** Whether this is the number of a record: a UUID, or an id of MongoDB. */
export const isRecordId = (word: string): boolean => UUID.test(word) || OBJECT_ID.test(word);

function hasBoth(word: string): boolean {
  let digit = false;
  let letter = false;
  for (let i = 0; i < word.length; i++) {
    if (isAt(word, i, DIGIT)) digit = true;
    else if (isAt(word, i, ALPHA) || word.charCodeAt(i) > 127) letter = true;
    if (digit && letter) return true;
  }
  return false;
}
