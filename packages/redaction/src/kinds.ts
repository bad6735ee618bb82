/** What a secret is. Rules added by the user bring kinds of their own. */
export type Kind =
  /** Known by the key it stands under: password, token, cookie, … in a field, header, query or `key=value`. */
  | "secret"
  | "email"
  | "phone"
  | "card"
  | "iban"
  | "ssn"
  /** Passport, national id, date of birth: by key only. */
  | "identity"
  | "jwt"
  /** `Bearer …`, `Basic …`, `Digest …`, `Token …`, `ApiKey …` in text; the scheme stays. */
  | "auth"
  /** AWS access key ids. */
  | "aws"
  /** Keys that a vendor marks by a prefix, such as `ghp_` or `sk_live_`. */
  | "vendor"
  | "private-key"
  /** `user:password@` of a URL. */
  | "userinfo"
  /** IPv4 and IPv6 addresses; off unless asked for. */
  | "ip";

/** All built-in kinds. */
export const KINDS: readonly Kind[] = [
  "secret",
  "email",
  "phone",
  "card",
  "iban",
  "ssn",
  "identity",
  "jwt",
  "auth",
  "aws",
  "vendor",
  "private-key",
  "userinfo",
  "ip",
];

/**
 * What happens to a secret.
 * - `mask`: replaced by the mask text.
 * - `remove`: gone; a field with a sensitive key is dropped.
 * - `partial`: keeps what helps and does not name anybody: an e-mail's domain, the last four digits of a card, IBAN
 *   or SSN, the last two of a phone number, the network of an IP address. Other kinds are masked.
 * - `pseudonym`: a keyed hash, so the same value is the same token everywhere and nobody is named.
 */
export type Action = "mask" | "remove" | "partial" | "pseudonym";

/** All actions. */
export const ACTIONS: readonly Action[] = ["mask", "remove", "partial", "pseudonym"];
