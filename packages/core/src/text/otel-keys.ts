/**
 * The key under which OpenTelemetry's context says that work is telemetry's own: it makes no span and counts as no
 * traffic. The key of `suppressTracing` in `@opentelemetry/core`; the API's `createContextKey` is `Symbol.for`.
 */
export const SUPPRESS_TRACING: symbol = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
