import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A server to be measured, and the one that what it adds is compared with. */
export interface TaxVariant {
  readonly name: string;
  readonly file: string;
  readonly nodeOptions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Undefined for the bare framework. */
  readonly against: string | undefined;
}

const SERVER = fileURLToPath(new URL("./server.ts", import.meta.url));
const PEER = fileURLToPath(new URL("./peer.cjs", import.meta.url));

/** Where the packages of peers/package.json are installed (`npm install` there); without them their rows are left out. */
const PEERS = process.env.OTEL_PEERS ?? fileURLToPath(new URL("./peers", import.meta.url));

const SAMPLED = "instrumentations, sampled";
const UNSAMPLED = "instrumentations, unsampled";
const ALWAYS_OFF = { OTEL_TRACES_SAMPLER: "always_off" };

/** The bare framework, the peers that are installed, and ours. */
export function variantsOf(framework: "fastify" | "express", endpoint: string): TaxVariant[] {
  const installed = existsSync(`${PEERS}/node_modules`);
  const variant = (
    name: string,
    against: string | undefined,
    nodeOptions: readonly string[],
    env: Readonly<Record<string, string>>,
  ): TaxVariant => ({
    name,
    file: SERVER,
    nodeOptions,
    env: {
      FRAMEWORK: framework,
      TRACING: "none",
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_BSP_SCHEDULE_DELAY: "1000",
      ...env,
    },
    against,
  });
  const ours = (name: string, against: string, env: Readonly<Record<string, string>>): TaxVariant =>
    variant(name, installed ? against : "whodunit, sampled", [], { TRACING: "ours", ...env });
  return [
    variant("bare", undefined, [], {}),
    ...(installed ? peers(variant, endpoint) : []),
    ours("whodunit, sampled", SAMPLED, {}),
    ours("whodunit, unsampled", UNSAMPLED, ALWAYS_OFF),
    ours("whodunit, switched off", UNSAMPLED, { OTEL_SDK_DISABLED: "true" }),
  ];
}

type Make = (
  name: string,
  against: string | undefined,
  nodeOptions: readonly string[],
  env: Readonly<Record<string, string>>,
) => TaxVariant;

function peers(variant: Make, endpoint: string): TaxVariant[] {
  const preload = ["--require", PEER];
  const otel = { OTEL_PEERS: PEERS, OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };
  // Nothing but its traces is asked of it.
  const datadog = {
    DD_SERVICE: "bench",
    DD_TRACE_AGENT_URL: endpoint,
    DD_TRACE_STARTUP_LOGS: "false",
    DD_RUNTIME_METRICS_ENABLED: "false",
    DD_REMOTE_CONFIGURATION_ENABLED: "false",
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
  };
  const init = ["--require", `${PEERS}/node_modules/dd-trace/init.js`];
  return [
    variant(SAMPLED, SAMPLED, preload, otel),
    variant(UNSAMPLED, UNSAMPLED, preload, { ...otel, ...ALWAYS_OFF }),
    variant("dd-trace, sampled", SAMPLED, init, datadog),
    variant("dd-trace, unsampled", UNSAMPLED, init, { ...datadog, DD_TRACE_SAMPLE_RATE: "0" }),
  ];
}
