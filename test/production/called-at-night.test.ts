import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { ROOT } from "../../scripts/packages.ts";
import { startPrometheus } from "../helpers/prometheus.ts";
import { startAlertmanager, startChat } from "../helpers/real-alerting.ts";
import { freePort, serverFolder } from "../helpers/real-server.ts";
import { until } from "../helpers/until.ts";

const WHODUNIT = ["--conditions=@whodunit/source", `${ROOT}packages/cli/src/main.ts`];
const TOKEN = "a-token-for-the-scraper";
const OBJECTIVES = `objectives:
  - service: voting
    successPercent: 99.9
    runbook: https://runbooks.example.org/voting
`;

const SERVICE = `
  import { startTracing } from "@whodunit/tracing";
  import { tracingPlugin } from "@whodunit/tracing/fastify";
  import Fastify from "fastify";
  startTracing({ service: "voting", exporters: [] });
  const app = Fastify();
  await app.register(tracingPlugin, { token: "${TOKEN}" });
  app.post("/votes/:candy", ({ params }, reply) => reply.code(params.candy === "licorice" ? 500 : 200).send());
  process.stdout.write(await app.listen({ host: "127.0.0.1", port: 0 }));
`;

const folder = mkdtempSync(join(tmpdir(), "whodunit-night-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a service that breaks its objective is told of by whodunit watch, over real Prometheus and Alertmanager, by rules that whodunit objectives made", async (t) => {
  const objectives = join(folder, "objectives.yaml");
  writeFileSync(objectives, OBJECTIVES);
  const made = spawnSync(process.execPath, [...WHODUNIT, "objectives", objectives], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  // Prometheus runs as another user, who may not read this folder. It looks as often as it can, else as they say.
  const rules = join(serverFolder(t), "objectives.yml");
  writeFileSync(rules, made.stdout.replace("interval: 30s", "interval: 1s"), { mode: 0o644 });

  // A process of its own: what asks it is not to be traced.
  const args = ["--conditions=@whodunit/source", "--input-type=module", "-e", SERVICE];
  const service = spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => ended(service));
  const [printed] = (await once(service.stdout, "data")) as [Buffer];
  const address = printed.toString();

  const [chat, port] = [await startChat(t), await freePort()];
  const alertmanager = await startAlertmanager(t, {
    route: { receiver: "whodunit", group_by: ["service_name"], group_wait: "1s" },
    receivers: [{ name: "whodunit", webhook_configs: [{ url: `http://127.0.0.1:${port}/alerts` }] }],
  });
  if (alertmanager === undefined) return;
  const targets = (url: string): object[] => [{ targets: [new URL(url).host] }];
  const prometheus = await startPrometheus(t, {
    config: stringify({
      global: { scrape_interval: "1s" },
      rule_files: [rules],
      alerting: { alertmanagers: [{ static_configs: targets(alertmanager.url) }] },
      scrape_configs: [
        {
          ...{ job_name: "whodunit", metrics_path: "/debug/traffic" },
          ...{ authorization: { credentials: TOKEN }, static_configs: targets(address) },
        },
      ],
    }),
  });
  if (prometheus === undefined) return;
  const watch = spawn(
    process.execPath,
    [
      ...[...WHODUNIT, "watch", "--prometheus", prometheus.url, "--port", String(port)],
      ...["--webhook", chat.url, "--state", join(folder, "state.json")],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  t.after(() => ended(watch));
  let said = "";
  watch.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => said.includes("Taking alerts on"), "whodunit watch listens");

  const vote = async (candy: string): Promise<void> => {
    await (await fetch(new URL(`/votes/${candy}`, address), { method: "POST" })).arrayBuffer();
  };
  // The alert may come before enough requests did, and be told again.
  const told = () =>
    chat.posts
      .map((post) => post.body)
      .find(({ culprit }) => (culprit as { service: string } | null)?.service === "voting");
  for (let i = 0; i < 50; i++) await vote("doughnut");
  assert.equal(chat.posts.length, 0);
  await until(async () => {
    await vote("licorice");
    return told() !== undefined;
  }, `whodunit watch has told it; it said ${said}`);
  const body = told()!;
  assert.match(String(body.text), /^voting is murdering requests\./);
  assert.match(JSON.stringify(body), /POST \/votes\/:candy/);
  assert.match(JSON.stringify(body), /https:\/\/runbooks\.example\.org\/voting/);
});

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.kill()) await once(child, "exit");
}
