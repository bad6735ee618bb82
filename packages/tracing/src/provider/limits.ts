import { integerSetting } from "../running/settings.ts";

const LIMIT_MAX = 1_000_000;

/** What is kept beyond a cut until text is redacted: half a secret might pass for none. */
export const CUT_MARGIN = 8_192;

/** How much one span may hold (OpenTelemetry, OTEL_*_LIMIT; the length is ours, theirs has no end). */
export interface SpanLimits {
  readonly attributes: number;
  readonly valueLength: number;
  readonly events: number;
  readonly links: number;
  readonly eventAttributes: number;
  readonly linkAttributes: number;
}

/** The limits where the environment says nothing. */
export const DEFAULT_LIMITS: SpanLimits = {
  attributes: 128,
  valueLength: 8_192,
  events: 128,
  links: 128,
  eventAttributes: 128,
  linkAttributes: 128,
};

/** The limits that OTEL_*_LIMIT ask for. @throws TypeError when one cannot be honoured */
export function spanLimits(env: NodeJS.ProcessEnv): SpanLimits {
  const limit = (name: string): number | undefined => integerSetting(name, env[name], 0, LIMIT_MAX);
  const count = limit("OTEL_ATTRIBUTE_COUNT_LIMIT");
  const length = limit("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT");
  const defaults = DEFAULT_LIMITS;
  return {
    attributes: limit("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT") ?? count ?? defaults.attributes,
    valueLength: limit("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT") ?? length ?? defaults.valueLength,
    events: limit("OTEL_SPAN_EVENT_COUNT_LIMIT") ?? defaults.events,
    links: limit("OTEL_SPAN_LINK_COUNT_LIMIT") ?? defaults.links,
    eventAttributes: limit("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT") ?? count ?? defaults.eventAttributes,
    linkAttributes: limit("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT") ?? count ?? defaults.linkAttributes,
  };
}
