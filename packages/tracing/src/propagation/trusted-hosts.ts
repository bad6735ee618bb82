import { isIP } from "node:net";
import { isLoopbackAddress, isPrivateAddress, optionError } from "@whodunit/core";

type Rule = (host: string) => boolean;

const WORDS: Readonly<Record<string, Rule>> = {
  loopback: (host) => host === "localhost" || isLoopbackAddress(host),
  private: isPrivateAddress,
  "single-label": (host) => host !== "" && isIP(host) === 0 && !host.includes("."),
};
const PATTERN = /^\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^[0-9a-f:]+$/;
const CACHE_MAX = 1_000;

/**
 * Builds the test of `propagateTo`.
 *
 * @throws TypeError when an entry is none of the words, a host or a suffix with a leading dot
 */
export function trustedHosts(entries: readonly string[]): (host: string) => boolean {
  if (!Array.isArray(entries)) throw optionError("startTracing", "propagateTo", entries, "an array of hosts");
  const rules = entries.map(toRule);
  const known = new Map<string, boolean>();
  return (text) => {
    const cached = known.get(text);
    if (cached !== undefined) return cached;
    const host = text.toLowerCase().replace(/^\[|\]$|\.$/g, "");
    const trusted = rules.some((rule) => rule(host));
    // Hosts may come from a request (a webhook's target): the cache must not grow with them.
    if (known.size >= CACHE_MAX) known.clear();
    known.set(text, trusted);
    return trusted;
  };
}

function toRule(entry: unknown): Rule {
  const word = typeof entry === "string" ? WORDS[entry] : undefined;
  if (word !== undefined) return word;
  if (typeof entry !== "string" || !PATTERN.test(entry.toLowerCase())) {
    throw optionError(
      "startTracing",
      "propagateTo",
      entry,
      '"loopback", "private", "single-label", a host or a ".suffix"',
    );
  }
  const wanted = entry.toLowerCase();
  return wanted.startsWith(".") ? (host) => host.endsWith(wanted) : (host) => host === wanted;
}
