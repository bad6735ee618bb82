import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median, type Row } from "./results.ts";

/**
 * Requests a second and CPU a request of whole servers. Each round starts each server afresh on core 0, with the
 * load generator on core 1, in interleaved order.
 */

/** A server to be measured: a program that sends `{ port }` to its parent when it listens. */
export interface HttpVariant {
  readonly name: string;
  /** The program, as a file URL or path. */
  readonly file: string;
  /** Node's own options, such as a preload. */
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The load. */
export interface HttpLoad {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** What one run of one server gave. */
export interface HttpSample {
  readonly requestsPerSecond: number;
  /** User and system time of the server, in microseconds a request. */
  readonly cpuMicros: number;
  readonly p99Ms: number;
  readonly failures: number;
  readonly residentMb: number;
}

const AUTOCANNON = fileURLToPath(import.meta.resolve("autocannon"));

/** Measures the servers against each other, round by round. */
export async function driveHttp(
  variants: readonly HttpVariant[],
  load: HttpLoad,
  rounds: number,
): Promise<Map<string, HttpSample[]>> {
  const samples = new Map<string, HttpSample[]>(variants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      samples.get(variant.name)?.push(await sample(variant, load));
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  return samples;
}

/** One row a server: the ratio of its requests a second to the first server's. */
export function throughputRows(samples: Map<string, HttpSample[]>): Row[] {
  const [base = []] = [...samples.values()];
  return [...samples].map(([name, own]) => {
    const ratios = own.map((each, i) => each.requestsPerSecond / (base[i]?.requestsPerSecond ?? Number.NaN));
    const failures = own.reduce((sum, each) => sum + each.failures, 0);
    return {
      name,
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `${Math.round(median(own.map((each) => each.requestsPerSecond)))} req/s`,
      note: `CPU ${median(own.map((each) => each.cpuMicros)).toFixed(1)} µs/req, p99 ${median(own.map((each) => each.p99Ms)).toFixed(1)} ms, ${Math.round(median(own.map((each) => each.residentMb)))} MB${failures > 0 ? `, ${failures} FAILED` : ""}`,
    };
  });
}

async function sample(variant: HttpVariant, load: HttpLoad): Promise<HttpSample> {
  const server = spawn(
    "taskset",
    [
      "-c",
      "0",
      process.execPath,
      "--conditions=@whodunit/source",
      ...(variant.nodeOptions ?? []),
      variant.file,
    ],
    {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, NODE_ENV: "production", ...variant.env },
    },
  );
  try {
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    await cannon(port, load, load.warmUpSeconds);
    const before = await usage(server);
    const result = await cannon(port, load, load.seconds);
    const after = await usage(server);
    return {
      requestsPerSecond: result.requests.average,
      cpuMicros: (after.cpuMicros - before.cpuMicros) / result.requests.total,
      p99Ms: result.latency.p99,
      failures: result.non2xx + result.errors + result.timeouts,
      residentMb: after.residentBytes / 2 ** 20,
    };
  } finally {
    server.kill("SIGKILL");
  }
}

interface CannonResult {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
}

async function cannon(port: number, load: HttpLoad, seconds: number): Promise<CannonResult> {
  const headers = Object.entries(load.headers ?? {}).flatMap(([name, value]) => ["-H", `${name}=${value}`]);
  const child = spawn(
    "taskset",
    [
      "-c",
      "1",
      process.execPath,
      AUTOCANNON,
      "-c",
      `${load.connections}`,
      "-d",
      `${seconds}`,
      "-j",
      "-n",
      ...headers,
      `http://127.0.0.1:${port}${load.path}`,
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text) as CannonResult;
}

/** Asks a server process what it has used; it answers by {@link answerUsage}. */
async function usage(server: ChildProcess): Promise<{ cpuMicros: number; residentBytes: number }> {
  server.send("usage");
  const [answer] = await once(server, "message");
  return answer as { cpuMicros: number; residentBytes: number };
}

/** To be called by the measured program: tells the port and answers the driver's questions. */
export function answerUsage(port: number): void {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system, residentBytes: process.memoryUsage.rss() });
  });
  process.send?.({ port });
}
