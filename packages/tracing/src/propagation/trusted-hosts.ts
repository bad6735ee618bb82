import { isIP } from "node:net";
import { isCloudMetadata, isLoopbackAddress, isPrivateAddress, optionError } from "@whodunit/core";

type Rule = (host: string) => boolean;

const WORDS: Readonly<Record<string, Rule>> = {
  loopback: (host) => host === "localhost" || isLoopbackAddress(host),
  private: isPrivateAddress,
  "single-label": (host) => host !== "" && isIP(host) === 0 && !host.includes(".") && !isCloudMetadata(host),
};
const PATTERN = /^\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^[0-9a-f:]+$/;
// What ends a host in a URL: the rest would be left out of what is looked at.
const NO_HOST = /[\s/\\?#@]/;
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
    const host = canonicalHost(text);
    const trusted = host !== undefined && rules.some((rule) => rule(host));
    // Hosts may come from a request (a webhook's target): the cache must not grow with them.
    if (known.size >= CACHE_MAX) known.clear();
    known.set(text, trusted);
    return trusted;
  };
}

/**
 * A host as the resolver takes it: `134744072` and `0x8080808` are 8.8.8.8, and `evil。com` is evil.com, none of them a name
 * of one label. Lower case, brackets, zone and last dot off; undefined where it is no host.
 */
function canonicalHost(text: string): string | undefined {
  const bare = text.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (NO_HOST.test(bare)) return undefined;
  const url = URL.parse(`http://${isIP(bare) === 6 ? `[${bare}]` : bare}/`);
  return url?.hostname.replace(/^\[|\]$|\.$/g, "");
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
  if (wanted.startsWith(".")) return (host) => host.endsWith(wanted) && !isCloudMetadata(host);
  const named = canonicalHost(wanted);
  return (host) => host === named;
}
