import { fileURLToPath } from "node:url";
import { ddTrace, NODE_SDK, PEERS_INSTALLED } from "../lib/peers.ts";

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
const SAMPLED = "instrumentations, sampled";
const UNSAMPLED = "instrumentations, unsampled";
const ALWAYS_OFF = { OTEL_TRACES_SAMPLER: "always_off" };

/** The bare framework, the peers that are installed, and ours. */
export function variantsOf(framework: "fastify" | "express", endpoint: string): TaxVariant[] {
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
    variant(name, PEERS_INSTALLED ? against : "whodunit, sampled", [], { TRACING: "ours", ...env });
  return [
    variant("bare", undefined, [], {}),
    ...(PEERS_INSTALLED ? peers(variant, endpoint) : []),
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
  const sdk = NODE_SDK;
  const datadog = ddTrace(endpoint);
  return [
    variant(SAMPLED, SAMPLED, sdk.nodeOptions, sdk.env),
    variant(UNSAMPLED, UNSAMPLED, sdk.nodeOptions, { ...sdk.env, ...ALWAYS_OFF }),
    variant("dd-trace, sampled", SAMPLED, datadog.nodeOptions, datadog.env),
    variant("dd-trace, unsampled", UNSAMPLED, datadog.nodeOptions, {
      ...datadog.env,
      DD_TRACE_SAMPLE_RATE: "0",
    }),
  ];
}
