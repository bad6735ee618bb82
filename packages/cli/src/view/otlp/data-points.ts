import { each, type Fields, fields, inside, readText } from "./fields.ts";

const KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;

/**
 * Counts the data points of a decoded ExportMetricsServiceRequest.
 *
 * @throws TypeError that says where the request has another shape than OTLP's
 */
export function countDataPoints(request: unknown): number {
  let count = 0;
  const points = (kind: Fields): void => {
    count += each(kind, "dataPoints", () => null).length;
  };
  each(fields(request, "request"), "resourceMetrics", (resource) => {
    each(resource, "scopeMetrics", (scope) => {
      each(scope, "metrics", (metric) => {
        readText(metric, "name");
        for (const kind of KINDS) inside(metric, kind, points);
      });
    });
  });
  return count;
}
