import type { Action } from "../kinds.ts";

const CACHE_LIMIT = 4096;
const DIGEST_LENGTH = 16;
const BRACKET = 91;
const STAR = 42;

// One address and nothing else: what a field holds may be a list, or anything.
const ADDRESS = /^[^\s@]{1,64}@[^\s@,;:/<>()"']{1,253}$/;

/** What stands in for a secret of this kind; empty when it is removed. */
export type Replace = (kind: string, secret: string) => string;

/** What `createReplace` needs. */
export interface ReplaceOptions {
  readonly mask: string;
  readonly actionOf: (kind: string) => Action;
  /** The key of the pseudonyms; only needed by that action. */
  readonly pseudonymKey: string | Uint8Array | undefined;
}

/** Builds what turns a secret into its stand-in. */
export function createReplace({ mask, actionOf, pseudonymKey }: ReplaceOptions): Replace {
  const pseudonym = createPseudonyms(pseudonymKey ?? "");
  return (kind, secret) => {
    switch (actionOf(kind)) {
      case "mask":
        return mask;
      case "remove":
        return "";
      case "partial":
        return partOf(kind, secret) ?? mask;
      case "pseudonym":
        return pseudonym(kind, secret);
    }
  };
}

const PSEUDONYM = `\\[[a-z\\d-]+#[\\w-]{${DIGEST_LENGTH}}\\]`;
const WHOLE = new RegExp(`^(?:${PSEUDONYM}|\\*{3}(?:@[^\\s@,;]{1,253}|[\\dA-Za-z]{2,4}))$`);

/** Whether a text is a stand-in and nothing else. */
export const isStandIn = (text: string, mask: string): boolean => {
  if (text === mask) return true;
  const first = text.charCodeAt(0);
  return (first === BRACKET || first === STAR) && WHOLE.test(text);
};

/**
 * Builds what knows a stand-in at an index of a text, so that redacting twice changes nothing: the mask, a pseudonym,
 * or a part.
 */
export function createIsReplaced(mask: string): (text: string, index: number) => boolean {
  const escaped = mask.replace(/[^\w\s]/g, "\\$&");
  const first = mask.charCodeAt(0);
  const standIn = new RegExp(`(?:${escaped}|${PSEUDONYM}|\\*{3}(?:@|[\\dA-Za-z]{2,4}))(?![\\dA-Za-z])`, "y");
  return (text, index) => {
    // Most texts are told by their first character.
    const code = text.charCodeAt(index);
    if (code !== first && code !== BRACKET && code !== STAR) return false;
    standIn.lastIndex = index;
    return standIn.test(text);
  };
}

/**
 * HMAC-SHA256 (RFC 2104) of kind and value, so a token says nothing about an equal value of another kind. The hash is
 * synchronous and costs about a microsecond; the last few thousand are kept, the oldest go first.
 */
function createPseudonyms(key: string | Uint8Array): Replace {
  const known = new Map<string, string>();
  return (kind, secret) => {
    const subject = `${kind}:${normalised(kind, secret)}`;
    let token = known.get(subject);
    if (token === undefined) {
      // Loaded when needed: few use pseudonyms, and all pay for what is imported.
      const { createHmac } = process.getBuiltinModule("node:crypto");
      const digest = createHmac("sha256", key).update(subject).digest("base64url").slice(0, DIGEST_LENGTH);
      token = `[${kind}#${digest}]`;
      if (known.size >= CACHE_LIMIT) known.delete(known.keys().next().value!);
    } else {
      known.delete(subject);
    }
    known.set(subject, token);
    return token;
  };
}

// The same person, however the value was written.
function normalised(kind: string, secret: string): string {
  if (kind === "email") return secret.trim().toLowerCase();
  return kind === "card" || kind === "iban" || kind === "phone" || kind === "ssn"
    ? secret.replace(/[^\dA-Za-z+]/g, "")
    : secret;
}

function partOf(kind: string, secret: string): string | undefined {
  const digits = secret.replace(/[^\dA-Za-z]/g, "");
  switch (kind) {
    case "email":
      return ADDRESS.test(secret) ? `***${secret.slice(secret.indexOf("@"))}` : undefined;
    case "card":
    case "iban":
    case "ssn":
      return digits.length < 9 ? undefined : `***${digits.slice(-4)}`;
    case "phone":
      return digits.length < 8 ? undefined : `***${digits.slice(-2)}`;
    case "ip": {
      const version = process.getBuiltinModule("node:net").isIP(secret);
      if (version === 0) return undefined;
      return version === 4 ? secret.replace(/\d+$/, "0/24") : networkV6(secret);
    }
    default:
      return undefined;
  }
}

/** The /48 that an address is in: its first three groups. */
function networkV6(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail === undefined) return `${groups.slice(0, 3).join(":")}::/48`;
  while (groups.length < 3) groups.push("0");
  return `${groups.slice(0, 3).join(":")}::/48`;
}
