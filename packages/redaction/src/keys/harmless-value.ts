import { wordsOf } from "./words.ts";

// `PWD` is a shell's working directory. In lower case it may be a password, which has no second slash.
const DIRECTORY = /^(?:\/|~(?:$|\/)|[A-Za-z]:[\\/])/;
const DEEP_DIRECTORY = /^~?\/[\w.-]{1,64}\/[\w./-]{0,256}$/;
// Sessions are counted by consoles, audit logs and Windows; ZooKeeper has 64 bits in hexadecimal.
const SESSION_NUMBER = /^(?:\d{1,10}(?:_\d{1,10})?|0x[\da-f]{1,16})$/i;
const SESSION = /(?:^|client|user|login)(?:sid|session(?:id)?|sessid)$/;
// How many tests have passed.
const PASSED = /^\d{1,3}$/;
// Open vSwitch tells flows apart by one.
const FLOW_COOKIE = /^0x[\da-f]{1,16}$/;
const COUNTED = /(?:tokens|cookies|secrets|sessions|signatures)$/;
// Behind the number of cookies, the line may go on.
const COUNT = /^\d{1,9}(?:[,;\s][^=]*)?$/;
// What Java prints of an object that says nothing of itself: its class and hash.
const IDENTITY =
  /^(?:(?:[a-z]\w{0,32}\.){1,8}[A-Z][\w$]{0,64}@[\da-f]{1,8}|[A-Z]\w{0,64}\{[\da-f]{5,8}(?:[ }].*)?)$/s;
const LEVEL = /^s\d{1,2}(?:-s\d{1,2})?(?::c\d{1,4}(?:[.,]c\d{1,4}){0,64})?(?:\s.*)?$/s;
// Where a statement wants a parameter.
const PLACEHOLDER = /^(?:\$\d{1,3}|\?|%s|:\w{1,32}|@p\d{1,3})$/;
const NAMED_MAX = 512;

/** What a value under this key may be that says by itself that it is no secret; undefined when there is no such thing. */
export function harmlessUnder(key: string): RegExp | undefined {
  const words = wordsOf(key).join("");
  if (words === "pwd" || words === "oldpwd") return key.includes("PWD") ? DIRECTORY : DEEP_DIRECTORY;
  if (SESSION.test(words)) return SESSION_NUMBER;
  if (words === "pass") return PASSED;
  if (words === "cookie") return FLOW_COOKIE;
  return COUNTED.test(words) ? COUNT : undefined;
}

/**
 * Whether a value in text, behind this key, is none: as {@link harmlessUnder}, an object that only names itself, or the
 * place of a statement's parameter.
 */
export function isHarmlessText(key: string, value: string): boolean {
  if (value.length > NAMED_MAX) return false;
  return harmlessUnder(key)?.test(value) === true || IDENTITY.test(value) || PLACEHOLDER.test(value);
}

/** Whether this is the level of an SELinux label, as in `system_u:object_r:cookie:s0`. */
export const isLevel = (value: string): boolean => value.length < NAMED_MAX && LEVEL.test(value);
