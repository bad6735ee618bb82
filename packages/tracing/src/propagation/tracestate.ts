import type { TraceState } from "@opentelemetry/api";

/**
 * W3C trace context level 2, section 3.3: the list is kept in order and as it was written. One bad member,
 * or more than 32, and all of it is dropped.
 */
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MEMBERS_MAX = 32;

/** A parsed `tracestate`. Immutable, as the API asks. */
export class StrictTraceState implements TraceState {
  readonly #members: readonly string[];

  constructor(members: readonly string[]) {
    this.#members = members;
  }

  get(key: string): string | undefined {
    const member = this.#members.find((one) => hasKey(one, key));
    return member?.slice(key.length + 1);
  }

  set(key: string, value: string): StrictTraceState {
    if (!KEY.test(key) || !VALUE.test(value)) return this;
    const others = this.#members.filter((one) => !hasKey(one, key));
    return new StrictTraceState([`${key}=${value}`, ...others].slice(0, MEMBERS_MAX));
  }

  unset(key: string): StrictTraceState {
    return new StrictTraceState(this.#members.filter((one) => !hasKey(one, key)));
  }

  serialize(): string {
    return this.#members.join(",");
  }
}

const hasKey = (member: string, key: string): boolean =>
  member.startsWith(key) && member.charCodeAt(key.length) === 61;

/** The members of a `tracestate` text; undefined when it is not valid or holds none. */
export function parseMembers(text: string): readonly string[] | undefined {
  const members: string[] = [];
  for (const part of text.split(",")) {
    const member = trimOws(part);
    if (member === "") continue;
    const cut = member.indexOf("=");
    if (cut === -1 || !KEY.test(member.slice(0, cut)) || !VALUE.test(member.slice(cut + 1))) return undefined;
    if (members.push(member) > MEMBERS_MAX) return undefined;
  }
  return members.length === 0 ? undefined : members;
}

/** Adds a member in front; where the list is full others' members are not pushed out for ours. */
export function prependMember(text: string | undefined, key: string, value: string | undefined): string {
  const members = (text === undefined ? undefined : parseMembers(text)) ?? [];
  const others = members.filter((one) => !hasKey(one, key));
  if (value !== undefined && others.length < MEMBERS_MAX) others.unshift(`${key}=${value}`);
  return others.join(",");
}

/** Without optional white space (RFC 9110, section 5.6.3) at its ends. */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isOws = (code: number): boolean => code === 32 || code === 9;
