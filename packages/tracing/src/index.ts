export type { DropReason, SpanAccounts } from "./export/accounts.ts";
export type { MessageOrigin } from "./message.ts";
export { extractMessage, injectMessage } from "./message.ts";
export { Span } from "./opentracing/span.ts";
export { SpanContext } from "./opentracing/span-context.ts";
export type { Tags } from "./opentracing/tags.ts";
export type { Reference, SpanOptions } from "./opentracing/tracer.ts";
export {
  FORMAT_BINARY,
  FORMAT_HTTP_HEADERS,
  FORMAT_TEXT_MAP,
  Tracer,
  tracer,
} from "./opentracing/tracer.ts";
export type { TracingOptions } from "./options.ts";
export type { Carrier } from "./propagation/carriers.ts";
export { PRIVATE_HOSTS } from "./propagation/private-hosts.ts";
export type { TracedOptions } from "./span.ts";
export { currentSpan, traced, withSpan } from "./span.ts";
export type { Tracing } from "./start.ts";
export { startTracing } from "./start.ts";
export type { TrafficExemplar, TrafficSeries, TrafficSide, WindowSeconds } from "./traffic/series.ts";
export type { Classify, Traffic, TrafficOutcome, TrafficSnapshot } from "./traffic/traffic.ts";
