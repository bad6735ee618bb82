export { describeRequest, reportChange, watchPool } from "@whodunit/core";
export { traceClient } from "./drivers/trace-client.ts";
export type { DropReason, SpanAccounts } from "./export/accounts.ts";
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
export type { Carrier } from "./propagation/carriers.ts";
export { PRIVATE_HOSTS } from "./propagation/private-hosts.ts";
export type { ResourceWindow } from "./resources/resources.ts";
export type { Waits } from "./resources/waits.ts";
export type { MessageOrigin } from "./spans/messages.ts";
export { extractMessage, injectMessage } from "./spans/messages.ts";
export type { TracedOptions } from "./spans/with-span.ts";
export { currentSpan, traced, withSpan } from "./spans/with-span.ts";
export type { TracingOptions } from "./start/options.ts";
export { startTracing } from "./start/start.ts";
export type { Tracing } from "./start/tracing.ts";
export type { TrafficAttributes, TrafficValue } from "./traffic/described.ts";
export type { Classify, TrafficOutcome } from "./traffic/record.ts";
export type { TrafficExemplar, TrafficSeries, TrafficSide, WindowSeconds } from "./traffic/series.ts";
export type { TrafficSnapshot } from "./traffic/snapshot.ts";
export type { Traffic } from "./traffic/traffic.ts";
