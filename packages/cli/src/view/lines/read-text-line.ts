import { isRecord } from "../../is-record.ts";
import { lineName } from "../../logs/line-name.ts";
import { readTime } from "../../logs/record.ts";
import type { Line } from "../line.ts";
import type { Attributes } from "../span.ts";

/** What is known of a line from where it came. */
export interface LineOrigin {
  /** The service where the line names none: what was run, or the file. */
  readonly service: string;
  readonly nowMs: number;
}

type Members = Record<string, unknown>;

const MAX_TEXT_LENGTH = 65_536;
// ECMA-48: what colours a line on a terminal.
const COLOURS = /\u001b\[[\d;:]*m/g;
const FAILED = /^(?:warn|err|fatal|crit|alert|emerg|panic|severe)/;

/**
 * Reads a line of a log: JSON as Whodunit, pino, winston, bunyan or ECS write it, else plain text. What it does not know
 * stays among the fields.
 */
export function readTextLine(text: string, { service, nowMs }: LineOrigin): Line {
  const members = parse(text);
  return members === null ? plainLine(text, service, nowMs) : jsonLine(members, text, service, nowMs);
}

function parse(text: string): Members | null {
  if (!text.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? { ...value } : null;
  } catch {
    return null; // Cut, or mixed with another one: it is shown as it is.
  }
}

function jsonLine(members: Members, whole: string, service: string, nowMs: number): Line {
  const take = (...names: readonly string[]): unknown => {
    for (const name of names) {
      const value = members[name] ?? within(members, name);
      if (value === undefined || value === null) continue;
      delete members[name];
      return value;
    }
    return undefined;
  };
  const time = readTime(take("time", "timestamp", "ts", "@timestamp", "Timestamp", "date"));
  // Datadog's name of the level is HTTP's of something else.
  const isStatus = typeof members.status === "string" && LEVEL_WORD.test(members.status);
  const names = ["level", "severity", "log.level", "severityText", "lvl", ...(isStatus ? ["status"] : [])];
  const level = levelWord(take(...names));
  const said = take("msg", "message", "body");
  const text = typeof said === "string" ? said : whole;
  // pino and bunyan call the service `name`; elsewhere a name may be anything.
  const own = take(
    "service.name",
    "serviceName",
    ...(typeof members.service === "string" ? ["service"] : []),
  );
  const named = own ?? (typeof members.name === "string" && "pid" in members ? take("name") : undefined);
  const repeats = members.repeats;
  return {
    timeMs: time ?? nowMs,
    service: typeof named === "string" && named !== "" ? named : service,
    level,
    failed: FAILED.test(level),
    name: lineName(text, { text: members.text, err: members.err }),
    text: text.slice(0, MAX_TEXT_LENGTH),
    traceId: hexId(take("trace_id", "traceId", "trace.id", "logging.googleapis.com/trace"), 32),
    spanId: hexId(take("span_id", "spanId", "span.id", "logging.googleapis.com/spanId"), 16),
    fields: members as Attributes,
    count: typeof repeats === "number" && Number.isSafeInteger(repeats) && repeats > 1 ? repeats : 1,
  };
}

// ECS writes `log.level` as one name or as a member of `log`.
function within(members: Members, path: string): unknown {
  const [outer = "", inner] = path.split(/\.(.*)/s);
  const value = inner === undefined ? undefined : members[outer];
  return isRecord(value) ? value[inner!] : undefined;
}

const LEVEL_WORD = /^(?:trace|debug|info|notice|warn|warning|error|critical|fatal)$/i;

const PINO_LEVELS: readonly (readonly [least: number, word: string])[] = [
  [60, "fatal"],
  [50, "error"],
  [40, "warn"],
  [30, "info"],
  [20, "debug"],
];

function levelWord(level: unknown): string {
  if (typeof level === "number") return PINO_LEVELS.find(([least]) => level >= least)?.[1] ?? "trace";
  return typeof level === "string" && level !== "" ? level.toLowerCase().slice(0, 32) : "info";
}

function hexId(value: unknown, digits: number): string | null {
  // Google Cloud's name of a trace has its project in front.
  const id = typeof value === "string" ? value.replace(/^projects\/[^/]+\/traces\//, "").toLowerCase() : "";
  return id.length === digits && /^[\da-f]+$/.test(id) && !/^0+$/.test(id) ? id : null;
}

const LEVEL_IN_TEXT =
  /(?:^|[\s[<|])(trace|debug|info|notice|warn(?:ing)?|error|fatal|critical|panic|severe)(?=[\s\]>|:]|$)/i;
const TIME_AT_START = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\]?/;
const THROWN = /^(?:Uncaught )?[\w$.]*(?:Error|Exception)\b/;
// A level stands near the beginning; later on the word is one of the text.
const LEVEL_WITHIN = 80;

function plainLine(colourful: string, service: string, nowMs: number): Line {
  const text = colourful.replace(COLOURS, "").slice(0, MAX_TEXT_LENGTH);
  const word = LEVEL_IN_TEXT.exec(text.slice(0, LEVEL_WITHIN))?.[1]?.toLowerCase();
  const level = THROWN.test(text) ? "error" : word === "warning" ? "warn" : (word ?? "info");
  const time = Date.parse(TIME_AT_START.exec(text)?.[1]?.replace(",", ".") ?? "");
  return {
    timeMs: Number.isNaN(time) ? nowMs : time,
    service,
    level,
    failed: FAILED.test(level),
    name: lineName(text.split("\n", 1)[0]!, {}),
    text,
    traceId: null,
    spanId: null,
    fields: {},
    count: 1,
  };
}
