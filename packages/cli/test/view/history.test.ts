import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Receiver, startReceiver } from "../../src/index.ts";
import type { ChangesAnswer, HealthAnswer, MapAnswer } from "../../src/view/page/browser/answers.ts";
import { sendCalls } from "../helpers/calls.ts";
import { exportRequest, post, span } from "../helpers/otlp.ts";
import { logsRequest, nanosAgo, postLogs, text } from "../helpers/otlp-logs.ts";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "whodunit-history-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function ask<T>({ url }: Receiver, path: string): Promise<T> {
  const answer = await fetch(url + path);
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as T;
}

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

const healthLine = (from: string, to: string, minutes: number): object => ({
  timeUnixNano: nanosAgo(minutes * 60_000),
  severityNumber: to === "OK" ? 5 : 17,
  body: { stringValue: `voting-health-mydb-${to.toLowerCase()}` },
  attributes: [
    ...Object.entries({
      probe: "mydb",
      from,
      to,
      since: minutesAgo(minutes),
      at: minutesAgo(minutes),
      error: "Error ECONNREFUSED",
    }).map(([key, value]) => text(key, value)),
    { key: "critical", value: { boolValue: true } },
  ],
});

test("GET /api/health tells how entries are, were, and what failed during an incident, also when asked again later", async (t) => {
  const data = folderOf(t);
  const view = await startReceiver({ port: 0, data });
  await sendCalls(view, 4, [{ from: "web", to: "voting", route: "POST /votes", failed: true }]);
  for (const [from, to, minutes] of [
    ["OK", "TIMEOUT", 30],
    ["TIMEOUT", "OK", 20],
    ["OK", "ERROR", 2],
    // A log that is read again tells what is known.
    ["OK", "TIMEOUT", 30],
  ] as const)
    await postLogs(view.url, logsRequest("voting", [healthLine(from, to, minutes)]));
  const check = async (receiver: Receiver): Promise<void> => {
    const { entries, incidents } = await ask<HealthAnswer>(receiver, "/api/health");
    assert.deepEqual(
      entries.map(({ service, probe, status, failing, critical, error }) => [
        service,
        probe,
        status,
        failing,
        critical,
        error,
      ]),
      [["voting", "mydb", "ERROR", true, true, "Error ECONNREFUSED"]],
    );
    assert.deepEqual(
      entries[0]!.strip.map(({ status }) => status),
      ["TIMEOUT", "OK", "ERROR"],
    );
    assert.deepEqual(
      incidents.map(({ status, untilMs, sinceMs, failed }) => [
        status,
        untilMs === null ? null : Math.round((untilMs - sinceMs) / 60_000),
        failed,
      ]),
      [
        ["ERROR", null, [{ service: "voting", route: "POST /votes", requests: 4, failures: 4 }]],
        ["TIMEOUT", 10, []],
      ],
    );
  };
  await check(view);
  await view.close();
  const again = await startReceiver({ port: 0, data });
  t.after(() => again.close());
  await check(again);
  // A change that it knew before it was started is not told twice.
  await postLogs(again.url, logsRequest("voting", [healthLine("OK", "ERROR", 2)]));
  await check(again);
});

