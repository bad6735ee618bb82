import { lineName } from "./line-name.ts";
import { parseTime } from "./parse-time.ts";

/** What the summary needs of one log line. */
export interface LogRecord {
  readonly level: "debug" | "error";
  /**
   * The line's msg where that is a name. Lines without one go by the template of their text: `order <*> failed`, and
   * `web-unnamed: order <*> failed` where Whodunit wrote it.
   */
  readonly name: string;
  /** How many occurrences the line stands for: more than one where the logger throttled. */
  readonly count: number;
  /** Milliseconds since 1970, null where the line has no time that can be read. */
  readonly timeMs: number | null;
}

/**
 * Reads one line: Whodunit's own under any of its field names, another structured logger's (`level` as a word or as pino's
 * number, also as ECS, Google Cloud and Datadog call it, `msg` or `message`, `time`, `timestamp`, `ts`, `date` or
 * `@timestamp`). Null where the line is none of these.
 */
export function readRecord(line: string): LogRecord | null {
  const value = parse(line);
  if (value === null) return null;
  const level = readLevel(
    value.level ?? value.severity ?? value["log.level"] ?? withinLog(value.log) ?? statusOf(value),
  );
  const text = value.msg ?? value.message;
  if (level === null || typeof text !== "string") return null;
  const timeMs = readTime(value.time ?? value.timestamp ?? value.ts ?? value["@timestamp"] ?? value.date);
  return { level, name: lineName(text, value), count: readCount(value.repeats), timeMs };
}

function parse(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null; // Cut or mixed with another line: the caller counts it as skipped.
  }
}

// ECS writes `log.level` as one name or as a member of `log`.
const withinLog = (log: unknown): unknown =>
  typeof log === "object" && log !== null ? (log as { level?: unknown }).level : undefined;

// Datadog's name of the level is HTTP's of something else.
const statusOf = ({ status }: Record<string, unknown>): unknown =>
  typeof status === "string" && Object.hasOwn(WORDS, status.toLowerCase()) ? status : undefined;

const WORDS: Readonly<Record<string, "debug" | "error">> = {
  trace: "debug",
  debug: "debug",
  info: "debug",
  notice: "debug",
  warn: "error",
  warning: "error",
  error: "error",
  fatal: "error",
  critical: "error",
};

// DESIGN: two levels, warn and above are "somebody should look at this". pino's numbers: warn is 40.
function readLevel(level: unknown): "debug" | "error" | null {
  if (typeof level === "number") return level >= 40 ? "error" : "debug";
  if (typeof level !== "string") return null;
  return Object.hasOwn(WORDS, level) ? WORDS[level]! : (WORDS[level.toLowerCase()] ?? null);
}

const readCount = (repeats: unknown): number =>
  typeof repeats === "number" && Number.isSafeInteger(repeats) && repeats > 1 ? repeats : 1;

/** A time as loggers write it, ISO 8601 or a number of seconds or milliseconds, in milliseconds; null where it is none. */
export function readTime(time: unknown): number | null {
  if (typeof time === "string") {
    const parsed = parseTime(time);
    return Number.isNaN(parsed) ? null : parsed;
  }
  if (typeof time !== "number" || !Number.isFinite(time) || time <= 0) return null;
  // Seconds (zap, logrus) and milliseconds (pino) are told apart by size: 1e11 s is the year 5138.
  return time < 1e11 ? time * 1000 : time;
}
