/** The media type by which a scraper asks for OpenMetrics. */
export const OPEN_METRICS = "application/openmetrics-text";

/** The `content-type` of OpenMetrics 1.0. */
export const OPEN_METRICS_TYPE: string = `${OPEN_METRICS}; version=1.0.0; charset=utf-8`;

/** The media type by which a scraper asks for Prometheus' own text format, whichever `version` it names. */
export const PROMETHEUS_TEXT = "text/plain;version";

/** The `content-type` of Prometheus' own text format. */
export const PROMETHEUS_TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A label, `name="value"`; backslashes, quotes and newlines of the value are escaped (OpenMetrics 1.0, ABNF). */
export function label(name: string, value: string): string {
  const escaped = /[\\"\n]/.test(value) ? value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n") : value;
  return `${name}="${escaped}"`;
}

/** A bucket's upper bound as `le` takes it: a whole one has its `.0` (OpenMetrics 1.0, "Canonical numbers"). */
export function bound(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
