import { createRedactor, type Redactor } from "@whodunit/redaction";

/** Last words of names whose values stand for a person or say where and who one is. */
const PERSONS: ReadonlySet<string> = new Set(
  `user username login person people customer patient member employee visitor subscriber guest contact account profile
  author owner recipient sender student teacher driver rider passenger traveler traveller voter buyer seller shopper
  cardholder holder firstname lastname fullname surname forename nickname displayname initials mail ip address addr
  street zip postcode postal latitude longitude lat lon lng coordinates age gender sex nationality religion birthplace
  device fingerprint uid`
    .split(/\s+/)
    .filter((word) => word !== ""),
);
/** What follows them without making another thing of them: `user_id`, `customerName`. */
const QUALIFIERS: ReadonlySet<string> = new Set(
  "id ids name names no nr num number key ref code uuid guid hash handle slug value text".split(" "),
);

// Whatever the service's own redaction leaves in: what is compared is shown to more people than a line.
let strict: Redactor | undefined;

/**
 * Whether a described value may be compared and shown: not where its name says that it is somebody's, nor where redaction
 * (the service's own, or the default with addresses) finds anything in it.
 *
 * @param clean the service's own redaction of texts
 */
export function isImpersonal(name: string, value: string, clean: (text: string) => string): boolean {
  if (isPersons(name)) return false;
  strict ??= createRedactor({ kinds: { ip: "mask" } });
  if (strict.sensitiveKey(name)) return false;
  const pair = `${name}=${value}`;
  return [clean, strict.redactText].every((redact) => redact(value) === value && redact(pair) === pair);
}

function isPersons(name: string): boolean {
  const words = name
    .split(/[^\p{L}\p{N}]+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
  while (words.length > 0 && QUALIFIERS.has(words.at(-1)!)) words.pop();
  // A bare `name` or `id` may be anybody's.
  const last = words.at(-1);
  return last === undefined || PERSONS.has(last) || PERSONS.has(last.replace(/s$/, ""));
}
