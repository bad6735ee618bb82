import type { Attributes, Span } from "@opentelemetry/api";
import { errorCode, errorType } from "@whodunit/core";
import { outgoing } from "./outgoing.ts";
import { runningTracing } from "./running.ts";

const KIND_MAX_LENGTH = 128;

/** What kind of failure an error is, in few words: its code (`ECONNREFUSED`), else its type, redacted. */
export function errorKind(error: unknown): string {
  // Programs put what they like into codes and names, and these become metrics and classes of traffic.
  // Cut after that: half a secret might pass for none.
  const kind = errorCode(error) ?? errorType(error);
  return runningTracing()?.redactor.redactText(kind, KIND_MAX_LENGTH) ?? kind.slice(0, KIND_MAX_LENGTH);
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
