import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../scripts/packages.ts";
import { query, startPrometheus } from "./helpers/prometheus.ts";
import { SCRAPE_TOKEN, startScraped } from "./helpers/scraped-service.ts";
import { until } from "./helpers/until.ts";

const PAGE = readFileSync(join(ROOT, "docs/prometheus.md"), "utf8");

/** The first fence of a language in the page. */
const fences = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)\`\`\`$`, "gm"))].map(([, text]) => text!);

// What a machine need not have: a limit, a kernel that tells, who waits.
const NOT_EVERYWHERE =
  /_limit$|_limit_bytes$|_throttled_ratio$|_queued_ratio$|_waiting$|_change_time_|standstill/;

test("real Prometheus, by the configuration of docs/prometheus.md, scrapes every metric and label of its table", async (t) => {
  const address = await startScraped(t);
  // The labels that Prometheus' operator puts on targets.
  const own = `labels: { service: of-the-target, namespace: shop, pod: web-1 }`;
  const config = `global: { scrape_interval: 1s }\n${fences("yaml")[0]}`
    .replaceAll('["web:8080"] }', `["${new URL(address).host}"], ${own} }`)
    .replace("<WHODUNIT_TOKEN>", SCRAPE_TOKEN);
  assert.ok(config.includes(own));
  const prometheus = await startPrometheus(t, { config });
  if (prometheus === undefined) return;
  await fetch(new URL("/votes/doughnut", address));
  const names = [...PAGE.matchAll(/^\| `((?:whodunit|health)_\w+)` \|/gm)].map(([, name]) => name!);
  assert.ok(names.length > 15);
  for (const name of names.filter((one) => !NOT_EVERYWHERE.test(one))) {
    const series = name.endsWith("duration_seconds") && name.startsWith("whodunit") ? `${name}_count` : name;
    await until(async () => (await query(prometheus.url, series)).length > 0, name);
  }
  const [counted] = await query(prometheus.url, 'whodunit_requests_total{side="server"}');
  const { instance, job, service_instance_id: id, __name__: _, ...labels } = counted!.metric;
  assert.deepEqual(labels, {
    ...{ service_name: "web", side: "server", peer: "web", route: "GET /votes/:code" },
    ...{ class: "2xx", outcome: "success", service: "of-the-target", namespace: "shop", pod: "web-1" },
  });
  assert.deepEqual([instance, job], [new URL(address).host, "whodunit"]);
  assert.match(id ?? "", /\S/);
  assert.equal(counted!.value, 1);
  for (const text of fences("promql")) await query(prometheus.url, text);
});
