import type { Attributes, Span } from "@opentelemetry/api";
import { outgoing } from "./outgoing.ts";
import { runningTracing } from "./running.ts";

const TYPE_MAX_LENGTH = 128;

/** What kind of error this is, in few words: its code (`ECONNREFUSED`), else its class, redacted. Never its message. */
export function errorType(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return typeof error;
    const { code, name } = error as { code?: unknown; name?: unknown };
    for (const text of [code, name, error.constructor?.name]) {
      if (typeof text === "string" && text !== "") return clean(text);
    }
    return "object";
  } catch {
    // A getter or Proxy of the service's own threw.
    return "unreadable";
  }
}

/** Records an error on the span as the exception event of the semantic conventions, with more `fields` if any. */
export function recordError(span: Span, error: unknown, fields?: Attributes, atMs?: number): void {
  const attributes: Attributes = { ...fields, "exception.type": errorType(error) };
  try {
    const isError = error instanceof Error;
    attributes["exception.message"] = isError ? error.message : String(error);
    if (isError && error.stack !== undefined) attributes["exception.stacktrace"] = error.stack;
  } catch {
    // Whatever cannot be read or shown of an error is still an error of this kind.
  }
  span.addEvent("exception", outgoing(attributes), atMs);
}

// Programs put what they like into codes and names, and these become metrics and classes of traffic.
// Cut after that: half a secret might pass for none.
const clean = (text: string): string =>
  runningTracing()?.redactor.redactText(text, TYPE_MAX_LENGTH) ?? text.slice(0, TYPE_MAX_LENGTH);
