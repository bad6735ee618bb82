import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { driveHttp, type HttpLoad, type HttpSample, type HttpVariant } from "../lib/http.ts";
import { median, type Row } from "../lib/results.ts";

const SERVER = fileURLToPath(new URL("./server.ts", import.meta.url));
const PEER = fileURLToPath(new URL("./peer.cjs", import.meta.url));
const SINK = fileURLToPath(new URL("./sink.ts", import.meta.url));

/** Where the packages of peers/package.json are installed; without them their rows are left out. */
const PEERS = process.env.OTEL_PEERS ?? fileURLToPath(new URL("./peers", import.meta.url));

const LOAD: HttpLoad = {
  path: "/v1/accounts/acc_1/invoices",
  connections: 50,
  seconds: Number(process.env.BENCH_SECONDS ?? 5),
  warmUpSeconds: 2,
  headers: { "user-agent": "bench" },
};

export const note =
  "Server on one core, load generator and a draining local receiver on the other. The value is CPU time added to the bare framework's, per request; the ratio is to what NodeSDK, instrumentation-http and the framework's own instrumentation add, 100 % sampled. Requests a second are relative to the bare framework.";

/** CPU added per request by each way of tracing. */
export async function measureTax(framework: "fastify" | "express", rounds: number): Promise<Row[]> {
  const sink = spawn("taskset", ["-c", "1", process.execPath, SINK], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    const [{ port }] = (await once(sink, "message")) as [{ port: number }];
    const samples = await driveHttp(variants(framework, `http://127.0.0.1:${port}`), LOAD, rounds);
    return rows(samples);
  } finally {
    stop(sink);
  }
}

function variants(framework: string, endpoint: string): HttpVariant[] {
  const shared = {
    FRAMEWORK: framework,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_METRICS_EXPORTER: "",
    OTEL_BSP_SCHEDULE_DELAY: "1000",
  };
  const ours = (name: string, env: Record<string, string>): HttpVariant => ({
    name,
    file: SERVER,
    env: { ...shared, TRACING: "ours", ...env },
  });
  const list: HttpVariant[] = [{ name: "bare", file: SERVER, env: { ...shared, TRACING: "none" } }];
  if (existsSync(`${PEERS}/node_modules`)) {
    const peer = (name: string, env: Record<string, string>): HttpVariant => ({
      name,
      file: SERVER,
      nodeOptions: ["--require", PEER],
      env: {
        ...shared,
        TRACING: "none",
        OTEL_PEERS: PEERS,
        OTEL_METRICS_EXPORTER: "none",
        OTEL_LOGS_EXPORTER: "none",
        ...env,
      },
    });
    list.push(peer("instrumentations, sampled", {}));
    list.push(peer("instrumentations, unsampled", { OTEL_TRACES_SAMPLER: "always_off" }));
  }
  list.push(ours("whodunit, sampled", {}));
  list.push(ours("whodunit, unsampled", { OTEL_TRACES_SAMPLER: "always_off" }));
  list.push(ours("whodunit, switched off", { OTEL_SDK_DISABLED: "true" }));
  return list;
}

function rows(samples: Map<string, HttpSample[]>): Row[] {
  const bare = samples.get("bare") ?? [];
  const added = (name: string): number[] =>
    (samples.get(name) ?? []).map((own, i) => own.cpuMicros - (bare[i]?.cpuMicros ?? Number.NaN));
  const names = [...samples.keys()].filter((name) => name !== "bare");
  const [first = ""] = names;
  const base = added(first);
  return names.map((name) => {
    const own = added(name);
    const ratios = own.map((micros, i) => micros / (base[i] ?? Number.NaN));
    const speed = (samples.get(name) ?? []).map(
      (sample, i) => sample.requestsPerSecond / (bare[i]?.requestsPerSecond ?? Number.NaN),
    );
    return {
      name,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `+${median(own).toFixed(1)} µs CPU`,
      note: `${median(speed).toFixed(2)} of bare req/s; bare ${median(bare.map((one) => one.cpuMicros)).toFixed(1)} µs`,
    };
  });
}

function stop(child: ChildProcess): void {
  child.kill("SIGKILL");
}
