import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { stringify } from "yaml";
import { whodunit } from "../packages/cli/test/helpers/command.ts";
import { deadAddress } from "../packages/cli/test/helpers/fake-service.ts";
import { ROOT } from "../scripts/packages.ts";
import { startPrometheus } from "./helpers/prometheus.ts";
import { until } from "./helpers/until.ts";

const TOKEN = "a-token-for-the-scraper";

// A flag is turned on, and from then on every third order fails, with its trace, while the service's own probe fails too.
const SERVICE = `
  import { createHealth } from "@whodunit/health";
  import { healthPlugin } from "@whodunit/health/fastify";
  import { reportChange, startTracing } from "@whodunit/tracing";
  import { tracingPlugin } from "@whodunit/tracing/fastify";
  import Fastify from "fastify";
  startTracing({ service: "orders", exporters: [] });
  const app = Fastify();
  let isOn = false;
  const check = () => { if (isOn) throw new Error("no orders table"); };
  const probes = [{ name: "db", check, intervalMs: 1_000 }];
  await app.register(tracingPlugin, { token: "${TOKEN}" });
  await app.register(healthPlugin, { health: createHealth({ service: "orders", probes }) });
  app.post("/orders/:id", ({ params }, reply) => reply.code(isOn && params.id % 3 === 0 ? 500 : 200).send());
  app.post("/flag", () => { isOn = true; reportChange("flag new-orders on"); return ""; });
  process.stdout.write(await app.listen({ host: "127.0.0.1", port: 0 }));
`;

interface Told {
  readonly verdict: string;
  readonly culprits: readonly {
    readonly service: string;
    readonly routes: readonly { readonly name: string }[];
    readonly changes: readonly { readonly kind: string; readonly what: string }[];
    readonly traceIds: readonly string[];
    readonly since: string | null;
  }[];
  readonly health: readonly string[];
}

test("whodunit investigate tells from real Prometheus what a service has exported: counts, a failing trace, a change, its health", async (t) => {
  const args = ["--conditions=@whodunit/source", "--input-type=module", "-e", SERVICE];
  const service = spawn(process.execPath, args, {
    cwd: `${ROOT}test`,
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(async () => {
    if (service.exitCode === null && service.kill()) await once(service, "exit");
  });
  const [printed] = (await once(service.stdout, "data")) as [Buffer];
  const address = printed.toString();
  const job = (name: string, path: string, more: object = {}): object => ({
    ...{ job_name: name, metrics_path: path, ...more },
    static_configs: [{ targets: [new URL(address).host], labels: { namespace: "shop" } }],
  });
  const prometheus = await startPrometheus(t, {
    config: stringify({
      global: { scrape_interval: "1s" },
      scrape_configs: [
        job("whodunit", "/debug/traffic", { authorization: { credentials: TOKEN } }),
        job("whodunit-health", "/health/status"),
      ],
    }),
  });
  if (prometheus === undefined) return;
  const post = async (path: string): Promise<void> => {
    await (await fetch(new URL(path, address), { method: "POST" })).arrayBuffer();
  };
  const env = { WHODUNIT_PROMETHEUS: prometheus.url };
  const view = `http://${await deadAddress()}`;
  const asked = ["--last", "1h", "--match", 'namespace="shop"', "-o", "json"];
  const ask = async (): Promise<Told> => {
    const { stdout } = await whodunit(["investigate", ...asked, "--view", view], { env });
    return JSON.parse(stdout === "" ? '{"culprits":[]}' : stdout) as Told;
  };
  for (let id = 0; id < 60; id++) await post(`/orders/${id}`);
  await until(async () => (await ask()).verdict === "nothing", "the store knows that all was well");
  await post("/flag");
  const told: Told[] = [];
  await until(async () => {
    for (let id = 0; id < 30; id++) await post(`/orders/${id}`);
    told.unshift(await ask());
    const [{ culprits, health }] = told as [Told];
    return (
      (culprits[0]?.traceIds.length ?? 0) > 0 &&
      culprits[0]!.changes.length > 0 &&
      health[0] === "orders says db is ERROR"
    );
  }, "the store knows who fails, a trace, the change and the probe");
  const [culprit] = told[0]!.culprits;
  assert.equal(culprit?.service, "orders");
  assert.deepEqual(
    culprit.routes.map(({ name }) => name),
    ["POST /orders/:id"],
  );
  assert.match(culprit.traceIds[0]!, /^[\da-f]{32}$/);
  assert.deepEqual(
    culprit.changes.map(({ kind, what }) => [kind, what]),
    [["report", "flag new-orders on"]],
  );
  const stat = await whodunit(["stat", ...asked], { env });
  assert.match(stat.stdout, /"route": "POST \/orders\/:id"/);
  const other = await whodunit(["edges", "--match", 'namespace="office"'], { env });
  assert.deepEqual([other.code, other.stdout], [3, ""]);
  assert.match(other.stderr, /holds no requests of services/);
});
