import type { Span } from "@opentelemetry/api";
import type { Redactor } from "@whodunit/redaction";

const TYPE_MAX_LENGTH = 128;

/** What kind of error this is, in few words: its code (`ECONNREFUSED`), else its class. Never its message. */
export function errorType(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return typeof error;
    const { code, name } = error as { code?: unknown; name?: unknown };
    for (const text of [code, name, error.constructor?.name]) {
      if (typeof text === "string" && text !== "") return text.slice(0, TYPE_MAX_LENGTH);
    }
    return "object";
  } catch {
    // A getter or Proxy of the service's own threw.
    return "unreadable";
  }
}

/** Records an error on the span as the exception event of the semantic conventions, redacted. */
export function recordError(span: Span, error: unknown, redactor: Redactor | undefined): void {
  const clean = (text: string): string => (redactor === undefined ? text : redactor.redactText(text));
  try {
    if (!(error instanceof Error)) {
      span.addEvent("exception", {
        "exception.type": errorType(error),
        "exception.message": clean(String(error)),
      });
      return;
    }
    span.addEvent("exception", {
      "exception.type": errorType(error),
      "exception.message": clean(error.message),
      "exception.stacktrace": clean(error.stack ?? ""),
    });
  } catch {
    // Whatever cannot be read or shown of an error is still an error of this kind.
    span.addEvent("exception", { "exception.type": errorType(error) });
  }
}
