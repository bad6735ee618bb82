import { integerSetting } from "../environment.ts";

const LIMIT_MAX = 1_000_000;

/** How much one span may hold (OpenTelemetry, OTEL_SPAN_*_LIMIT; the length is ours, theirs has no end). */
export interface SpanLimits {
  readonly attributes: number;
  readonly valueLength: number;
  readonly events: number;
  readonly links: number;
}

/** The limits where the environment says nothing. */
export const DEFAULT_LIMITS: SpanLimits = { attributes: 128, valueLength: 8_192, events: 128, links: 128 };

/** The limits that OTEL_SPAN_*_LIMIT and OTEL_ATTRIBUTE_*_LIMIT ask for. @throws TypeError when one cannot be honoured */
export function spanLimits(env: NodeJS.ProcessEnv): SpanLimits {
  const of = (own: string, general: string | undefined, otherwise: number): number =>
    integerSetting(own, env[own], 0, LIMIT_MAX) ??
    (general === undefined ? undefined : integerSetting(general, env[general], 0, LIMIT_MAX)) ??
    otherwise;
  return {
    attributes: of(
      "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
      "OTEL_ATTRIBUTE_COUNT_LIMIT",
      DEFAULT_LIMITS.attributes,
    ),
    valueLength: of(
      "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
      "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
      DEFAULT_LIMITS.valueLength,
    ),
    events: of("OTEL_SPAN_EVENT_COUNT_LIMIT", undefined, DEFAULT_LIMITS.events),
    links: of("OTEL_SPAN_LINK_COUNT_LIMIT", undefined, DEFAULT_LIMITS.links),
  };
}
