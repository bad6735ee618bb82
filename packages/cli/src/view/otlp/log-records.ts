import { lineName } from "../../logs/line-name.ts";
import type { Line } from "../line.ts";
import type { Attributes, AttributeValue } from "../span.ts";
import {
  each,
  type Fields,
  fields,
  inside,
  readAttributes,
  readEnum,
  readId,
  readNanos,
  readText,
  readValue,
  toMs,
} from "./fields.ts";
import { type ProcessSeen, readProcess } from "./process.ts";

/** What was in a request. */
export interface ReadLines {
  readonly lines: readonly Line[];
  readonly processes: readonly ProcessSeen[];
}

/**
 * Reads a decoded ExportLogsServiceRequest.
 *
 * @param nowMs when it came, for records that tell no time
 * @throws TypeError that says where the request has another shape than OTLP's
 */
export function readLogRecords(request: unknown, nowMs: number): ReadLines {
  const lines: Line[] = [];
  const processes: ProcessSeen[] = [];
  each(fields(request, "request"), "resourceLogs", (resource) => {
    const process = readProcess(resource);
    processes.push(process);
    each(resource, "scopeLogs", (scope) => {
      each(scope, "logRecords", (record) => lines.push(readRecord(record, process.service, nowMs)));
    });
  });
  return { lines, processes };
}

// The first number of each range of opentelemetry-proto's SeverityNumber.
const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
const NUMBERS_A_LEVEL = 4;
const WARN = 13;
const SEVERITY_NAMES = [
  "UNSPECIFIED",
  ...LEVELS.flatMap((level) =>
    Array.from({ length: NUMBERS_A_LEVEL }, (_, i) => `${level.toUpperCase()}${i === 0 ? "" : i + 1}`),
  ),
];

function readRecord(record: Fields, service: string, nowMs: number): Line {
  const time = toMs(readNanos(record, "timeUnixNano")) || toMs(readNanos(record, "observedTimeUnixNano"));
  const severity = readEnum(record, "severityNumber", "SEVERITY_NUMBER_", SEVERITY_NAMES);
  const severityText = readText(record, "severityText").toLowerCase();
  const attributes = readAttributes(record);
  const body = inside(record, "body", readValue);
  const own: Attributes = isAttributes(body) ? { ...body, ...attributes } : attributes;
  const text = typeof body === "string" ? body : messageOf(own, body) || readText(record, "eventName");
  return {
    timeMs: time || nowMs,
    service,
    level: LEVELS[Math.ceil(severity / NUMBERS_A_LEVEL) - 1] ?? (severityText || "info"),
    failed: severity === 0 ? /^(?:warn|err|fatal|crit|alert|emerg)/.test(severityText) : severity >= WARN,
    name: lineName(readText(record, "eventName") || text, { text: own.text, err: own.err }),
    text,
    traceId: readId(record, "traceId", 32),
    spanId: readId(record, "spanId", 16),
    fields: own,
    count: typeof own.repeats === "number" && own.repeats > 1 ? own.repeats : 1,
  };
}

const isAttributes = (value: AttributeValue): value is Attributes =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function messageOf(own: Attributes, body: AttributeValue): string {
  const message = own.msg ?? own.message ?? own["exception.message"];
  if (typeof message === "string") return message;
  return body === null || body === undefined ? "" : JSON.stringify(body);
}
