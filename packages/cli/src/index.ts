export type {
  HealthCheck,
  HealthOptions,
  HealthReport,
  HealthState,
  ServiceHealth,
} from "./health/health.ts";
export { health } from "./health/health.ts";
export { renderHealth } from "./health/health-text.ts";
export type { ChangeEvidence } from "./investigate/changes.ts";
export type { Culprit } from "./investigate/culprits.ts";
export type { Confidence, Evidence, Source } from "./investigate/evidence.ts";
export type { Findings } from "./investigate/examine.ts";
export type { InvestigateOptions, Verdict } from "./investigate/investigate.ts";
export { investigate } from "./investigate/investigate.ts";
export type { CulpritProfile } from "./investigate/profile-from.ts";
export type { Fault, Share, Suspect } from "./investigate/suspect.ts";
export type { TraceLine } from "./investigate/trace-lines.ts";
export type { RenderVerdictOptions } from "./investigate/verdict-text.ts";
export { renderVerdict } from "./investigate/verdict-text.ts";
export type { Which } from "./investigate/which-requests.ts";
export type { Cause, CauseKind } from "./investigate/why.ts";
export type { Change } from "./logs/compare.ts";
export { compareSummaries } from "./logs/compare.ts";
export type { NameCount, SummariseOptions, Summary } from "./logs/summarise.ts";
export { summarise } from "./logs/summarise.ts";
export type { RenderSummaryOptions } from "./logs/summary-text.ts";
export { renderSummary, renderSummaryMarkdown } from "./logs/summary-text.ts";
export type { HotFunction, Hottest } from "./profile/hottest.ts";
export type { Profile, ProfileOptions } from "./profile/profile.ts";
export { profile } from "./profile/profile.ts";
export { renderProfile } from "./profile/profile-text.ts";
export { run } from "./program.ts";
export type { Figures } from "./sources/live/figures.ts";
export type { SurveyOptions } from "./sources/live/survey.ts";
export { StoreError } from "./sources/prometheus/client.ts";
export type { StoreAddress } from "./sources/prometheus/store-settings.ts";
export type { Reached, Unanswered } from "./sources/reached.ts";
export type { SourceOptions, StoreOptions } from "./sources/source.ts";
export type { ViewOptions } from "./sources/view/survey-view.ts";
export type { VersionComparison, VersionFinding, VersionRow } from "./stat/compare-versions.ts";
export { compareVersions } from "./stat/compare-versions.ts";
export type { EdgeRow, Edges, EdgesOptions } from "./stat/edges.ts";
export { edges } from "./stat/edges.ts";
export type { Stat, StatOptions, StatRow } from "./stat/stat.ts";
export { stat } from "./stat/stat.ts";
export { renderEdges, renderStat } from "./stat/stat-text.ts";
export type { Output, Paint, Terminal } from "./terminal/terminal.ts";
export type { Line } from "./view/line.ts";
export type { Receiver, ReceiverOptions } from "./view/receiver.ts";
export { startReceiver } from "./view/receiver.ts";
export type { Attributes, AttributeValue, Span, SpanEvent, SpanKind } from "./view/span.ts";
export type { StoreCounts } from "./view/store/store-counts.ts";
export { renderWaterfall } from "./view/waterfall.ts";
