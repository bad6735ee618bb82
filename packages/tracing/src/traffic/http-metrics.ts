import {
  type Attributes,
  type Context,
  createNoopMeter,
  type Histogram,
  type Meter,
  metrics,
} from "@opentelemetry/api";
import { SCOPE } from "../running/scope.ts";
import { BOUNDARIES } from "./durations.ts";

/** One request as the two histograms of HTTP hold it. */
export interface HttpMeasurement {
  readonly method: string;
  readonly status: number | undefined;
  readonly errorType: string | undefined;
  readonly durationMs: number;
  /** Holds the span, for exemplars. */
  readonly context: Context;
}

/** `http.server.request.duration` and `http.client.request.duration`, from what traffic counts. */
export class HttpMetrics {
  readonly #server: Histogram;
  readonly #client: Histogram;

  constructor(meter: Meter) {
    const options = (description: string) => ({
      description,
      unit: "s",
      advice: { explicitBucketBoundaries: [...BOUNDARIES] },
    });
    this.#server = meter.createHistogram(
      "http.server.request.duration",
      options("Duration of HTTP server requests."),
    );
    this.#client = meter.createHistogram(
      "http.client.request.duration",
      options("Duration of HTTP client requests."),
    );
  }

  server(request: HttpMeasurement, route: string | undefined, scheme: string): void {
    const attributes = shared(request);
    attributes["url.scheme"] = scheme;
    if (route !== undefined) attributes["http.route"] = route;
    this.#server.record(request.durationMs / 1_000, attributes, request.context);
  }

  client(request: HttpMeasurement, host: string, port: number | undefined): void {
    const attributes = shared(request);
    attributes["server.address"] = host;
    if (port !== undefined) attributes["server.port"] = port;
    this.#client.record(request.durationMs / 1_000, attributes, request.context);
  }
}

/** The metrics of this process; undefined where no meter is registered, so that they cost nothing. */
export function httpMetrics(): HttpMetrics | undefined {
  const meter = metrics.getMeter(SCOPE);
  return meter === createNoopMeter() ? undefined : new HttpMetrics(meter);
}

function shared({ method, status, errorType }: HttpMeasurement): Attributes {
  const attributes: Attributes = { "http.request.method": method };
  if (status !== undefined) attributes["http.response.status_code"] = status;
  if (errorType !== undefined) attributes["error.type"] = errorType;
  return attributes;
}
