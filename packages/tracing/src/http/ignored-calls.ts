import { optionError } from "@whodunit/core";

/** Whether a call leaves no trace; the path is the request's, with its query. */
export type IgnoresCall = (host: string, port: number | undefined, path: string) => boolean;

// A host or a ".suffix" or an address in brackets; a port; what the path begins with.
const RULE = /^(\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/\S*)?$/i;

/**
 * Builds the test of `ignoreCalls`; undefined where there is no rule, so that nothing is asked.
 *
 * @throws TypeError when an entry is no host, `.suffix` or `[address]` with a `:port` and a `/path` if any
 */
export function ignoredCalls(entries: readonly string[]): IgnoresCall | undefined {
  const wanted = '"host", ".suffix" or "[address]", each with a ":port" and a "/path" if any';
  if (!Array.isArray(entries)) throw optionError("startTracing", "ignoreCalls", entries, "an array of hosts");
  const rules = entries.map((entry: unknown) => {
    const match = typeof entry === "string" ? RULE.exec(entry) : null;
    if (match === null) throw optionError("startTracing", "ignoreCalls", entry, wanted);
    const [, name = "", port, path = ""] = match;
    return { host: bare(name), port: port === undefined ? undefined : Number(port), path };
  });
  if (rules.length === 0) return undefined;
  return (givenHost, givenPort, givenPath) => {
    const called = bare(givenHost);
    return rules.some(({ host, port, path }) => {
      const isHost = host.startsWith(".") ? called.endsWith(host) : called === host;
      return isHost && (port === undefined || port === givenPort) && givenPath.startsWith(path);
    });
  };
}

const bare = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, "");
