import { isatty } from "node:tty";
import { optionError } from "@whodunit/core";
import type { ResolvedNames } from "../line/field-names.ts";
import { requireInstalled } from "../optional-package.ts";
import { harmless, neutralised } from "./harmless-text.ts";
import type { Sink } from "./sink.ts";

/** What we use of pino-pretty 13, an optional peer: its type must not reach our users' compilers. */
interface PinoPretty {
  prettyFactory(options: object): (line: unknown) => string;
}

// Caller's fields that pino-pretty would hide, or move to the head of the line, line feeds and all.
const SPECIAL = new Set(["name", "pid", "hostname", "caller", "timestamp", "type"]);

/** Lines of JSON as text for a person. */
type Prettify = (lines: string) => string;

/**
 * The sink for lines that a person reads: `sink` itself where a machine does. By itself only stdout becomes
 * pretty, and only when it is a terminal, `NODE_ENV` is not `production` and pino-pretty is installed.
 *
 * @throws TypeError when `pretty` is true and pino-pretty is not there
 */
export function prettySink(
  sink: Sink,
  pretty: boolean | undefined,
  isStdout: boolean,
  names: ResolvedNames,
): Sink {
  const wanted = pretty ?? (isStdout && isatty(1) && process.env.NODE_ENV !== "production");
  const prettify = wanted ? createPrettify(names) : undefined;
  if (prettify === undefined) {
    if (pretty) throw optionError("createLogger", "pretty", pretty, "pino-pretty installed for that");
    return sink;
  }
  return {
    get dropped() {
      return sink.dropped;
    },
    get full() {
      return sink.full;
    },
    drop: (level, name) => sink.drop(level, name),
    write: (lines, level, name, number) => sink.write(prettify(lines), level, name, number),
    flush: () => sink.flush(),
    flushSync: (stallMs) => sink.flushSync(stallMs),
    close: () => sink.close(),
  };
}

function createPrettify(names: ResolvedNames): Prettify | undefined {
  const { level, time, msg, service } = names;
  const ours = new Map(Object.entries({ level, time, msg, service }).map(([own, name]) => [name, own]));
  let pretty: (line: unknown) => string;
  try {
    const { prettyFactory } = requireInstalled("pino-pretty") as PinoPretty;
    // Every name begins with the service already.
    pretty = prettyFactory({ translateTime: "SYS:HH:MM:ss.l", ignore: "service" });
  } catch {
    // Not installed, or a version that does not load: JSON says the same.
    return undefined;
  }
  return (lines) =>
    lines.replace(/[^\n]+\n?/g, (line) => {
      try {
        return pretty(withPlainKeys(neutralised(JSON.parse(line)) as object, ours));
      } catch {
        return harmless(line);
      }
    });
}

/** `log` as pino-pretty knows it: ours by their own names, and with the quotes shown around keys that mean something to pino-pretty, so that they mean nothing. */
function withPlainKeys(log: object, ours: ReadonlyMap<string, string>): object {
  return Object.fromEntries(
    Object.entries(log).map(([key, value]) => {
      const own = ours.get(key);
      if (own === "level") return [own, String(value).toLowerCase()];
      return [own ?? (SPECIAL.has(key) ? `"${key}"` : key), value];
    }),
  );
}
