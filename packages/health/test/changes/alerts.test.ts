import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findProgram } from "../../../../test/helpers/real-server.ts";

const DOCUMENT = new URL("../../../../docs/alerts.md", import.meta.url);

test("Alertmanager takes the routes of docs/alerts.md, and sends each priority where they say", (t) => {
  const amtool = findProgram(t, "amtool", "prometheus-alertmanager");
  if (amtool === undefined) return;
  const [, yaml] = /^```yaml\n(.*?)^```$/ms.exec(readFileSync(DOCUMENT, "utf8")) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "whodunit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "alertmanager.yml");
  writeFileSync(config, `receivers: [{ name: tickets }, { name: pager }]\n${yaml}`);
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(amtool, args, { encoding: "utf8" });
  const checked = run("check-config", config);
  assert.equal(checked.status, 0, `${checked.stdout}${checked.stderr}`);
  const receiverOf = (priority: string): string =>
    run(
      "config",
      "routes",
      "test",
      `--config.file=${config}`,
      `health_probe_priority=${priority}`,
    ).stdout.trim();
  assert.deepEqual(["page", "business-hours", "none"].map(receiverOf), ["pager", "tickets", "tickets"]);
});
