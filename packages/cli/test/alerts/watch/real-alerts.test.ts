import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { stringify } from "yaml";
import { startPrometheus } from "../../../../../test/helpers/prometheus.ts";
import { startAlertmanager, startChat } from "../../../../../test/helpers/real-alerting.ts";
import { freePort, serverFolder } from "../../../../../test/helpers/real-server.ts";
import { isFull } from "../../../../../test/helpers/scale.ts";
import { until } from "../../../../../test/helpers/until.ts";
import { webhookTarget } from "../../../src/alerts/watch/targets.ts";
import { startWatch, type Watch } from "../../../src/alerts/watch/watch.ts";
import { investigate } from "../../../src/index.ts";
import { fakeService, series, serve } from "../../helpers/fake-service.ts";

// Removed at the end: until it is closed a watch writes there.
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const INCIDENTS = isFull ? 50 : 5;
const names = Array.from({ length: INCIDENTS }, (_, i) => `service-${i + 1}`);

test("whodunit watch tells each of many flapping incidents once, with Prometheus, Alertmanager and itself restarted meanwhile, and once that it is over", async (t) => {
  const chat = await startChat(t);
  // Each service fails a tenth of its requests for a caller.
  const services = await Promise.all(
    names.map((name) =>
      fakeService(t, name, [
        series("server", "web", "GET /", { count: 300, failures: 30, error: "TypeError" }),
      ]),
    ),
  );
  const failing = new Set<string>();
  const metrics = await serve(t, (_req, res) => {
    res.setHeader("content-type", "text/plain; version=0.0.4");
    res.end(names.map((name) => `fails{service_name="${name}"} ${failing.has(name) ? 1 : 0}\n`).join(""));
  });
  const port = await freePort();
  const statePath = join(temporary(), "state.json");
  const told: string[] = [];
  const start = (quietMs: number): Promise<Watch> =>
    startWatch({
      ...{
        host: "127.0.0.1",
        port,
        alertsToken: undefined,
        statePath,
        quietMs,
        againMs: 1_000,
        traceUrl: null,
      },
      targets: [webhookTarget(new URL(chat.url), undefined)],
      look: () =>
        investigate(
          services.map(({ url }) => url),
          // However busy this machine is: who does not answer is not told of.
          { timeoutMs: 30_000 },
        ),
      tell: (text) => told.push(text),
    });
  let watch = await start(600_000);
  t.after(() => watch.close());

  const alertmanager = await startAlertmanager(t, {
    route: {
      receiver: "whodunit",
      group_by: ["service_name"],
      ...{ group_wait: "1s", group_interval: "1s", repeat_interval: "1h" },
    },
    receivers: [{ name: "whodunit", webhook_configs: [{ url: `http://127.0.0.1:${port}/alerts` }] }],
  });
  if (alertmanager === undefined) return;
  const rule = {
    ...{ alert: "Fails", expr: "fails == 1", labels: { priority: "page" } },
    annotations: {
      summary: "{{ $labels.service_name }} fails",
      runbook_url: "https://runbooks.example.org/fails",
    },
  };
  const rules = join(serverFolder(t), "rules.yml");
  writeFileSync(rules, stringify({ groups: [{ name: "services", rules: [rule] }] }), { mode: 0o644 });
  const prometheus = await startPrometheus(t, {
    config: stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      alerting: {
        alertmanagers: [{ static_configs: [{ targets: [alertmanager.url.replace("http://", "")] }] }],
      },
      scrape_configs: [{ job_name: "services", static_configs: [{ targets: [metrics.host] }] }],
    }),
    // An Alertmanager that was started again hears at once of all alerts, which it does not keep.
    args: ["--rules.alert.resend-delay=1s"],
  });
  if (prometheus === undefined) return;

  const count = async (url: string, of: (body: unknown) => unknown[]): Promise<number> => {
    const answer = await fetch(url).catch(() => undefined);
    return answer?.ok === true ? of(await answer.json()).length : -1;
  };
  const known = (alerts: number): Promise<void> =>
    until(
      async () =>
        (await count(
          `${prometheus.url}/api/v1/alerts`,
          (body) => (body as { data: { alerts: unknown[] } }).data.alerts,
        )) === alerts &&
        (await count(`${alertmanager.url}/api/v2/alerts?active=true`, (body) => body as unknown[])) ===
          alerts,
      `Prometheus and Alertmanager know of ${alerts} alerts`,
    );
  const flap = async (): Promise<void> => {
    failing.clear();
    await known(0);
    for (const name of names) failing.add(name);
    await known(INCIDENTS);
  };
  const opened = (): unknown[] => chat.posts.map(({ body }) => body.kind);

  await flap();
  await until(() => chat.posts.length >= INCIDENTS, "all incidents are told");
  await flap();
  await watch.close();
  await flap();
  watch = await start(600_000);
  await alertmanager.kill();
  await alertmanager.start();
  await flap();
  await prometheus.kill();
  await prometheus.start();
  await flap();
  assert.deepEqual(
    opened(),
    names.map(() => "opened"),
  );

  const culprits = chat.posts.map(({ body }) => (body.culprit as { service: string }).service);
  assert.deepEqual(culprits.toSorted(), names.toSorted(), "each about its own service");

  failing.clear();
  await known(0);
  await watch.close();
  // Long enough for what Alertmanager has not told yet, and no longer.
  watch = await start(3_000);
  await until(() => chat.posts.length >= 2 * INCIDENTS, "all incidents are over");
  assert.deepEqual(
    opened().slice(INCIDENTS),
    names.map(() => "over"),
  );
  const ids = (posts: typeof chat.posts): unknown[] => posts.map(({ body }) => body.incident).sort();
  assert.deepEqual(ids(chat.posts.slice(INCIDENTS)), ids(chat.posts.slice(0, INCIDENTS)));
  assert.equal(new Set(ids(chat.posts)).size, INCIDENTS);
  assert.deepEqual(told, []);
});

test("whodunit watch has told an incident seconds after Alertmanager, which waits 5 s for the group, heard of it", async (t) => {
  const chat = await startChat(t);
  const web = await fakeService(t, "web", [
    series("server", "bot", "GET /", { count: 300, failures: 30, error: "TypeError" }),
  ]);
  const watch = await startWatch({
    ...{ host: "127.0.0.1", port: 0, alertsToken: "alerts-token-alerts-token", traceUrl: null },
    ...{ statePath: join(temporary(), "state.json"), quietMs: 600_000, againMs: 600_000 },
    targets: [webhookTarget(new URL(chat.url), undefined)],
    look: () => investigate([web.url]),
    tell: () => {},
  });
  t.after(() => watch.close());
  const authorization = { credentials: "alerts-token-alerts-token" };
  const alertmanager = await startAlertmanager(t, {
    route: { receiver: "whodunit", group_by: ["service_name"], group_wait: "5s" },
    receivers: [
      {
        name: "whodunit",
        webhook_configs: [{ url: `${watch.url}/alerts`, http_config: { authorization } }],
      },
    ],
  });
  if (alertmanager === undefined) return;
  const arrived = performance.now();
  const answer = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ labels: { alertname: "Fails", service_name: "web" } }]),
  });
  assert.equal(answer.status, 200);
  await until(() => chat.posts.length === 1);
  t.diagnostic(`${((performance.now() - arrived) / 1_000).toFixed(1)} s from the alert to the message`);
  assert.match(String(chat.posts[0]?.body.text), /^web is murdering requests\./);
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-watch-"));
  folders.push(folder);
  return folder;
}
