import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Fleet, fleetLines } from "../../packages/cli/test/simulator/fleet.ts";
import { freePort } from "../../test/helpers/real-server.ts";
import { until } from "../../test/helpers/until.ts";
import type { Row } from "../lib/results.ts";

const SIZES = (process.env.SERVICES ?? "10,100,1000").split(",").map(Number);
const INSTANCES = 3;
const CULPRIT = 7;
// Back-filled at once: promtool reads a file anew for each block of two hours.
const AT_ONCE = 125;
const WANTED_MS: Readonly<Record<string, number>> = { investigate: 10_000, stat: 5_000, edges: 5_000 };
const COMMAND = fileURLToPath(new URL("../../packages/cli", import.meta.url));
// What users run, where it is built: from source Node strips the types first, which takes memory of its own.
const MAIN = existsSync(`${COMMAND}/dist/main.js`)
  ? [`${COMMAND}/dist/main.js`]
  : ["--conditions=@whodunit/source", `${COMMAND}/src/main.ts`];
// Told by the process itself, at its end.
const PEAK = `import { writeSync } from "node:fs";
process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS * 1_024)));`;

export const title = "a verdict from Prometheus about a fleet";
export const rounds = 1;
export const note = `Three instances a service, about 120 series each; only the moments asked for are back-filled by promtool. The ratio is of the
time to the one that is wanted at 1,000 services: 10 s for investigate, 5 s for stat and edges. Each is the command itself, from its
start to its end.`;

interface Verdict {
  readonly culprits: readonly { readonly service: string }[];
}

/** Asks fleets of three sizes. */
export async function measure(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const services of SIZES) rows.push(...(await measureFleet(services)));
  return rows;
}

async function measureFleet(services: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-fleet-"));
  let prometheus: ChildProcess | undefined;
  try {
    const atS = Math.floor(Date.now() / 1_000) - 3_600;
    fill(folder, { services, instances: INSTANCES, culprit: CULPRIT, atS });
    const port = await freePort();
    writeFileSync(join(folder, "prometheus.yml"), "global: {}\n");
    const flags = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
    prometheus = spawn("prometheus", [...flags, `--web.listen-address=127.0.0.1:${port}`], {
      stdio: "ignore",
    });
    await until(async () => {
      try {
        return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
      } catch {
        return false;
      }
    }, "Prometheus is ready");
    const rows: Row[] = [];
    for (const question of Object.keys(WANTED_MS)) rows.push(await ask(question, services, port, atS));
    return rows;
  } finally {
    if (prometheus !== undefined) {
      prometheus.kill();
      await once(prometheus, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(folder: string, fleet: Fleet): void {
  const path = join(folder, "fleet.om");
  for (let from = 0; from < fleet.services; from += AT_ONCE) {
    const file = openSync(path, "w");
    for (const lines of fleetLines(fleet, from, Math.min(fleet.services, from + AT_ONCE)))
      writeSync(file, lines);
    writeSync(file, "# EOF\n");
    closeSync(file);
    execFileSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", path, join(folder, "data")], {
      stdio: "ignore",
    });
  }
}

/** Through a proxy that counts the queries. */
async function ask(question: string, services: number, port: number, atS: number): Promise<Row> {
  let queries = 0;
  const proxy = createServer((incoming, outgoing) => {
    queries++;
    const to = {
      host: "127.0.0.1",
      port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
    };
    const sent = request(to, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(sent);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const at = new Date(atS * 1_000).toISOString();
    const began = performance.now();
    const child = spawn(
      process.execPath,
      [
        ...[`--import=data:text/javascript,${encodeURIComponent(PEAK)}`, ...MAIN],
        ...[question, "--prometheus", url, "--at", at, "--output", "json"],
      ],
      { stdio: ["ignore", "pipe", "inherit", "pipe"] },
    );
    const [answer, bytes] = await Promise.all(
      [child.stdio[1], child.stdio[3]].map((stream) => text(stream as Readable)),
    );
    const ms = performance.now() - began;
    const told = JSON.parse(answer!) as Verdict | readonly unknown[];
    const right =
      "culprits" in told ? told.culprits[0]?.service === `service-${CULPRIT}` : told.length === 2 * services;
    if (!right) throw new Error(`${question} of ${services} services answered ${answer!.slice(0, 1_000)}`);
    const ratio = ms / WANTED_MS[question]!;
    return {
      name: `${question}, ${services} services`,
      ...{ ratio, spread: [ratio, ratio], value: `${(ms / 1_000).toFixed(1)} s` },
      note: `${queries} queries, ${Math.round(Number(bytes) / 2 ** 20)} MiB`,
    };
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}
