import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createHealth } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";
import { Pod } from "kubernetes-models/v1/Pod";
import { startReceiver } from "whodunit";
import { parse } from "yaml";
import { whodunit } from "../packages/cli/test/helpers/command.ts";
import { masked } from "./helpers/documented-commands.ts";
import { fences, page } from "./helpers/documented-program.ts";
import { startAlertmanager, startChat } from "./helpers/real-alerting.ts";
import { atEnd, findProgram, freePort, serverFolder } from "./helpers/real-server.ts";
import { until } from "./helpers/until.ts";
import { startVotes } from "./helpers/votes.ts";
import { walk } from "./helpers/walk.ts";

/** The commands that the pages for operators show, typed at real services. */

const TOKEN = "a-token-of-the-pages-0123456789";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-pages-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const linesOf = (text: string): string[] =>
  masked(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** A view on a free port. */
async function startView(t: TestContext): Promise<string> {
  const receiver = await startReceiver({ port: 0 });
  atEnd(t, () => receiver.close());
  return receiver.url;
}

test("packages/cli/README.md shows what investigate, stat and summary print", async (t) => {
  const view = await startView(t);
  const { web, voting, emoji, vote } = await startVotes(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: view,
    OTEL_BSP_SCHEDULE_DELAY: "200",
  });
  const leaderboard = async (): Promise<void> => {
    await (await fetch(`${voting}/leaderboard`)).arrayBuffer();
  };
  await leaderboard();
  await vote(240, 31);
  const folder = folderFor(t);
  const errors = { "fail-maxactivepackets-error": 1, "fail-redeem": 3 };
  const lines = [
    ...Object.entries(errors).flatMap(([name, count]) => Array(count).fill(`api-purchase-${name}`)),
    ...Array(41).fill("api-sync-fail-customer-info-err_account_not_active"),
  ].map((msg) => `${JSON.stringify({ level: "error", time: new Date().toISOString(), msg })}\n`);
  writeFileSync(join(folder, "app.log"), lines.join(""));
  const places = {
    "investigate http://localhost:3000": `investigate --view ${view} ${web}`,
    "http://localhost:3001": voting,
    "http://localhost:3002": emoji,
  };
  await walk(t, "packages/cli/README.md", { places, cwd: folder }, async (typed) => {
    await typed.type(/^whodunit investigate /, { code: 1 });
    await typed.type(/^whodunit stat /);
    await typed.type(/^whodunit summary /);
  });
});

test("docs/three-in-the-morning.md: its commands name the culprit by services, with a token, by a view, and make it talk", async (t) => {
  const view = await startView(t);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: view, OTEL_BSP_SCHEDULE_DELAY: "200", WHODUNIT_TOKEN: TOKEN };
  const { web, voting, vote } = await startVotes(t, env);
  await vote(60, 20);
  const told = async (): Promise<string> => (await whodunit(["investigate", "--view", view])).stdout;
  await until(async () => (await told()).startsWith("voting "), "the view has the spans of all");
  const places = {
    "WHODUNIT_TOKEN=…": `WHODUNIT_TOKEN=${TOKEN}`,
    "http://web:8080": web,
    "http://voting:8080": voting,
    "http://127.0.0.1:4318": view,
  };
  await walk(t, "docs/three-in-the-morning.md", { places }, async (typed) => {
    for (const command of [/^whodunit investigate http/, /--follow/, /--view \S+$/]) {
      const { stdout } = await typed.type(command, { code: 1 });
      assert.match(stdout, /^voting is murdering requests\./, String(command));
    }
    // Nobody voted last night.
    assert.match((await typed.type(/--at /, { code: 3 })).stderr, /holds no spans of requests of that time/);
    assert.match((await typed.type(/^whodunit level /)).stdout, /^voting-ballot +debug /m);
  });
});

test("docs/security.md: the header that whodunit token prints opens a service of the same user", async (t) => {
  const { web } = await startVotes(t);
  await walk(t, "docs/security.md", { places: { "http://localhost:3000": web } }, async (typed) => {
    assert.equal(JSON.parse((await typed.type(/^curl /)).stdout).service, "web");
  });
});

