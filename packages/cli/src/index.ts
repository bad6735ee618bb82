export type { ExitCode } from "./exit-code.ts";
export type { Change } from "./logs/compare.ts";
export { compareSummaries } from "./logs/compare.ts";
export type { NameCount, SummariseOptions, Summary } from "./logs/summarise.ts";
export { summarise } from "./logs/summarise.ts";
export type { RenderSummaryOptions } from "./logs/summary-text.ts";
export { renderSummary, renderSummaryMarkdown } from "./logs/summary-text.ts";
export { run } from "./program.ts";
export type { Culprit } from "./services/culprit.ts";
export type { EdgeRow, Edges, EdgesOptions } from "./services/edges.ts";
export { edges } from "./services/edges.ts";
export type {
  HealthCheck,
  HealthOptions,
  HealthReport,
  HealthState,
  ServiceHealth,
} from "./services/health.ts";
export { health } from "./services/health.ts";
export { renderHealth } from "./services/health-text.ts";
export type { InvestigateOptions, Verdict } from "./services/investigate.ts";
export { investigate } from "./services/investigate.ts";
export type { Stat, StatOptions, StatRow } from "./services/stat.ts";
export { stat } from "./services/stat.ts";
export { renderEdges, renderStat } from "./services/stat-text.ts";
export type { Instance, Service, Survey, SurveyOptions, Unreached } from "./services/survey.ts";
export type { Fault, Share, Suspect } from "./services/suspect.ts";
export type { Exemplar, Latency, Series, TrafficDocument, WindowS } from "./services/traffic.ts";
export type { RenderVerdictOptions } from "./services/verdict-text.ts";
export { renderVerdict } from "./services/verdict-text.ts";
export type { Output, Paint, Terminal } from "./terminal.ts";
export type { Receiver, ReceiverOptions } from "./view/receiver.ts";
export { startReceiver } from "./view/receiver.ts";
export type { Attributes, AttributeValue, Span, SpanEvent, SpanKind } from "./view/span.ts";
export type { StoreCounts, TraceFilter, TraceService, TraceStore, TraceSummary } from "./view/trace-store.ts";
export { renderWaterfall } from "./view/waterfall.ts";
