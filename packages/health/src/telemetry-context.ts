import { type Context, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";

/**
 * The OpenTelemetry context of health's own requests: they make no span and count as no traffic. The key is the
 * SDK's own (`suppressTracing` of `@opentelemetry/core`).
 */
export const suppressedContext: Context = ROOT_CONTEXT.setValue(
  createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING"),
  true,
);
