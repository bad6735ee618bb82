import { optionError } from "@whodunit/core";
import type { Level } from "./level.ts";

/** What the members of a line that are ours are called. What is not given keeps its name. */
export interface FieldNames {
  /** @default "level" */
  readonly level?: string;
  /** @default "time" */
  readonly time?: string;
  /** @default "msg" */
  readonly msg?: string;
  /** @default "service" */
  readonly service?: string;
  /** @default "trace_id" */
  readonly trace_id?: string;
  /** @default "span_id" */
  readonly span_id?: string;
}

/** Names that others gave to the same: Elastic Common Schema, Google Cloud Logging, Datadog. */
export type FieldNamesSet = "ecs" | "gcp" | "datadog";

/** The keys no caller may set, whatever they are called: a field of that name is written as `_name`. */
export const RESERVED_KEYS: readonly string[] = [
  "level",
  "time",
  "msg",
  "service",
  "trace_id",
  "span_id",
  "recorded",
  "repeats",
  "truncated",
];

/** The names as a logger uses them. */
export interface ResolvedNames extends Required<FieldNames> {
  /** How the levels are written. */
  readonly levels: Readonly<Record<Level, string>>;
  /** What stands before a trace's id. */
  readonly tracePrefix: string;
  /** {@link RESERVED_KEYS}, and what they are called here. */
  readonly reserved: readonly string[];
}

const OWN: Required<FieldNames> = {
  level: "level",
  time: "time",
  msg: "msg",
  service: "service",
  trace_id: "trace_id",
  span_id: "span_id",
};
const LOWER: ResolvedNames["levels"] = { debug: "debug", error: "error" };

// https://www.elastic.co/docs/reference/ecs, https://cloud.google.com/logging/docs/structured-logging (special fields; LogSeverity
// is written in capitals), https://docs.datadoghq.com/logs/log_configuration/processors/remapper (reserved attributes).
const SETS: Readonly<Record<FieldNamesSet, FieldNames>> = {
  ecs: {
    level: "log.level",
    time: "@timestamp",
    msg: "message",
    service: "service.name",
    trace_id: "trace.id",
    span_id: "span.id",
  },
  gcp: {
    level: "severity",
    msg: "message",
    trace_id: "logging.googleapis.com/trace",
    span_id: "logging.googleapis.com/spanId",
  },
  datadog: { level: "status", time: "date", msg: "message" },
};

// Written as they are, without escapes.
const NAME = /^[\w@./-]{1,64}$/;
// Of Google Cloud; it stands in a line without escapes.
const PROJECT = /^[a-z\d][a-z\d.:-]{1,99}$/;

/** The names of a logger to which none are given. */
export const OWN_NAMES: ResolvedNames = {
  ...OWN,
  levels: LOWER,
  tracePrefix: "",
  reserved: RESERVED_KEYS,
};

/** Checks the names that are given. @throws TypeError naming the option, its value and what is wanted */
export function resolveFieldNames(owner: string, given: unknown, env: NodeJS.ProcessEnv): ResolvedNames {
  if (given === undefined) return OWN_NAMES;
  if (typeof given === "string" && Object.hasOwn(SETS, given)) {
    const names = { ...OWN, ...SETS[given as FieldNamesSet] };
    const { GOOGLE_CLOUD_PROJECT: project = "" } = env;
    const isGcp = given === "gcp";
    return {
      ...names,
      levels: isGcp ? { debug: "DEBUG", error: "ERROR" } : LOWER,
      tracePrefix: isGcp && PROJECT.test(project) ? `projects/${project}/traces/` : "",
      reserved: reservedIn(names),
    };
  }
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw optionError(
      owner,
      "fieldNames",
      given,
      '"ecs", "gcp", "datadog", or names for level, time, msg, …',
    );
  const names = { ...OWN, ...checked(owner, given) };
  return { ...names, levels: LOWER, tracePrefix: "", reserved: reservedIn(names) };
}

function checked(owner: string, given: object): FieldNames {
  const names = Object.fromEntries(Object.entries(given).filter(([, name]) => name !== undefined));
  for (const [key, name] of Object.entries(names)) {
    const option = `fieldNames.${key}`;
    if (!Object.hasOwn(OWN, key))
      throw optionError(owner, option, name, `one of ${Object.keys(OWN).join(", ")}`);
    if (typeof name !== "string" || !NAME.test(name))
      throw optionError(owner, option, name, "1 to 64 letters, digits and any of _ @ . / -");
    const others = Object.entries({
      ...OWN,
      ...names,
      recorded: "recorded",
      repeats: "repeats",
      truncated: "truncated",
    });
    const [taken] = others.find(([other, its]) => other !== key && its === name) ?? [];
    if (taken !== undefined || name === "text" || name === "err" || name === "__proto__")
      throw optionError(owner, option, name, `a name that is not taken by ${taken ?? `the field ${name}`}`);
  }
  return names;
}

const reservedIn = (names: Required<FieldNames>): string[] => [
  ...new Set([...RESERVED_KEYS, ...Object.values(names)]),
];
