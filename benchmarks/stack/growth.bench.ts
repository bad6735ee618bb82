import { fileURLToPath } from "node:url";
import { buildTree, OWN_TREE } from "../compare/tree.ts";
import { startChild, told } from "../lib/child.ts";
import type { LoadTask } from "../lib/load.ts";
import { usageOf } from "../lib/process-usage.ts";
import { median, type Row } from "../lib/results.ts";
import { growthPath } from "./growth-path.ts";
import { type Bench, type Running, stopService, withBench } from "./measure.ts";

export const title = "what a request costs as a service grows";
export const note =
  "All three packages on Fastify, sampled. CPU a request, by the operating system's account; the ratio is to the first row of its kind, in the same round: at 2,000 requests/s over 50 connections, or 500/s where each calls another service, and in a closed loop over 2,000 connections where the old space is 64 MB. With so many callees or callers the framework alone keeps as many connections: its own growth stands beside.";

const SERVER = fileURLToPath(new URL("./growth-server.ts", import.meta.url));
const WARM_UP_S = 1;
const SLICES = 2;
const SLICE_S = 0.6;

/** A service of some size, and how it is asked. */
interface Size {
  readonly name: string;
  /** The row that this one's CPU is divided by. */
  readonly against: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly task: Omit<LoadTask, "port" | "seconds">;
}

const pathsOf = (routes: number): string[] =>
  Array.from({ length: routes }, (_, index) => growthPath(index, "acc_1"));

const PLAIN = { rate: 2_000, paths: pathsOf(10) };
const CALLING = { rate: 500, paths: pathsOf(10) };
const TIGHT = { connections: 2_000, paths: pathsOf(10) };
const SMALL_HEAP = ["--max-old-space-size=64"];

const SIZES: readonly Size[] = [
  ...[10, 100, 1_000].map((routes) => ({
    name: `${routes} routes`,
    against: "10 routes",
    env: { ROUTES: `${routes}` },
    task: { ...PLAIN, paths: pathsOf(routes) },
  })),
  { name: "100 probes", against: "10 routes", env: { PROBES: "100" }, task: PLAIN },
  ...["none", ""].flatMap((telemetry) =>
    [50, 1_000].map((connections) => ({
      name: `${connections} open connections${telemetry === "none" ? ", the framework alone" : ""}`,
      against: `50 open connections${telemetry === "none" ? ", the framework alone" : ""}`,
      env: { TELEMETRY: telemetry },
      task: { ...PLAIN, connections },
    })),
  ),
  ...["none", ""].flatMap((telemetry) =>
    [1, 10, 100].map((callees) => ({
      name: `${callees} callees${telemetry === "none" ? ", the framework alone" : ""}`,
      against: `1 callees${telemetry === "none" ? ", the framework alone" : ""}`,
      env: { CALLEES: `${callees}`, TELEMETRY: telemetry },
      task: CALLING,
    })),
  ),
  ...["none", ""].map((telemetry) => ({
    name: `64 MB, 2,000 connections${telemetry === "none" ? ", the framework alone" : ""}`,
    against: "64 MB, 2,000 connections, the framework alone",
    env: { TELEMETRY: telemetry },
    nodeOptions: SMALL_HEAP,
    task: TIGHT,
  })),
];

export async function measure(rounds: number): Promise<Row[]> {
  buildTree(OWN_TREE);
  const micros = new Map<string, number[]>(SIZES.map(({ name }) => [name, []]));
  const resident = new Map<string, number>();
  await withBench(async (bench) => {
    for (let round = 0; round < rounds; round++) {
      for (const size of SIZES) {
        const [cpu, megabytes] = await microsOf(size, bench);
        micros.get(size.name)?.push(cpu);
        resident.set(size.name, Math.max(megabytes, resident.get(size.name) ?? 0));
      }
      process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    }
  });
  return SIZES.map(({ name, against }) => {
    const own = micros.get(name) as number[];
    const ratios = own.map((cpu, round) => cpu / (micros.get(against)?.[round] as number));
    return {
      name: name === against ? name : `${name}, of ${against}`,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `${median(own).toFixed(1)} µs`,
      note: `${Math.round(resident.get(name) as number)} MB`,
    };
  });
}

/** CPU a request, and the resident set at the end. */
async function microsOf({ env, nodeOptions = [], task }: Size, bench: Bench): Promise<[number, number]> {
  const child = startChild([...nodeOptions, SERVER], {
    core: 0,
    env: {
      TREE: OWN_TREE,
      LOG_LEVEL: "debug",
      OTEL_EXPORTER_OTLP_ENDPOINT: bench.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: "100",
      CALLEE_PORT: new URL(bench.endpoint).port,
      ...env,
    },
  });
  const { port } = (await told(child)) as { port: number };
  const running: Running = { name: "", child, port };
  try {
    await bench.load({ ...task, port, seconds: WARM_UP_S });
    let count = 0;
    const before = usageOf(child.pid as number).cpuMicros;
    for (let slice = 0; slice < SLICES; slice++) {
      count += (await bench.load({ ...task, port, seconds: SLICE_S })).count;
    }
    const { cpuMicros, residentMb } = usageOf(child.pid as number);
    return [(cpuMicros - before) / count, residentMb];
  } finally {
    await stopService(running);
  }
}
