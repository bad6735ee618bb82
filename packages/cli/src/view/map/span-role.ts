import type { AttributeValue, Span } from "../span.ts";

/** Whether a span is a call of something else. */
export const isOutbound = ({ kind }: Span): boolean => kind === "client" || kind === "producer";

/** Whether a span is something its service was asked to do, or does by itself, such as a job. */
export function isInbound({ kind, parentSpanId }: Span): boolean {
  return kind === "server" || kind === "consumer" || (kind === "internal" && parentSpanId === null);
}

/**
 * Whether a span counts as a failure. An answer 4xx does not: OpenTelemetry marks it on the caller's span, but
 * it is the asker's fault, and `stat` counts it as a success too.
 */
export function isFailure({ error, attributes }: Span): boolean {
  if (!error) return false;
  const status = Number(attributes["http.response.status_code"] ?? attributes["http.status_code"] ?? 0);
  return status < 400 || status >= 500;
}

const MAX_PEER = 200;

/**
 * What an outbound span calls, by its own account: a named peer, a database, a queue, else `host:port`.
 * The names are OpenTelemetry's semantic conventions, the stable ones first.
 */
export function peerOf({ attributes }: Span): string {
  const text = (...names: string[]): string | undefined =>
    names.map((name) => print(attributes[name])).find(Boolean);
  const host = text("server.address", "net.peer.name");
  const port = text("server.port", "net.peer.port");
  const address = host === undefined || port === undefined ? host : `${host}:${port}`;
  const system = text("db.system.name", "db.system", "messaging.system");
  const part = text("db.namespace", "db.name", "messaging.destination.name");
  const store = part === undefined || system === undefined ? system : `${system} ${part}`;
  return (text("peer.service") ?? store ?? address ?? "unknown").slice(0, MAX_PEER);
}

function print(value: AttributeValue | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
