import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the packages of peers/package.json are installed (`npm install` there). */
export const PEERS: string = process.env.OTEL_PEERS ?? fileURLToPath(new URL("../peers", import.meta.url));

/** Without them their rows are left out. */
export const PEERS_INSTALLED: boolean = existsSync(`${PEERS}/node_modules`);

/** What a process is started with to have a peer in it. */
export interface Preload {
  readonly nodeOptions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** NodeSDK with the framework's instrumentations, before the first line of the program. */
export const NODE_SDK: Preload = {
  nodeOptions: ["--require", fileURLToPath(new URL("../peers/start-sdk.cjs", import.meta.url))],
  env: { OTEL_PEERS: PEERS, OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" },
};

/** dd-trace, of which nothing but its traces is asked. */
export function ddTrace(endpoint: string): Preload {
  return {
    nodeOptions: ["--require", `${PEERS}/node_modules/dd-trace/init.js`],
    env: {
      DD_SERVICE: "bench",
      DD_TRACE_AGENT_URL: endpoint,
      DD_TRACE_STARTUP_LOGS: "false",
      DD_RUNTIME_METRICS_ENABLED: "false",
      DD_REMOTE_CONFIGURATION_ENABLED: "false",
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
    },
  };
}
