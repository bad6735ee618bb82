import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { ROOT } from "../../../../../scripts/packages.ts";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { findProgram, freePort, serverFolder, startServer } from "../../../../../test/helpers/real-server.ts";
import { until } from "../../../../../test/helpers/until.ts";
import { edges, type InvestigateOptions, investigate, stat } from "../../../src/index.ts";
import { deadAddress } from "../../helpers/fake-service.ts";

interface Recorded {
  readonly culprit: string;
  readonly path: readonly string[];
  readonly routes: readonly string[];
  /** Rows of `edges`: caller, callee, share that ended well. */
  readonly edges: readonly (readonly [string, string, number])[];
}

const EXPOSITIONS: Readonly<Record<string, Recorded>> = {
  opentelemetry: {
    ...{ culprit: "payment", path: ["unknown", "payment"], routes: ["POST /charge"] },
    edges: [
      ["checkout", "payment", 0.6],
      ["payment", "api.bank.example:443", 1],
      ["unknown", "checkout", 0.778],
      ["unknown", "payment", 0.6],
    ],
  },
  istio: {
    ...{ culprit: "reviews", path: ["unknown", "productpage", "reviews"], routes: ["*"] },
    edges: [
      ["productpage", "reviews", 0.667],
      ["reviews", "ratings", 1],
      ["unknown", "productpage", 0.667],
    ],
  },
  linkerd: {
    ...{ culprit: "voting", path: ["vote-bot", "web", "voting"], routes: ["*"] },
    edges: [
      ["vote-bot", "web", 0.667],
      ["web", "emoji", 1],
      ["web", "voting", 0.667],
    ],
  },
};

const AT_S = Math.floor(Date.now() / 1_000) - 3_600;

