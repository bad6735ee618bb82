import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { PASSWORD, startMariadb, startPostgres, startRedis } from "../../test/helpers/real-services.ts";
import { startChild, told } from "../lib/child.ts";
import { median, type Row } from "../lib/results.ts";

export const title = "what telling an operation of a database costs";
export const note =
  "CPU time of a process that asks a real server of its own a simple question 40,000 times, twenty at once, above that of the same process with neither; value and ratio are of that overhead alone. Both send their spans, as protobuf, to a receiver that drains them. OpenTelemetry: its instrumentation of the driver, its SDK's batch processor and its exporter. Whodunit counts each operation as traffic besides, by `traceClient()` or by the driver's own channels. Servers and program share two cores. Half of OpenTelemetry's is the goal.";

const DRAIN = fileURLToPath(new URL("../lib/drain.ts", import.meta.url));
const CHILD = fileURLToPath(new URL("./drivers-child.cjs", import.meta.url));
/** Beside "bare" and "OpenTelemetry": by what Whodunit is told of the driver's operations. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  pg: ["traceClient"],
  mysql2: ["channels"],
  ioredis: ["channels", "traceClient"],
};

interface Sample {
  readonly cpuMicros: number;
  /** Spans an operation. */
  readonly spans: number;
}

export async function measure(rounds: number): Promise<Row[]> {
  const ends: (() => unknown)[] = [];
  // What starts servers for tests needs of a test that it ends.
  const run = {
    after: (end: () => unknown) => void ends.unshift(end),
    skip: noServer,
  } as unknown as TestContext;
  try {
    const ports = await startServers(run);
    const drain = startChild([DRAIN]);
    run.after(() => drain.kill("SIGKILL"));
    const { port: receiver } = (await told(drain)) as { port: number };
    const env = {
      PASSWORD,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver}`,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "512",
      OTEL_BSP_MAX_QUEUE_SIZE: "100000",
    };
    const rows: Row[] = [];
    for (const [driver, port] of Object.entries(ports)) {
      rows.push(...(await compare(driver, port, env, rounds)));
    }
    return rows;
  } finally {
    for (const end of ends) await end();
  }
}

function noServer(reason: string): never {
  throw new Error(reason);
}

async function startServers(run: TestContext): Promise<Readonly<Record<string, number>>> {
  const [postgres, mariadb, redis] = [
    await startPostgres(run),
    await startMariadb(run),
    await startRedis(run),
  ];
  const login = { host: "127.0.0.1", user: "app", password: PASSWORD };
  const table = "CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(20))";
  const client = new pg.Pool({ ...login, port: postgres!.port, database: "postgres" });
  const pool = createPool({ ...login, port: mariadb!.port, database: "app" });
  const row = "INSERT INTO orders VALUES (1, 'one')";
  for (const statement of [table, row]) {
    await client.query(statement);
    await pool.query(statement);
  }
  await Promise.all([client.end(), pool.end()]);
  return { pg: postgres!.port, mysql2: mariadb!.port, ioredis: redis!.port };
}

async function compare(
  driver: string,
  port: number,
  env: Readonly<Record<string, string>>,
  rounds: number,
): Promise<Row[]> {
  const measured = ["OpenTelemetry", ...(OURS[driver] ?? [])];
  const variants = ["bare", ...measured];
  const samples = new Map<string, Sample[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      const args = ["--conditions=@whodunit/source", CHILD, driver, variant, `${port}`];
      const child = startChild(args, { env });
      samples.get(variant)?.push((await told(child)) as Sample);
    }
    process.stderr.write(`${driver}: round ${round + 1} of ${rounds}\n`);
  }
  const above = (variant: string): number[] =>
    (samples.get(variant) ?? []).map(
      ({ cpuMicros }, i) => cpuMicros - (samples.get("bare")?.[i]?.cpuMicros ?? 0),
    );
  const others = median(above("OpenTelemetry"));
  return measured.map((variant) => {
    const own = above(variant);
    const ratios = own.map((micros) => micros / others);
    return {
      name: `${driver}, ${variant === "OpenTelemetry" ? variant : `Whodunit by ${variant === "channels" ? "its channels" : "traceClient()"}`}`,
      ratio: median(own) / others,
      spread: [Math.min(...ratios), Math.max(...ratios)],
      value: `+${median(own).toFixed(1)} µs`,
      note: `bare ${median((samples.get("bare") ?? []).map(({ cpuMicros }) => cpuMicros)).toFixed(1)} µs; ${median((samples.get(variant) ?? []).map(({ spans }) => spans)).toFixed(2)} spans an operation`,
    };
  });
}
