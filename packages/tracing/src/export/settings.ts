import { readFileSync } from "node:fs";
import { percentDecoded } from "@whodunit/core";
import { checkSetting, integerSetting, settingError } from "../running/settings.ts";

/** How OTLP is spoken. */
export type OtlpProtocol = "http/protobuf" | "http/json" | "grpc";

/** How spans are gathered, as OTEL_BSP_* say. Infinity where nothing is said. */
export interface QueueSettings {
  /** How long a span waits for company. */
  readonly delayMs: number;
  readonly batchSpans: number;
  /** How many spans may wait or be on their way. */
  readonly queueSpans: number;
  /** How long the attempts to deliver a batch may take together. */
  readonly giveUpMs: number;
}

/** Where and how spans are sent by OTLP. */
export interface ExportSettings extends QueueSettings {
  readonly protocol: OtlpProtocol;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  /** For one request, until its answer. */
  readonly timeoutMs: number;
  /** How many encoded bytes may wait or be on their way. */
  readonly queueBytes: number;
  readonly tls: { readonly ca?: Buffer; readonly key?: Buffer; readonly cert?: Buffer };
}

const QUEUE_BYTES = 16 * 1_024 * 1_024;
const SPANS_MAX = 1_000_000;
const PROTOCOLS = ["http/protobuf", "http/json", "grpc"] as const;
const SCHEME = /^\w+:\/\//;
const GRPC_SCHEMES = new Set(["http:", "https:", "unix:"]);
// What HTTP lets a header hold (RFC 9110, section 5.5).
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads OTEL_EXPORTER_OTLP_* and OTEL_BSP_* (OpenTelemetry, OTLP exporter configuration): what is said of traces
 * wins over what is said of all signals.
 *
 * @throws TypeError when a value cannot be honoured
 */
export function exportSettings(env: NodeJS.ProcessEnv): ExportSettings {
  const of = (name: string): [string, string | undefined] => {
    const own = `OTEL_EXPORTER_OTLP_TRACES_${name}`;
    return env[own] ? [own, env[own]] : [`OTEL_EXPORTER_OTLP_${name}`, env[`OTEL_EXPORTER_OTLP_${name}`]];
  };
  const protocol = checkSetting(...of("PROTOCOL"), PROTOCOLS) ?? "http/protobuf";
  const file = (name: string): Buffer | undefined => readFile(...of(name));
  const ca = file("CERTIFICATE");
  const key = file("CLIENT_KEY");
  const cert = file("CLIENT_CERTIFICATE");
  return {
    ...queueSettings(env),
    protocol,
    url: protocol === "grpc" ? grpcEndpoint(...of("ENDPOINT")) : httpEndpoint(env),
    headers: headerList(...of("HEADERS")),
    gzip: checkSetting(...of("COMPRESSION"), ["none", "gzip"]) === "gzip",
    timeoutMs: integerSetting(...of("TIMEOUT"), 1, 600_000) ?? 10_000,
    queueBytes: QUEUE_BYTES,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(key === undefined ? {} : { key }),
      ...(cert === undefined ? {} : { cert }),
    },
  };
}

function queueSettings(env: NodeJS.ProcessEnv): QueueSettings {
  const bsp = (name: string, min: number, max: number): number | undefined =>
    integerSetting(`OTEL_BSP_${name}`, env[`OTEL_BSP_${name}`], min, max);
  const queueSpans = bsp("MAX_QUEUE_SIZE", 1, SPANS_MAX) ?? Number.POSITIVE_INFINITY;
  return {
    delayMs: bsp("SCHEDULE_DELAY", 0, 600_000) ?? 5_000,
    batchSpans: Math.min(bsp("MAX_EXPORT_BATCH_SIZE", 1, SPANS_MAX) ?? queueSpans, queueSpans),
    queueSpans,
    giveUpMs: bsp("EXPORT_TIMEOUT", 1, 600_000) ?? Number.POSITIVE_INFINITY,
  };
}

// It has no path, and may have no scheme: then it is TLS unless OTEL_EXPORTER_OTLP_INSECURE says otherwise (OTLP exporter,
// "Endpoint URLs for OTLP/gRPC").
function grpcEndpoint(name: string, text: string | undefined): URL {
  const whole = !text ? "http://localhost:4317" : SCHEME.test(text) ? text : `https://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url !== undefined && GRPC_SCHEMES.has(url.protocol)) return url;
  throw settingError(name, text, "host:port, or an http, https or unix URL");
}

function httpEndpoint(env: NodeJS.ProcessEnv): URL {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const [name, text] = own
    ? (["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", own] as const)
    : (["OTEL_EXPORTER_OTLP_ENDPOINT", env.OTEL_EXPORTER_OTLP_ENDPOINT || "http://localhost:4318"] as const);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw settingError(name, text, "an http or https URL");
  }
  // The address of all signals gets the path of this one; that of traces is taken as it is.
  if (!own) url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`;
  return url;
}

function headerList(name: string, text: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of (text ?? "").split(",")) {
    if (pair.trim() === "") continue;
    const cut = pair.indexOf("=");
    const key = pair.slice(0, Math.max(cut, 0)).trim().toLowerCase();
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(key)) {
      // The value is most often a secret: it is not shown.
      throw new TypeError(`startTracing: ${name} has an entry without a name, want "name=value,name=value"`);
    }
    // Percent-encoded, as in W3C baggage.
    const value = percentDecoded(pair.slice(cut + 1).trim());
    if (!HEADER_VALUE.test(value)) {
      throw new TypeError(`startTracing: ${name} has a value for ${key} that no header can hold`);
    }
    headers[key] = value;
  }
  return headers;
}

function readFile(name: string, path: string | undefined): Buffer | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TypeError(`startTracing: ${name} is ${JSON.stringify(path)}, want a file that can be read`, {
      cause,
    });
  }
}
