import type { Resource } from "@opentelemetry/resources";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { SerialiserRedactor } from "@whodunit/redaction/serialiser";
import {
  loadOtlpGrpcExporter,
  loadOtlpHttpExporter,
  loadResources,
  loadSdkTrace,
  loadZipkinExporter,
} from "#load";
import { BatchWriter } from "../export/batch.ts";
import type { Destination } from "../export/destination.ts";
import { Exporter } from "../export/exporter.ts";
import { NoExporter } from "../export/no-exporter.ts";
import { type ExportSettings, exportSettings } from "../export/settings.ts";
import { Several } from "../export/several.ts";
import { StandardExporter } from "../export/standard-exporter.ts";
import type { SpanLimits } from "../provider/limits.ts";
import { Processors } from "../provider/processors.ts";
import type { Reading } from "../provider/readable-span.ts";
import { listSetting, settingError } from "../running/settings.ts";
import type { ResolvedOptions } from "./options.ts";
import type { ResourceAttributes } from "./resource.ts";

const NAMES = ["otlp", "console", "zipkin", "none"] as const;
const NAME_MAX_LENGTH = 64;

/** What is known of spans beside themselves. */
export interface Sending {
  readonly redactor: SerialiserRedactor;
  readonly limits: SpanLimits;
  readonly resource: ResourceAttributes;
}

/** The processors that the options hold; undefined where they hold none. */
export function processorsOf({ processors }: ResolvedOptions, sending: Sending): Processors | undefined {
  return processors.length === 0 ? undefined : new Processors(processors, readingOf(sending));
}

/**
 * Where ended spans go: the exporters that the options hold, else those that OTEL_TRACES_EXPORTER names. What is not
 * needed is not loaded.
 *
 * @throws TypeError when a variable cannot be honoured
 */
export function destinationOf(
  { exporters }: ResolvedOptions,
  sending: Sending,
  env: NodeJS.ProcessEnv,
): Destination {
  const settings = exportSettings(env);
  const named = exporterNames(env);
  const standard = (name: string, exporter: SpanExporter): Destination =>
    new StandardExporter(name, exporter, settings, readingOf(sending));
  const all = new Map<string, Destination>();
  if (exporters === undefined) {
    for (const name of named) {
      const isOwn = name === "otlp" && settings.protocol === "http/protobuf";
      all.set(
        name,
        isOwn ? ownExporter(settings, sending) : standard(name, loadExporter(name, settings, env)),
      );
    }
  } else {
    for (const exporter of exporters) {
      const name = unusedName(exporter.constructor.name.slice(0, NAME_MAX_LENGTH), all);
      all.set(name, standard(name, exporter));
    }
  }
  const [only = new NoExporter()] = all.values();
  return all.size > 1 ? new Several(all) : only;
}

type ExporterName = Exclude<(typeof NAMES)[number], "none">;

function exporterNames(env: NodeJS.ProcessEnv): readonly ExporterName[] {
  const text = env.OTEL_TRACES_EXPORTER;
  const names = listSetting("OTEL_TRACES_EXPORTER", text, NAMES) ?? ["otlp"];
  const sending = names.filter((name) => name !== "none");
  if (sending.length < names.length && sending.length > 0)
    throw settingError("OTEL_TRACES_EXPORTER", text, '"none" alone, or a list without it');
  return sending;
}

function ownExporter(settings: ExportSettings, { redactor, limits, resource }: Sending): Exporter {
  return new Exporter(settings, new BatchWriter(redactor, limits.valueLength, resource));
}

// What they read of the environment by themselves has been checked: see exportSettings().
function loadExporter(name: ExporterName, settings: ExportSettings, env: NodeJS.ProcessEnv): SpanExporter {
  const { protocol, timeoutMs, gzip } = settings;
  const compression = (gzip ? "gzip" : "none") as never;
  if (name === "console") return new (load("console", "sdk-trace", loadSdkTrace).ConsoleSpanExporter)();
  if (name === "zipkin") {
    const url = zipkinEndpoint(env);
    return new (load("zipkin", "exporter-zipkin", loadZipkinExporter).ZipkinExporter)({ url });
  }
  if (protocol === "grpc") {
    const { OTLPTraceExporter } = load("grpc", "exporter-trace-otlp-grpc", loadOtlpGrpcExporter);
    return new OTLPTraceExporter({ timeoutMillis: timeoutMs, compression });
  }
  const { OTLPTraceExporter } = load("http/json", "exporter-trace-otlp-http", loadOtlpHttpExporter);
  return new OTLPTraceExporter({
    url: settings.url.href,
    headers: settings.headers,
    timeoutMillis: timeoutMs,
    compression,
    httpAgentOptions: { keepAlive: true, ...settings.tls },
  });
}

function zipkinEndpoint(env: NodeJS.ProcessEnv): string {
  const text = env.OTEL_EXPORTER_ZIPKIN_ENDPOINT || "http://localhost:9411/api/v2/spans";
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw settingError("OTEL_EXPORTER_ZIPKIN_ENDPOINT", text, "an http or https URL");
}

function load<Module>(wanted: string, name: string, loading: () => Module): Module {
  try {
    return loading();
  } catch (cause) {
    // Whoever installs without what is not needed elsewhere has none of them.
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new TypeError(`startTracing: "${wanted}" is asked for, want @opentelemetry/${name} installed`, {
      cause,
    });
  }
}

function readingOf({ redactor, limits, resource }: Sending): Reading {
  const whole = loadResources().resourceFromAttributes({ ...resource }) as Resource;
  return { redactor, valueLength: limits.valueLength, resource: whole };
}

function unusedName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let unused = name;
  for (let n = 2; taken.has(unused); n++) unused = `${name} ${n}`;
  return unused;
}