test("GET /api/health reads entries from the metric of their status, for who sends no lines", async (t) => {
  const view = await startReceiver({ port: 0 });
  t.after(() => view.close());
  const statusOf = (status: string, ago: number): object => ({
    resourceMetrics: [
      {
        resource: { attributes: [text("service.name", "emoji")] },
        scopeMetrics: [
          {
            metrics: [
              {
                name: "health.probe.status",
                gauge: {
                  dataPoints: ["OK", "ERROR"].map((one) => ({
                    timeUnixNano: nanosAgo(ago),
                    asInt: one === status ? "1" : "0",
                    attributes: [text("health.probe.name", "cache"), text("health.probe.status", one)],
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  });
  for (const [status, ago] of [
    ["OK", 9_000],
    ["OK", 6_000],
    ["ERROR", 3_000],
  ] as const)
    await fetch(`${view.url}/v1/metrics`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(statusOf(status, ago)),
    });
  const { entries } = await ask<HealthAnswer>(view, "/api/health");
  assert.deepEqual(
    entries.map(({ service, probe, status, strip }) => [
      service,
      probe,
      status,
      strip.map((one) => one.status),
    ]),
    [["emoji", "cache", "ERROR", ["OK", "ERROR"]]],
  );
});

test("GET /api/changes tells of another version, of a process that was not there before, of levels that were set and of what was reported", async (t) => {
  const data = folderOf(t);
  const first = await startReceiver({ port: 0, data });
  let id = 1;
  const sendAs = async ({ url }: Receiver, version: string, instance: string): Promise<void> => {
    const request = exportRequest("web", [span(id++, 0, 1)]) as {
      resourceSpans: { resource: { attributes: unknown[] } }[];
    };
    request.resourceSpans[0]!.resource.attributes.push(
      text("service.version", version),
      text("service.instance.id", instance),
    );
    assert.equal((await post(url, request)).status, 200);
  };
  await sendAs(first, "1.0.0", "a");
  await sendAs(first, "1.0.0", "a");
  await sendAs(first, "1.0.0", "b");
  await first.close();
  const view = await startReceiver({ port: 0, data });
  t.after(() => view.close());
  await sendAs(view, "1.0.0", "b");
  await sendAs(view, "1.1.0", "c");
  // The old ones still send while the new one starts.
  await sendAs(view, "1.0.0", "a");
  const level = {
    body: { stringValue: "web-log-level-changed" },
    attributes: [text("prefix", "web-api"), text("to", "debug")],
  };
  const flag = {
    body: { stringValue: "web-change-reported" },
    attributes: [text("what", "flag checkout-v2 on")],
  };
  await postLogs(
    view.url,
    logsRequest("web", [
      { ...level, timeUnixNano: nanosAgo(1) },
      { ...flag, timeUnixNano: nanosAgo(0) },
      // Neither has what such a line of ours has.
      { ...flag, attributes: [], timeUnixNano: nanosAgo(0) },
      { ...flag, body: { stringValue: "web-exchange-reported" }, timeUnixNano: nanosAgo(0) },
    ]),
  );
  const { changes } = await ask<ChangesAnswer>(view, "/api/changes");
  assert.deepEqual(
    changes.map(({ service, kind, what }) => [service, kind, what]),
    [
      ["web", "report", "flag checkout-v2 on"],
      ["web", "level", "level of web-api: debug"],
      ["web", "deploy", "version 1.1.0"],
      ["web", "start", "started, version 1.0.0"],
    ],
  );
});

test("GET /api/map draws a stretch of time from what was stored, as it drew it then", async (t) => {
  const data = folderOf(t);
  const first = await startReceiver({ port: 0, data });
  const fromMs = Date.now() - 60_000;
  await sendCalls(first, 5, [
    { from: "bot", to: "web" },
    { from: "web", to: "voting", failed: true },
  ]);
  const shown = ({ nodes, edges, routes, blame }: MapAnswer): unknown => [
    nodes.map(({ name, requests, failures, blamed }) => [name, requests, failures, blamed]),
    edges.map(({ from, to, requests, failures }) => [from, to, requests, failures]),
    routes.map(({ service, route, requests }) => [service, route, requests]),
    blame.map(({ name, caller }) => [name, caller]),
  ];
  const live = shown(await ask<MapAnswer>(first, "/api/map"));
  await first.close();
  const view = await startReceiver({ port: 0, data });
  t.after(() => view.close());
  const stored = await ask<MapAnswer>(view, `/api/map?from=${fromMs}&to=${Date.now() + 60_000}`);
  assert.deepEqual(shown(stored), live);
  assert.equal(stored.stretch?.fromMs, fromMs);
  const before = await ask<MapAnswer>(view, `/api/map?from=${fromMs - 3_600_000}&to=${fromMs - 120_000}`);
  assert.deepEqual(shown(before), [[], [], [], []]);
});