test("docs/production.md: check_http asks the partners' group", async (t) => {
  const program = findProgram(t, "check_http", "monitoring-plugins-basic", "/usr/lib/nagios/plugins");
  if (program === undefined) return;
  const check = (): void => {};
  const health = createHealth({ service: "web", probes: [{ name: "rates", group: "external", check }] });
  atEnd(t, () => health.close());
  const port = await freePort();
  const server = createServer(withHealth((_request, response) => response.end(), { health }));
  server.listen(port, "127.0.0.1");
  atEnd(t, () => server.close());
  await until(async () => (await fetch(`http://127.0.0.1:${port}/health/status`)).ok, "the probe has run");
  const places = { "-H web.internal -p 8080": `-H 127.0.0.1 -p ${port}` };
  const env = { PATH: [dirname(program), process.env.PATH].join(delimiter) };
  await walk(t, "docs/production.md", { places, env }, async (typed) => {
    assert.match((await typed.type(/^check_http /)).stdout, /^HTTP OK/);
  });
});

test("docs/alerts.md: promtool takes the rules that whodunit objectives makes of the page's own", async (t) => {
  const promtool = findProgram(t, "promtool", "prometheus");
  if (promtool === undefined) return;
  const folder = folderFor(t);
  const objectives = fences(page("alerts.md"), "yaml").find((fence) => fence.startsWith("objectives:"));
  writeFileSync(join(folder, "objectives.yaml"), objectives ?? "");
  const { code, stdout, stderr } = await whodunit(["objectives", join(folder, "objectives.yaml")]);
  assert.equal(code, 0, stderr);
  writeFileSync(join(folder, "rules.yml"), stdout);
  execFileSync(promtool, ["check", "rules", join(folder, "rules.yml")]);
});

test("docs/production.md: haproxy takes the page's backend, and Kubernetes the page's containers", (t) => {
  const text = page("production.md");
  const { containers, terminationGracePeriodSeconds } = parse(fences(text, "yaml")[0]!);
  const spec = { terminationGracePeriodSeconds, containers: [{ ...containers[0], image: "shop/web:1.8.3" }] };
  new Pod({ metadata: { name: "web" }, spec }).validate();

  const haproxy = findProgram(t, "haproxy", "haproxy");
  if (haproxy === undefined) return;
  const file = join(folderFor(t), "haproxy.cfg");
  const defaults = "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n";
  const frontend = "frontend all\n  bind 127.0.0.1:8080\n  default_backend web\n";
  writeFileSync(file, `${defaults}${frontend}${fences(text, "haproxy")[0]}`);
  execFileSync(haproxy, ["-c", "-f", file], { stdio: "pipe" });
});

test("docs/alerts.md: by its receiver real Alertmanager tells whodunit watch, by its command, which tells Slack what the page shows", async (t) => {
  // Alertmanager runs as another user, who must get to its credentials.
  const [chat, folder, port] = [await startChat(t), serverFolder(t), await freePort()];
  const credentials = join(folder, "alerts-token");
  writeFileSync(credentials, TOKEN, { mode: 0o644 });
  const text = page("alerts.md");
  const receivers = fences(text, "yaml")
    .at(-1)!
    .replace("watch:9099", `127.0.0.1:${port}`)
    .replace("/etc/alertmanager/alerts-token", credentials);
  const alertmanager = await startAlertmanager(t, {
    route: { receiver: "whodunit", group_wait: "1s" },
    ...(parse(receivers) as object),
  });
  if (alertmanager === undefined) return;
  const { web, vote } = await startVotes(t);
  const places = {
    "https://hooks.slack.com/services/…": chat.url,
    "WHODUNIT_ALERTS_TOKEN=…": `WHODUNIT_ALERTS_TOKEN=${TOKEN}`,
    "--host 0.0.0.0": `--host 0.0.0.0 --port ${port}`,
    "/var/lib/whodunit": folder,
    "http://web:8080": web,
  };
  await walk(t, "docs/alerts.md", { places }, async (typed) => {
    await typed.type(/^export /);
    await typed.leave(/^whodunit watch /, /Taking alerts on/);
    await vote(240, 31);
    const answer = await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([
        {
          labels: { alertname: "ErrorBudgetBurn", service_name: "web", priority: "page" },
          annotations: {
            summary: "web GET /api/vote fails too many requests",
            dashboard_url: "https://grafana.example.org/d/whodunit-routes?var-service=web",
            runbook_url: "https://runbooks.example.org/web",
          },
        },
      ]),
    });
    assert.equal(answer.status, 200);
    await until(() => chat.posts.length > 0, "the message has come");
    const [shown = ""] = fences(text, "text");
    // In Slack's own marks, and with the links once more below.
    const told = String(chat.posts[0]?.body.text).replace(/^\*(.*)\*$/m, "$1");
    const lines = linesOf(told).filter((line) => !/^(?:```|<https:)/.test(line));
    assert.deepEqual(lines, linesOf(shown));
    assert.match(readFileSync(join(folder, "watch.json"), "utf8"), /"openedAt"/);
  });
});
