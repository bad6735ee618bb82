import { randomUUID } from "node:crypto";
import type { TextMapPropagator } from "@opentelemetry/api";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { Sampler, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";
import {
  anything,
  type Check,
  checkShape,
  DebugTokens,
  list,
  ofType,
  optionError,
  percentDecoded,
  type Shape,
} from "@whodunit/core";
import type { RedactorOptions } from "@whodunit/redaction";
import { propagatorsOf } from "../propagation/choose.ts";
import { PRIVATE_HOSTS } from "../propagation/private-hosts.ts";
import type { Sampling } from "../provider/sampler.ts";
import { samplingOf } from "../provider/sampling-options.ts";
import { settingError } from "../running/settings.ts";
import type { Classify } from "../traffic/record.ts";
import { type Detector, detectorsOf } from "./detectors.ts";

/** What {@link startTracing} takes. */
export interface TracingOptions {
  /** The service's name on spans, in traffic and to the services it calls. @default OTEL_SERVICE_NAME */
  readonly service?: string;
  /** The service's version, for traffic and the resource. @default service.version of OTEL_RESOURCE_ATTRIBUTES */
  readonly version?: string;
  /**
   * Hosts that may learn the service's name and the baggage: `loopback`, `private`, `single-label`, a host,
   * or a suffix with a leading dot. `traceparent` goes to every host. @default PRIVATE_HOSTS
   */
  readonly propagateTo?: readonly string[];
  /**
   * Calls that leave no span, no header and no traffic, such as the posts of another telemetry: `host`, `.suffix` or
   * `[address]`, each with a `:port` and the beginning of a `/path` if wanted (`localhost:8126`, `.sentry.io/api/`).
   * @default []
   */
  readonly ignoreCalls?: readonly string[];
  /** Decides what fails in traffic. @default 5xx and errors of transport */
  readonly classify?: Classify;
  /**
   * The share of traces that begin here to sample, from 0 to 1; a caller's decision goes before it. All
   * requests are counted in traffic whatever it is. @default 1, or what OTEL_TRACES_SAMPLER says
   */
  readonly sampleRatio?: number;
  /**
   * Keeps what failed of the traces that are not sampled: the failed spans and the local root, as soon as one
   * span of a trace in this process failed; and local roots that took a second or more. Costs what sampling costs, but for the export. @default false
   */
  readonly keepErrors?: boolean;
  /**
   * One of OpenTelemetry's own samplers, in place of `sampleRatio`. It is asked for every span, sees name and attributes
   * redacted, and gives way to the debug header only.
   */
  readonly sampler?: Sampler;
  /**
   * OpenTelemetry's own exporters, in place of those that OTEL_TRACES_EXPORTER names. Each gets every sampled span,
   * redacted, in batches by OTEL_BSP_* (by default 512 spans every 5 s, 2,048 waiting, 30 s for an answer).
   *
   * @default what OTEL_TRACES_EXPORTER says, or OTLP
   */
  readonly exporters?: readonly SpanExporter[];
  /**
   * OpenTelemetry's own span processors, beside the exporters. They are told of every recorded span as it starts and as
   * it has ended, and see it redacted. What Whodunit itself answers ends for them as not sampled. @default []
   */
  readonly processors?: readonly SpanProcessor[];
  /** OpenTelemetry instrumentations, for databases and queues; they are given to `NodeSDK`. @default [] */
  readonly instrumentations?: NodeSDKConfiguration["instrumentations"];
  /** Options of the redaction of URLs, attributes and errors. @default {} */
  readonly redact?: RedactorOptions;
}

/** {@link TracingOptions}, checked and completed. */
export interface ResolvedOptions {
  readonly service: string;
  readonly version: string | null;
  readonly instance: string;
  /** What OTEL_RESOURCE_ATTRIBUTES says. */
  readonly resource: Readonly<Record<string, string>>;
  /** What OTEL_NODE_RESOURCE_DETECTORS asks for. */
  readonly detectors: readonly Detector[];
  readonly propagateTo: readonly string[];
  readonly ignoreCalls: readonly string[];
  readonly classify: Classify | undefined;
  readonly redact: RedactorOptions;
  readonly instrumentations: NodeSDKConfiguration["instrumentations"];
  readonly sampling: Sampling;
  readonly sampler: Sampler | undefined;
  readonly exporters: readonly SpanExporter[] | undefined;
  readonly processors: readonly SpanProcessor[];
  /** By WHODUNIT_DEBUG_SECRET. */
  readonly debugTokens: DebugTokens | undefined;
  readonly propagators: readonly TextMapPropagator[];
}

/** What has no effect beside a provider that somebody else has registered. */
export const OWN_PROVIDER_OPTIONS: readonly (keyof TracingOptions)[] = [
  "sampleRatio",
  "keepErrors",
  "sampler",
  "exporters",
  "processors",
  "instrumentations",
];

const OWNER = "startTracing";
const SHAPE = {
  service: anything,
  version: ofType("string"),
  propagateTo: anything,
  ignoreCalls: anything,
  classify: ofType("function"),
  sampleRatio: anything,
  keepErrors: ofType("boolean"),
  sampler: having("one of OpenTelemetry's samplers", ["shouldSample"]),
  exporters: listOf("an array of OpenTelemetry's span exporters", ["export", "shutdown"]),
  processors: listOf("an array of OpenTelemetry's span processors", [
    "onStart",
    "onEnd",
    "forceFlush",
    "shutdown",
  ]),
  instrumentations: list("an array of instrumentations"),
  redact: ofType("object"),
} satisfies Shape<TracingOptions>;
const SERVICE_MAX_LENGTH = 255;

/** Checks and completes the options. @throws TypeError naming the option, its value and what is wanted */
export function resolveOptions(options: TracingOptions, env: NodeJS.ProcessEnv): ResolvedOptions {
  checkShape(OWNER, options, SHAPE);
  if (options.sampler !== undefined && options.sampleRatio !== undefined) {
    throw optionError(OWNER, "sampler", options.sampler, 'either "sampler" or "sampleRatio"');
  }
  const resource = resourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES ?? "");
  const service = options.service ?? (env.OTEL_SERVICE_NAME || resource["service.name"]);
  if (typeof service !== "string" || service.trim() === "" || service.length > SERVICE_MAX_LENGTH) {
    throw optionError(OWNER, "service", service, "the service's name, here or in OTEL_SERVICE_NAME");
  }
  return {
    service,
    version: options.version ?? resource["service.version"] ?? null,
    instance: resource["service.instance.id"] ?? randomUUID(),
    resource,
    detectors: detectorsOf(env),
    propagateTo: options.propagateTo ?? PRIVATE_HOSTS,
    ignoreCalls: options.ignoreCalls ?? [],
    classify: options.classify,
    redact: options.redact ?? {},
    instrumentations: options.instrumentations ?? [],
    sampling: { ...samplingOf(options.sampleRatio, env), keepErrors: options.keepErrors ?? false },
    sampler: options.sampler,
    exporters: options.exporters,
    processors: options.processors ?? [],
    debugTokens: DebugTokens.fromEnvironment(OWNER, env),
    propagators: propagatorsOf(env),
  };
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  return methods.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === "function");
}

function having(wanted: string, methods: readonly string[]): Check {
  return (owner, option, value) => {
    if (value !== undefined && !hasMethods(value, methods)) throw optionError(owner, option, value, wanted);
  };
}

function listOf(wanted: string, methods: readonly string[]): Check {
  return (owner, option, value) => {
    list(wanted)(owner, option, value);
    const items = (value ?? []) as readonly unknown[];
    const wrong = items.findIndex((item) => !hasMethods(item, methods));
    if (wrong !== -1) throw optionError(owner, `${option}[${wrong}]`, items[wrong], wanted);
  };
}

function resourceAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const pair of text.split(",")) {
    const cut = pair.indexOf("=");
    // Percent-encoded (OpenTelemetry resource SDK, OTEL_RESOURCE_ATTRIBUTES).
    if (cut > 0) attributes[pair.slice(0, cut).trim()] = percentDecoded(pair.slice(cut + 1).trim());
    else if (pair.trim() !== "") {
      throw settingError("OTEL_RESOURCE_ATTRIBUTES", text, '"name=value,name=value"');
    }
  }
  return attributes;
}
