import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask, startChild, told } from "../lib/child.ts";
import type { LoadResult, LoadTask } from "../lib/load.ts";
import { usageOf } from "../lib/process-usage.ts";
import { median } from "../lib/results.ts";
import { SERVER, type StackVariant } from "./variants.ts";

const LOAD = fileURLToPath(new URL("../lib/load.ts", import.meta.url));
const DRAIN = fileURLToPath(new URL("../lib/drain.ts", import.meta.url));
// Longer than OTEL_BSP_SCHEDULE_DELAY of the variants: the last batches of spans belong to the requests, too.
const SETTLE_MS = 700;

/** A caller's request: it names its trace, sampled, and bears a secret. */
const HEADERS = {
  authorization: "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLTMyLWNoYXJz",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

/** How long a round is, and how hard. */
export interface StackPlan {
  readonly rounds: number;
  readonly warmUpSeconds: number;
  /** Requests a second of the open loop. */
  readonly rate: number;
  readonly openSeconds: number;
  /** Requests a second of a slower open loop, in which nothing stays warm; without, there is none. */
  readonly slowRate?: number;
  readonly slowSeconds?: number;
  readonly closedSeconds: number;
  /** Each phase of a server is cut into so many slices, in turn with those of the others. */
  readonly slices: number;
}

/** What one service of one round gave. */
export interface StackSample {
  /** CPU a request at the fixed rate. */
  readonly openMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU a request at the slower rate. */
  readonly slowMicros: number | undefined;
  /** CPU a request in the closed loop. */
  readonly closedMicros: number;
  readonly requestsPerSecond: number;
  /** After the closed loop. */
  readonly residentMb: number;
}

/** The two helpers on the other core. */
export interface Bench {
  readonly load: (task: LoadTask) => Promise<LoadResult>;
  readonly endpoint: string;
}

/** Runs `use` with a load generator and a receiver of spans, both on core 1. */
export async function withBench<Result>(use: (bench: Bench) => Promise<Result>): Promise<Result> {
  const load = startChild([LOAD], { core: 1 });
  const drain = startChild([DRAIN], { core: 1 });
  try {
    const { port } = (await told(drain)) as { port: number };
    return await use({
      load: async (task) => (await ask(load, { headers: HEADERS, ...task })) as LoadResult,
      endpoint: `http://127.0.0.1:${port}`,
    });
  } finally {
    load.kill("SIGKILL");
    drain.kill("SIGKILL");
  }
}

/** A service that runs, on core 0. */
export interface Running {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
}

/** Starts a service. */
export async function startService(
  { name, nodeOptions, env }: StackVariant,
  more: readonly string[] = [],
): Promise<Running> {
  const child = startChild([...more, ...nodeOptions, SERVER], { core: 0, env });
  const { port } = (await told(child)) as { port: number };
  return { name, child, port };
}

/** Ends a service and waits for that. */
export async function stopService({ child }: Running): Promise<void> {
  const ended = once(child, "exit");
  if (child.exitCode === null && child.kill("SIGKILL")) await ended;
}

/**
 * Measures the services against each other. In each round all are started afresh and are asked in turn: the speed of the
 * machine is the same for all.
 */
export async function measureStack(
  variants: readonly StackVariant[],
  bench: Bench,
  plan: StackPlan,
  told: (round: number) => void,
): Promise<Map<string, StackSample[]>> {
  const samples = new Map<string, StackSample[]>(variants.map(({ name }) => [name, []]));
  for (let round = 0; round < plan.rounds; round++) {
    // Another is the first of each round: what starts first is not to have an advantage.
    const order = variants.map((_, i) => variants[(i + round) % variants.length] as StackVariant);
    for (const [name, sample] of await playRound(order, bench, plan)) samples.get(name)?.push(sample);
    told(round);
  }
  return samples;
}

async function playRound(
  variants: readonly StackVariant[],
  bench: Bench,
  plan: StackPlan,
): Promise<Map<string, StackSample>> {
  const services: Running[] = [];
  try {
    for (const variant of variants) services.push(await startService(variant));
    for (const { port } of services) await bench.load({ port, seconds: plan.warmUpSeconds });
    const { rate, slices, openSeconds, slowRate, slowSeconds = 0, closedSeconds } = plan;
    const open = await playPhase(services, bench, slices, { seconds: openSeconds / slices, rate });
    const slow =
      slowRate === undefined
        ? []
        : await playPhase(services, bench, slices, { seconds: slowSeconds / slices, rate: slowRate });
    const closed = await playPhase(services, bench, slices, { seconds: closedSeconds / slices });
    return new Map(
      services.map(({ name, child }, i) => {
        const [atRate, atFull] = [open[i] as Phase, closed[i] as Phase];
        const sample = {
          openMicros: atRate.micros,
          p50Ms: atRate.p50Ms,
          p99Ms: atRate.p99Ms,
          slowMicros: slow[i]?.micros,
          closedMicros: atFull.micros,
          requestsPerSecond: atFull.count / closedSeconds,
          residentMb: usageOf(child.pid as number).residentMb,
        };
        return [name, sample];
      }),
    );
  } finally {
    await Promise.all(services.map(stopService));
  }
}

interface Phase {
  readonly count: number;
  /** CPU a request. */
  readonly micros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A loop of each service, in slices by turns. What a service does between its slices is its requests' cost, too. */
async function playPhase(
  services: readonly Running[],
  { load }: Bench,
  slices: number,
  task: Omit<LoadTask, "port">,
): Promise<Phase[]> {
  const results: LoadResult[][] = services.map(() => []);
  const cpu = (): number[] => services.map(({ child }) => usageOf(child.pid as number).cpuMicros);
  const before = cpu();
  for (let slice = 0; slice < slices; slice++) {
    const turn = [...services.keys()];
    for (const i of slice % 2 === 0 ? turn : turn.toReversed())
      results[i]?.push(await load({ ...task, port: services[i]?.port as number }));
  }
  await sleep(SETTLE_MS);
  const after = cpu();
  return results.map((own, i) => {
    const count = own.reduce((sum, result) => sum + result.count, 0);
    return {
      count,
      micros: ((after[i] as number) - (before[i] as number)) / count,
      p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
    };
  });
}
