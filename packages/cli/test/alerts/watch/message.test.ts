import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { foundMessage } from "../../../src/alerts/watch/message.ts";
import { readNotification } from "../../../src/alerts/watch/notification.ts";
import { investigate } from "../../../src/index.ts";
import { fakeService, NOW, series } from "../../helpers/fake-service.ts";

const PAGE = readFileSync(new URL("../../../../../docs/alerts.md", import.meta.url), "utf8");

test("docs/alerts.md shows the message that whodunit watch sends", async (t) => {
  const voting = await fakeService(
    t,
    "voting",
    [series("server", "web", "POST /votes/:shortcode", { count: 240, failures: 31, error: "DoughnutError" })],
    { health: { db: [{ status: "pass", state: "OK" }] } },
  );
  const web = await fakeService(t, "web", [
    series("server", "vote-bot", "GET /api/vote", { count: 240, failures: 31 }),
    series("client", voting.host, "POST", { count: 240, failures: 31 }),
  ]);
  const { alerts } = readNotification(
    JSON.stringify({
      version: "4",
      groupKey: "{}",
      status: "firing",
      alerts: [
        {
          status: "firing",
          labels: { alertname: "ErrorBudgetBurn", service_name: "web", priority: "page" },
          annotations: {
            summary: "web GET /api/vote fails too many requests",
            dashboard_url: "https://grafana.example.org/d/whodunit-routes?var-service=web",
            runbook_url: "https://runbooks.example.org/web",
          },
          startsAt: NOW,
        },
      ],
    }),
  );
  const told = { id: "1", openedAt: NOW, alerts };
  const { text } = foundMessage(told, "opened", await investigate([web.url]), null, new Date(NOW));
  const [, shown] = /^```text\n(voting is murdering requests\.\n.*?)\n```$/ms.exec(PAGE) ?? [];
  assert.equal(text, shown);
});
