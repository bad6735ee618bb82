import { isName, NAME_GRAMMAR, optionError, recordChange } from "@whodunit/core";
import type { Level } from "../line/level.ts";

/**
 * From where on debug lines are written. `info` and `warn` are for those that come by pino's methods: a line of our own
 * `debug` is under both.
 */
export type Threshold = "debug" | "info" | "warn" | "error";

/** What may be said for a threshold: words of pino's that we do not have stand for the next one. */
const THRESHOLD_OF_WORD: ReadonlyMap<string, Threshold> = new Map([
  ["trace", "debug"],
  ["debug", "debug"],
  ["info", "info"],
  ["warn", "warn"],
  ["error", "error"],
  ["fatal", "error"],
]);

/** pino's number of a line of our own `debug`. */
export const OWN_DEBUG = 20;
// With debug on, pino's trace is written, too.
const LOWEST: Readonly<Record<Threshold, number>> = { debug: 0, info: 30, warn: 40, error: 50 };

/** pino's number of the lowest lines over a threshold. */
export function lowest(threshold: Threshold): number {
  return LOWEST[threshold];
}

/** A threshold, and the prefix of names it is for; an empty prefix is for all. */
export interface LevelRule {
  readonly prefix: string;
  readonly level: Threshold;
}

/**
 * Reads `error,brkr-somesystem=debug`: a threshold for all, and thresholds by prefix.
 *
 * @throws TypeError naming `option` and what is wrong in it
 */
export function parseLevels(owner: string, option: string, text: string): LevelRule[] {
  return text.split(",").map((part) => {
    const cut = part.indexOf("=");
    const prefix = cut === -1 ? "" : part.slice(0, cut).trim();
    const word = part.slice(cut + 1).trim();
    const level = THRESHOLD_OF_WORD.get(word.toLowerCase());
    if (level === undefined || (cut !== -1 && !isName(prefix))) {
      throw optionError(
        owner,
        option,
        text,
        `"debug" or "error" (or a word of pino's), then prefix=level, joined by commas`,
      );
    }
    return { prefix, level };
  });
}

/** A level somebody set by hand, as a line tells it. */
export interface LevelChange {
  readonly prefix: string;
  readonly from: Threshold;
  readonly to: Threshold;
  readonly ttlMs: number | undefined;
  readonly by: string;
}

interface Temporary {
  readonly level: Level;
  readonly until: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * The thresholds of one logger and all its children, by prefix of name: a prefix ends at a segment's end,
 * and the longest one wins. Loggers keep what they decided and look again when {@link version} moved, so a
 * change reaches any number of them at once.
 */
export class Levels {
  /** Moves at every change. */
  version = 0;
  readonly #configured: ReadonlyMap<string, Threshold>;
  readonly #rules: Map<string, Threshold>;
  readonly #temporary = new Map<string, Temporary>();
  readonly #tell: (change: LevelChange, ended: boolean) => void;

  /** @param tell told of each change; `ended` where it is a temporary level that has come to its end by itself */
  constructor(rules: readonly LevelRule[], tell: (change: LevelChange, ended: boolean) => void) {
    const fallback: Threshold = process.env.NODE_ENV === "production" ? "error" : "debug";
    this.#configured = new Map([
      ["", fallback],
      ...rules.map(({ prefix, level }) => [prefix, level] as const),
    ]);
    this.#rules = new Map(this.#configured);
    this.#tell = (change, ended) => {
      recordChange("level", levelText(change));
      tell(change, ended);
    };
  }

  /** The threshold for lines of this name. */
  of(name: string): Threshold {
    for (let prefix = name; prefix !== ""; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf("-")))) {
      const level = this.#at(prefix);
      if (level !== undefined) return level;
    }
    return this.#at("") as Threshold;
  }

  /** Whether a rule tells names under `scope` apart. */
  splits(scope: string): boolean {
    const start = `${scope}-`;
    for (const rules of [this.#rules, this.#temporary]) {
      for (const prefix of rules.keys()) if (prefix.startsWith(start)) return true;
    }
    return false;
  }

  /** The rules in force, by prefix; a temporary one with the time it ends. */
  list(): (LevelRule & { readonly until: string | null })[] {
    const prefixes = [...new Set([...this.#rules.keys(), ...this.#temporary.keys()])].sort();
    return prefixes.map((prefix) => {
      const temporary = this.#temporary.get(prefix);
      const until = temporary === undefined ? null : new Date(temporary.until).toISOString();
      return { prefix, level: this.#at(prefix) as Threshold, until };
    });
  }

  /** Sets a threshold, with `ttlMs` for so long only. The old one then comes back by itself. */
  set(prefix: string, level: Level, by: string, ttlMs?: number): void {
    const from = this.of(prefix);
    this.#endTemporary(prefix);
    if (ttlMs === undefined) {
      this.#rules.set(prefix, level);
    } else {
      const timer = setTimeout(() => this.#revert(prefix), ttlMs);
      timer.unref();
      this.#temporary.set(prefix, { level, until: Date.now() + ttlMs, timer });
    }
    this.version++;
    this.#tell({ prefix, from, to: level, ttlMs, by }, false);
  }

  /** Takes back what was set for this prefix: what the options said holds again. */
  reset(prefix: string, by: string): void {
    const from = this.of(prefix);
    this.#endTemporary(prefix);
    const configured = this.#configured.get(prefix);
    if (configured === undefined) this.#rules.delete(prefix);
    else this.#rules.set(prefix, configured);
    this.version++;
    this.#tell({ prefix, from, to: this.of(prefix), ttlMs: undefined, by }, false);
  }

  /** Whether a level was set for this prefix for a while. */
  isTemporary(prefix: string): boolean {
    return this.#temporary.has(prefix);
  }

  /** Stops the timers. */
  close(): void {
    for (const prefix of [...this.#temporary.keys()]) this.#endTemporary(prefix);
  }

  #at(prefix: string): Threshold | undefined {
    return this.#temporary.get(prefix)?.level ?? this.#rules.get(prefix);
  }

  #revert(prefix: string): void {
    const from = this.of(prefix);
    this.#temporary.delete(prefix);
    this.version++;
    this.#tell({ prefix, from, to: this.of(prefix), ttlMs: undefined, by: "ttl" }, true);
  }

  #endTemporary(prefix: string): void {
    clearTimeout(this.#temporary.get(prefix)?.timer);
    this.#temporary.delete(prefix);
  }
}

/** Checks a prefix and a level given at run time by code. @throws TypeError */
export function checkLevelChange(
  owner: string,
  prefix: unknown,
  level: unknown,
): asserts level is Level | null {
  if (typeof prefix !== "string" || (prefix !== "" && !isName(prefix))) {
    throw optionError(owner, "prefix", prefix, `a name (${NAME_GRAMMAR}) or "" for all`);
  }
  if (level !== null && level !== "debug" && level !== "error") {
    throw optionError(owner, "level", level, '"debug", "error" or null');
  }
}

function levelText({ prefix, to, ttlMs }: LevelChange): string {
  const whose = prefix === "" ? "all log lines" : prefix;
  return `${whose} ${to}${ttlMs === undefined ? "" : ` for ${Math.round(ttlMs / 1_000)} s`}`;
}
