import { anything, checkShape, ofType, oneOf, optionError, requiredName, type Shape } from "@whodunit/core";
import { createRedactor, type Redactor, type RedactorOptions } from "@whodunit/redaction";
import { type SerialiserRedactor, serialiserOf } from "@whodunit/redaction/serialiser";
import { NAMES_RULES, type NamesRule } from "./gates/bad-names.ts";
import { type RecorderOptions, resolveRecorder } from "./gates/flight-recorder.ts";
import { LEVEL_SIGNALS, type LevelSignal } from "./gates/level-signal.ts";
import { type LevelRule, parseLevels } from "./gates/levels.ts";
import { resolveThrottle, type ThrottleOptions } from "./gates/throttle.ts";
import {
  type FieldNames,
  type FieldNamesSet,
  type ResolvedNames,
  resolveFieldNames,
} from "./line/field-names.ts";
import { type Limits, type ResolvedLimits, resolveLimits } from "./line/limits.ts";
import type { LineDestination } from "./sink/stream-sink.ts";

// pino's numbers of its levels.
const PINO_ERROR_LEVELS = { warn: 40, error: 50, fatal: 60 };

/** A level of pino's from which on lines may ask for attention. */
export type PinoErrorLevel = keyof typeof PINO_ERROR_LEVELS;

/** How a logger is set up. */
export interface LoggerOptions {
  /** The name of the service: the first segment of every name. */
  readonly service: string;
  /**
   * The thresholds, as in `error,brkr-somesystem=debug`. Default: `LOG_LEVEL`, else `error` when `NODE_ENV` is
   * `production`, else `debug`. pino's words are understood.
   */
  readonly level?: string;
  /**
   * What `level`, `time`, `msg`, `service`, `trace_id` and `span_id` are called in lines: as Elastic (`"ecs"`), Google
   * Cloud (`"gcp"`) or Datadog call them, or names of your own. All else stays as it is. @default their own names
   */
  readonly fieldNames?: FieldNamesSet | FieldNames;
  /** Fields on every line. */
  readonly fields?: object;
  /**
   * A signal that switches debug on for all names for ten minutes, and off when it comes again. Off by default.
   */
  readonly levelSignal?: LevelSignal;
  /** How secrets are found and hidden; a redactor of your own; `false` switches redaction off. @default {} */
  readonly redact?: RedactorOptions | Redactor | false;
  /**
   * What happens where a log call's first argument is no name: `"free-text"` writes a line `<scope>-unnamed` with it as
   * `text`, and outside production tells each such place once; `"strict"` throws. @default "free-text"
   */
  readonly names?: NamesRule;
  /**
   * The first of pino's levels that asks for attention: lines by its method, and those above, are error lines, those
   * below debug lines. @default "warn"
   */
  readonly pinoErrorFrom?: PinoErrorLevel;
  /** The bounds of a line. */
  readonly limits?: Limits;
  /**
   * Inside a request, debug lines under the threshold are kept, and written if it logs an error, ends in 5xx, or
   * lets its client wait for a second; its own line with them. `false` switches that off. @default {}
   */
  readonly recorder?: RecorderOptions | false;
  /** Of error lines of one name, route and error type, so many a second; `false` lets all through. @default {} */
  readonly throttle?: ThrottleOptions | false;
  /** Where lines go: a file's path, or anything with `write(line)`. @default stdout */
  readonly destination?: string | LineDestination;
  /**
   * Lines for a person, by pino-pretty, in place of JSON. Default: when stdout is a terminal and the destination,
   * `NODE_ENV` is not `production`, and pino-pretty is installed. `true`: everywhere, `false`: nowhere.
   */
  readonly pretty?: boolean;
}

/** The options as the rest of the package uses them. */
export interface ResolvedOptions {
  readonly service: string;
  readonly levels: readonly LevelRule[];
  readonly levelSignal: LevelSignal | undefined;
  readonly fieldNames: ResolvedNames;
  readonly fields: object;
  readonly redactor: SerialiserRedactor | undefined;
  readonly names: NamesRule;
  /** As pino's number. */
  readonly pinoErrorFrom: number;
  readonly limits: ResolvedLimits;
  readonly recorder: Required<RecorderOptions> | false;
  readonly throttle: Required<ThrottleOptions> | false;
  readonly destination: string | LineDestination | undefined;
  readonly pretty: boolean | undefined;
}

const OWNER = "createLogger";
const SHAPE = {
  service: requiredName,
  level: ofType("string"),
  levelSignal: oneOf(LEVEL_SIGNALS),
  fieldNames: anything,
  fields: ofType("object"),
  redact: anything,
  names: oneOf(NAMES_RULES),
  pinoErrorFrom: oneOf(Object.keys(PINO_ERROR_LEVELS)),
  limits: anything,
  recorder: anything,
  throttle: anything,
  destination: anything,
  pretty: ofType("boolean"),
} satisfies Shape<LoggerOptions>;

/** Checks the options and fills in the defaults. @throws TypeError naming the option, its value and what is wanted */
export function resolveOptions(options: LoggerOptions): ResolvedOptions {
  checkShape(OWNER, options, SHAPE);
  const {
    service,
    level,
    levelSignal,
    fieldNames,
    fields = {},
    redact,
    names = "free-text",
    pinoErrorFrom = "warn",
    limits,
    recorder,
    throttle,
    destination,
    pretty,
  } = options;
  return {
    service,
    levels: levelsOf(level),
    levelSignal,
    fieldNames: resolveFieldNames(OWNER, fieldNames, process.env),
    fields,
    redactor: redactorOf(redact),
    names,
    pinoErrorFrom: PINO_ERROR_LEVELS[pinoErrorFrom],
    limits: resolveLimits(limits),
    recorder: resolveRecorder(recorder),
    throttle: resolveThrottle(throttle),
    destination,
    pretty,
  };
}

function levelsOf(level: string | undefined): LevelRule[] {
  if (level !== undefined) return parseLevels(OWNER, "level", level);
  const fromEnvironment = process.env.LOG_LEVEL;
  return fromEnvironment ? parseLevels(OWNER, "LOG_LEVEL", fromEnvironment) : [];
}

function redactorOf(redact: LoggerOptions["redact"]): SerialiserRedactor | undefined {
  if (redact === false) return undefined;
  if (redact !== undefined && (typeof redact !== "object" || redact === null)) {
    throw optionError(OWNER, "redact", redact, "an object of options, a redactor or false");
  }
  return serialiserOf(redact !== undefined && "redactText" in redact ? redact : createRedactor(redact));
}
