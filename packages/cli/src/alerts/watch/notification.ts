import { isRecord } from "../../is-record.ts";
import { Refusal } from "../../view/otlp/refusal.ts";
import { redactor } from "./redactor.ts";

/** One alert of a group, as much of it as is kept. */
export interface Alert {
  readonly name: string;
  /** The service that it is about, where a label says so. */
  readonly service: string | null;
  readonly priority: string | null;
  readonly summary: string;
  /** ISO 8601. */
  readonly startsAt: string;
  readonly runbook: string | null;
  readonly dashboard: string | null;
}

/** What Alertmanager says of one group of alerts. */
export interface Notification {
  /** Alertmanager's name of the group: the same for as long as the route and the labels that it groups by are. */
  readonly group: string;
  readonly firing: boolean;
  /** Those that fire; at the end those that did. */
  readonly alerts: readonly Alert[];
}

const MAX_ALERTS = 10;
const MAX_TEXT = 500;
const MAX_GROUP = 4_096;
// What services are called by: OpenTelemetry's resource attribute for Prometheus, and what others write.
const SERVICE_LABELS = ["service_name", "service", "job"];

/**
 * Reads the body of Alertmanager's webhook, version 4.
 *
 * @throws Refusal 400 that says what is wrong
 */
export function readNotification(body: string): Notification {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    throw new Refusal(400, "body is not JSON");
  }
  if (!isRecord(content)) throw wrong("body", content, "an object");
  const { version, groupKey, status, alerts } = content;
  if (version !== "4") throw wrong("version", version, '"4", of Alertmanager\'s webhook');
  if (typeof groupKey !== "string" || groupKey === "" || groupKey.length > MAX_GROUP)
    throw wrong("groupKey", groupKey, `a text of up to ${MAX_GROUP} characters`);
  if (status !== "firing" && status !== "resolved") throw wrong("status", status, '"firing" or "resolved"');
  if (!Array.isArray(alerts) || alerts.length === 0 || !alerts.every(isRecord))
    throw wrong("alerts", alerts, "a list of one alert or more");
  const concerned = alerts.filter((one) => one.status === status);
  return {
    group: groupKey,
    firing: status === "firing",
    alerts: (concerned.length === 0 ? alerts : concerned).slice(0, MAX_ALERTS).map(readAlert),
  };
}

function readAlert(alert: Readonly<Record<string, unknown>>): Alert {
  const labels = isRecord(alert.labels) ? alert.labels : {};
  const annotations = isRecord(alert.annotations) ? alert.annotations : {};
  const startsAt = typeof alert.startsAt === "string" ? Date.parse(alert.startsAt) : Number.NaN;
  return {
    name: textOf(labels.alertname) ?? "alert",
    service: SERVICE_LABELS.map((label) => textOf(labels[label])).find((text) => text !== null) ?? null,
    priority: textOf(labels.priority ?? labels.severity),
    summary: textOf(annotations.summary ?? annotations.description) ?? "",
    startsAt: new Date(Number.isNaN(startsAt) ? Date.now() : startsAt).toISOString(),
    runbook: linkOf(annotations.runbook_url ?? annotations.runbook),
    dashboard: linkOf(annotations.dashboard_url ?? annotations.dashboard),
  };
}

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? redactor.redactText(value, MAX_TEXT) : null;

// Somebody will click on it.
function linkOf(value: unknown): string | null {
  const url = typeof value === "string" && value.length <= MAX_TEXT ? URL.parse(value) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? redactor.redactUrl(url.href) : null;
}

function wrong(name: string, value: unknown, wanted: string): Refusal {
  const shown = (JSON.stringify(value) ?? "missing").slice(0, 100);
  return new Refusal(400, `"${name}" is ${shown}, want ${wanted}`);
}
