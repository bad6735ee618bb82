import type { Context } from "@opentelemetry/api";
import { SUPPRESS_TRACING } from "@whodunit/core";

/** Whether work in this context is telemetry's own and must leave no span and no traffic. */
export function isSuppressed(context: Context): boolean {
  return context.getValue(SUPPRESS_TRACING) === true;
}

/** A context whose work leaves no span and no traffic. */
export function suppress(context: Context): Context {
  return context.setValue(SUPPRESS_TRACING, true);
}