/** An exposition as it was at its end, and a minute before: half of what went well, and nothing failed. */
function historyOf(name: string): string {
  const text = readFileSync(new URL(`../../fixtures/expositions/${name}.prom`, import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines
    .flatMap((line) => {
      const [, series = "", value = ""] = /^(.*) (\S+)$/.exec(line) ?? [];
      const failed = /(?:status_code|response_code)="5|classification="failure"/.test(series);
      const before = failed ? 0 : Number(value) / 2;
      const moments = [-4_200, -600, -60].map((at) => `${series} ${before} ${AT_S + at}\n`);
      return [...moments, `${series} ${value} ${AT_S}\n`];
    })
    .join("");
}

for (const [name, recorded] of Object.entries(EXPOSITIONS)) {
  test(`${name}: real Prometheus tells figures, edges and a culprit of services without Whodunit`, async (t) => {
    const prometheus = await startPrometheus(t, { history: [historyOf(name)] });
    if (prometheus === undefined) return;
    await check(prometheus.url, recorded);
  });
}

/** A service with OpenTelemetry's own instrumentation and exporter, at `/metrics` of its own port. */
const SERVICE = `
  const { context } = require("@opentelemetry/api");
  const { getRPCMetadata } = require("@opentelemetry/core");
  const { PrometheusExporter } = require("@opentelemetry/exporter-prometheus");
  const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
  const { NodeSDK } = require("@opentelemetry/sdk-node");
  const exporter = new PrometheusExporter({ preventServerStart: true });
  new NodeSDK({ metricReaders: [exporter], instrumentations: [new HttpInstrumentation()] }).start();
  const http = require("node:http");
  const [callee] = process.argv.slice(1);
  const server = http.createServer((req, res) => {
    if (req.url === "/metrics") return exporter.getMetricsRequestHandler(req, res);
    getRPCMetadata(context.active()).route = "/orders/:id";
    const end = (status) => res.writeHead(status).end();
    if (callee === undefined) return end(req.url.endsWith("0") ? 500 : 200);
    http.request(callee + req.url, { method: "POST" }, (answer) => {
      answer.resume();
      answer.on("end", () => end(answer.statusCode));
    }).end();
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write("http://127.0.0.1:" + server.address().port));
`;

async function startService(t: TestContext, name: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ["-e", SERVICE, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ...{ OTEL_SERVICE_NAME: name, OTEL_TRACES_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" },
    },
  });
  t.after(async () => {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  });
  const [url] = (await once(child.stdout, "data")) as [Buffer];
  return url.toString();
}

test("services with OpenTelemetry JS and its own exporter: real Prometheus, which scrapes them, tells who is at fault", async (t) => {
  const payment = await startService(t, "payment");
  const checkout = await startService(t, "checkout", payment);
  const scraped = Object.entries({ payment, checkout }).map(
    ([name, url]) => `{ job_name: ${name}, static_configs: [{ targets: ["${new URL(url).host}"] }] }`,
  );
  const prometheus = await startPrometheus(t, {
    config: `global: { scrape_interval: 1s }\nscrape_configs: [${scraped.join(", ")}]\n`,
  });
  if (prometheus === undefined) return;
  // Scrapes are requests, too.
  const orders = async () => (await stat([], asked)).rows.filter(({ route }) => route === "POST /orders/:id");
  // They tell no time since when they count: a window must have been scraped from its beginning.
  const asked = { store: { url: prometheus.url }, windowS: 10 };
  const view = await deadAddress();
  await until(async () => {
    await (await fetch(`${checkout}/orders/1`, { method: "POST" })).arrayBuffer();
    return (await orders().catch(() => [])).filter(({ rps }) => rps !== null && rps > 0).length === 2;
  }, "both are scraped");
  let id = 0;
  await until(async () => {
    for (let i = 0; i < 20; i++)
      await (await fetch(`${checkout}/orders/${id++ % 4 === 0 ? 10 : 1}`, { method: "POST" })).arrayBuffer();
    const { verdict, culprits } = await investigate([], { ...asked, view });
    const failing = (await orders()).filter(({ success, latencyMsP50 }) => success! < 1 && latencyMsP50! > 0);
    return verdict === "culprit" && culprits[0]?.service === "payment" && failing.length === 2;
  }, "payment is named, and the table shows who fails");
  const called = await edges([], asked);
  assert.ok(called.rows.some(({ src, dst }) => src === "checkout" && dst === "payment"));
});

test("VictoriaMetrics tells what Prometheus does", async (t) => {
  const command = findProgram(t, "victoria-metrics", "victoria-metrics");
  if (command === undefined) return;
  const folder = serverFolder(t);
  const port = await freePort();
  const args = [
    `-storageDataPath=${folder}/data`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=100y",
  ];
  await startServer(t, folder, port, { command, args });
  const url = `http://127.0.0.1:${port}`;
  const body = historyOf("istio").replaceAll(/ (\d+)$/gm, " $1000");
  const put = await fetch(`${url}/api/v1/import/prometheus`, { method: "POST", body });
  assert.equal(put.status, 204);
  // What was put in shows itself after a moment.
  await until(async () => {
    const form = new URLSearchParams({ query: "count(istio_requests_total)", time: String(AT_S) });
    const answer = await fetch(`${url}/api/v1/query`, { method: "POST", body: form });
    return (await answer.text()).includes(',"8"]');
  }, "VictoriaMetrics shows what it was given");
  await check(url, EXPOSITIONS.istio!);
});

async function check(url: string, { culprit, path, routes, edges: wanted }: Recorded): Promise<void> {
  const store = { url, at: new Date(AT_S * 1_000) };
  const options: InvestigateOptions = { store, view: await deadAddress() };
  const verdict = await investigate([], options);
  assert.equal(verdict.verdict, "culprit");
  assert.equal(verdict.culprits[0]!.service, culprit);
  assert.deepEqual(verdict.culprits[0]!.path, path);
  assert.deepEqual(
    verdict.culprits[0]!.routes.map(({ name }) => name),
    routes,
  );
  const { rows } = await edges([], { store });
  assert.deepEqual(
    rows.map(({ src, dst, success }) => [src, dst, Math.round(1_000 * success!) / 1_000]),
    wanted,
  );
  const told = await stat([], { store });
  for (const { latencyMsP50, name } of told.rows) {
    if (latencyMsP50 !== null)
      assert.ok(latencyMsP50 > 0.5 && latencyMsP50 < 75, `${name}: ${latencyMsP50} ms`);
  }
  assert.ok(told.rows.some(({ name, latencyMsP50 }) => name === culprit && latencyMsP50 !== null));
}
