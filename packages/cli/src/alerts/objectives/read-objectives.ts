import { parseDocument } from "yaml";
import { isRecord } from "../../is-record.ts";
import { BOUNDS_MS } from "./series.ts";

/** What one service, or one route of it, is to keep. */
export interface Objective {
  readonly service: string;
  /** As the service names it, `GET /votes/:id`; without it all routes of the service together. */
  readonly route?: string | undefined;
  /** How many of a hundred requests are not to fail. */
  readonly successPercent?: number | undefined;
  /** How many of a hundred requests are to be answered in so many milliseconds. */
  readonly latency?: { readonly percent: number; readonly withinMs: number } | undefined;
  /** Fewer failed or slow requests than this in an alert's longer window call nobody. @default 5 */
  readonly minFailures: number;
  /** Where it is written what to do. */
  readonly runbook?: string | undefined;
  /** Where the figures are shown. */
  readonly dashboard?: string | undefined;
}

const FIELDS = ["service", "route", "successPercent", "latency", "minFailures", "runbook", "dashboard"];
const MIN_FAILURES = 5;
// What Alertmanager's and Prometheus' labels take is longer; a name of more is none.
const MAX_NAME_LENGTH = 200;
const MAX_OBJECTIVES = 2_000;

/**
 * Reads `objectives.yaml`: `{ objectives: [{ service, route, successPercent, latency: { percent, withinMs }, … }] }`.
 *
 * @param file its name, for what is said of it
 * @throws Error that says what is wrong, and where
 */
export function readObjectives(text: string, file: string): Objective[] {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw new Error(`${file}: ${broken.message.trim()}`);
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  const complain = complainOf(file);
  const list = isRecord(content) ? content.objectives : undefined;
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_OBJECTIVES)
    throw complain("objectives", list, `a list of 1 to ${MAX_OBJECTIVES} objectives`);
  onlyKnown(file, "the file", content as object, ["objectives"]);
  const seen = new Set<string>();
  return list.map((one: unknown, i) => {
    const objective = readOne(file, `objectives[${i}]`, one);
    const key = JSON.stringify([objective.service, objective.route ?? null]);
    if (seen.has(key))
      throw new Error(`${file}: objectives[${i}] is the second of ${nameOf(objective)}, want one of each`);
    seen.add(key);
    return objective;
  });
}

/** `web`, or `web GET /votes/:id`. */
export const nameOf = ({ service, route }: Objective): string =>
  route === undefined ? service : `${service} ${route}`;

function readOne(file: string, where: string, value: unknown): Objective {
  const complain = complainOf(file);
  if (!isRecord(value)) throw complain(where, value, `an object with "service"`);
  onlyKnown(file, where, value, FIELDS);
  const { service, route, successPercent, latency, minFailures = MIN_FAILURES, runbook, dashboard } = value;
  if (!isName(service)) throw complain(`${where}.service`, service, "the name of a service");
  if (route !== undefined && !isName(route))
    throw complain(`${where}.route`, route, 'a route as the service names it, such as "GET /votes/:id"');
  if (successPercent === undefined && latency === undefined)
    throw new Error(`${file}: ${where} has neither successPercent nor latency, want one or both`);
  if (successPercent !== undefined && !isPercent(successPercent))
    throw complain(`${where}.successPercent`, successPercent, PERCENT);
  if (typeof minFailures !== "number" || !Number.isInteger(minFailures) || minFailures < 1)
    throw complain(`${where}.minFailures`, minFailures, "a whole number from 1 on");
  return {
    service,
    route,
    successPercent,
    latency: latency === undefined ? undefined : readLatency(file, `${where}.latency`, latency),
    minFailures,
    runbook: readLink(file, `${where}.runbook`, runbook),
    dashboard: readLink(file, `${where}.dashboard`, dashboard),
  };
}

function readLatency(file: string, where: string, value: unknown): NonNullable<Objective["latency"]> {
  const complain = complainOf(file);
  if (!isRecord(value)) throw complain(where, value, `an object with "percent" and "withinMs"`);
  onlyKnown(file, where, value, ["percent", "withinMs"]);
  const { percent, withinMs } = value;
  if (!isPercent(percent)) throw complain(`${where}.percent`, percent, PERCENT);
  if (typeof withinMs !== "number" || !BOUNDS_MS.includes(withinMs))
    throw complain(`${where}.withinMs`, withinMs, `a bound of the buckets: ${BOUNDS_MS.join(", ")}`);
  return { percent, withinMs };
}

function readLink(file: string, where: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw complainOf(file)(where, value, "an http or https URL");
  return value as string;
}

function onlyKnown(file: string, where: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new Error(`${file}: "${unknown}" of ${where} is unknown, want one of ${known.join(", ")}`);
}

const PERCENT = "a number from 50 to below 100, of a hundred requests";

const isPercent = (value: unknown): value is number =>
  typeof value === "number" && value >= 50 && value < 100;

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "" && value.length <= MAX_NAME_LENGTH;

const complainOf =
  (file: string) =>
  (what: string, value: unknown, wanted: string): Error =>
    new Error(`${file}: ${what} is ${JSON.stringify(value) ?? "missing"}, want ${wanted}`);
