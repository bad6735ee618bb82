import type { Attributes, AttributeValue, Span } from "@opentelemetry/api";
import { runningTracing } from "./running.ts";

/**
 * Attributes as the provider behind the API may have them: another's gets them redacted, ours redacts on the way
 * into bytes.
 */
export function outgoing(attributes: Attributes): Attributes {
  const tracing = runningTracing();
  return tracing?.foreignProvider === true
    ? (tracing.redactor.redactValue(attributes) as Attributes)
    : attributes;
}

/** Sets one attribute as the provider behind the API may have it. */
export function setOutgoing(span: Span, key: string, value: AttributeValue): void {
  if (runningTracing()?.foreignProvider === true) span.setAttributes(outgoing({ [key]: value }));
  else span.setAttribute(key, value);
}

/** A name as the provider behind the API may have it. */
export function outgoingName(name: string): string {
  const tracing = runningTracing();
  return tracing?.foreignProvider === true ? tracing.redactor.redactText(name) : name;
}
