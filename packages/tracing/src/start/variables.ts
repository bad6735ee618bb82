import { checkSetting } from "../running/settings.ts";

const OTLP = [
  "ENDPOINT",
  "HEADERS",
  "TIMEOUT",
  "COMPRESSION",
  "PROTOCOL",
  "CERTIFICATE",
  "CLIENT_KEY",
  "CLIENT_CERTIFICATE",
  // Of gRPC only: with OTLP/HTTP the scheme of the endpoint says it (OTLP exporter, "Insecure").
  "INSECURE",
];

/** The variables of OpenTelemetry that are read; the README has what each means. */
export const HONOURED: ReadonlySet<string> = new Set([
  "OTEL_SDK_DISABLED",
  "OTEL_SERVICE_NAME",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_NODE_RESOURCE_DETECTORS",
  "OTEL_LOG_LEVEL",
  "OTEL_PROPAGATORS",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
  "OTEL_TRACES_EXPORTER",
  ...OTLP.flatMap((name) => [`OTEL_EXPORTER_OTLP_${name}`, `OTEL_EXPORTER_OTLP_TRACES_${name}`]),
  "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
  "OTEL_BSP_SCHEDULE_DELAY",
  "OTEL_BSP_EXPORT_TIMEOUT",
  "OTEL_BSP_MAX_QUEUE_SIZE",
  "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
  "OTEL_ATTRIBUTE_COUNT_LIMIT",
  "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
  "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
  "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
  "OTEL_SPAN_EVENT_COUNT_LIMIT",
  "OTEL_SPAN_LINK_COUNT_LIMIT",
  "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
  "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
  "OTEL_METRICS_EXPORTER",
  "OTEL_LOGS_EXPORTER",
]);

// Of metrics and logs (NodeSDK reads them where those are exported), of instrumentations, of other languages.
const OTHERS =
  /^OTEL_(?:EXPORTER_OTLP_)?(?:METRICS?|LOGS?|LOGRECORD|BLRP|PROFILES)_|^OTEL_(?:EXPORTER_PROMETHEUS|INSTRUMENTATION|SEMCONV|NODE|JAVA|JAVAAGENT|JMX|PYTHON|DOTNET|GO|PHP|RUBY)_/;
// What Kubernetes sets in every container for a Service whose name begins with `otel`.
const SERVICE_LINK = /_SERVICE_HOST$|_SERVICE_PORT(?:_.+)?$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_.+)?)?$/;
// What OpenTelemetry has, or may come to have, for traces and for the SDK as a whole.
const TRACES =
  /^OTEL_(?:SDK|CONFIG|EXPERIMENTAL|PROPAGATORS?|TRACES?|SAMPLERS?|EXPORTER|BSP|ATTRIBUTE|SPAN|EVENT|LINK)(?:_|$)/;

/**
 * Refuses the variables of OpenTelemetry that concern traces and are not honoured: whoever set one relies on it.
 * Returns the names of other `OTEL_*` variables that nobody here knows: platforms and programs make up their own
 * (`OTEL_ENABLED`), and none of those may keep a service from starting.
 *
 * @throws TypeError naming the variable
 */
export function checkVariables(env: NodeJS.ProcessEnv): readonly string[] {
  checkSetting("OTEL_SDK_DISABLED", env.OTEL_SDK_DISABLED, ["true", "false"]);
  const unknown: string[] = [];
  for (const name of Object.keys(env)) {
    if (!name.startsWith("OTEL_") || !env[name]?.trim() || HONOURED.has(name)) continue;
    if (OTHERS.test(name) || SERVICE_LINK.test(name)) continue;
    if (TRACES.test(name)) {
      // The value may be a secret: it is not shown.
      throw new TypeError(`startTracing: ${name} is set and not honoured, want it unset`);
    }
    unknown.push(name);
  }
  return unknown.sort();
}
