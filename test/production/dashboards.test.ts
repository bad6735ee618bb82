import assert from "node:assert/strict";
import { chmodSync, copyFileSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ROOT } from "../../scripts/packages.ts";
import { query, startPrometheus } from "../helpers/prometheus.ts";
import { serverFolder } from "../helpers/real-server.ts";
import { SCRAPE_TOKEN, startScraped } from "../helpers/scraped-service.ts";
import { until } from "../helpers/until.ts";

const FOLDER = `${ROOT}examples/production/dashboards/`;

// What a healthy service on a machine without limits, minutes after its start, does not tell.
const NOT_HERE =
  /_limit(?:_bytes)?\{|_throttled_|_queued_|connections_|change_time|aborted|^objective:|^service:|^ALERTS/;

interface Dashboard {
  readonly uid: string;
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const dashboards = readdirSync(FOLDER).map(
  (file) => JSON.parse(readFileSync(FOLDER + file, "utf8")) as Dashboard,
);

test("every query of the dashboards of examples/production is answered by real Prometheus, and shows what a service tells", async (t) => {
  const address = await startScraped(t);
  const scrape = (path: string, more = ""): string =>
    `{ job_name: ${path}, metrics_path: ${path}, ${more} static_configs: [{ targets: ["${new URL(address).host}"] }] }`;
  // Prometheus runs as another user, who may not read this checkout.
  const folder = serverFolder(t);
  for (const file of ["objectives.yml", "whodunit.yml"]) {
    copyFileSync(`${ROOT}examples/production/rules/${file}`, `${folder}/${file}`);
    chmodSync(`${folder}/${file}`, 0o644);
  }
  const prometheus = await startPrometheus(t, {
    config: `global: { scrape_interval: 1s }
rule_files: ["${folder}/*.yml"]
scrape_configs: [${scrape("/debug/traffic", `authorization: { credentials: ${SCRAPE_TOKEN} },`)}, ${scrape("/health/status")}]
`,
  });
  if (prometheus === undefined) return;
  let queries = 0;
  for (const { uid, panels, annotations } of dashboards) {
    for (const expr of [...panels.flatMap(({ targets }) => targets), ...annotations.list].map(
      (one) => one.expr,
    )) {
      const asked = expr.replaceAll("$__rate_interval", "1m").replaceAll(/\$(?:service|route)\b/g, ".*");
      assert.doesNotMatch(asked, /\$/, expr);
      queries++;
      await until(async () => {
        for (const path of ["/votes/doughnut", "/fails"]) await fetch(new URL(path, address));
        const answered = await query(prometheus.url, asked);
        return answered.length > 0 || NOT_HERE.test(asked);
      }, `${uid}: ${asked}`);
    }
  }
  assert.ok(queries > 50, `${queries} queries`);
});

test("the dashboards of examples/production are told apart, and no two panels of one lie upon each other", () => {
  const ids = dashboards.map(({ uid }) => uid);
  assert.deepEqual(
    ids.toSorted(),
    ["edges", "health", "resources", "routes", "services"].map((name) => `whodunit-${name}`),
  );
  for (const { uid, panels } of dashboards) {
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        assert.ok(x < 24 && !taken.has(`${x} ${gridPos.y}`), `${uid}: ${title}`);
        taken.add(`${x} ${gridPos.y}`);
      }
    }
  }
});
