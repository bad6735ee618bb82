import type { Receiver } from "../../src/index.ts";
import { type Call, sendCalls } from "./calls.ts";
import { exportRequest, post, span } from "./otlp.ts";
import { type JsonRecord, logsRequest, nanosAgo, postLogs, text } from "./otlp-logs.ts";

const VOTE: readonly Call[] = [
  { from: "vote-bot", to: "web", route: "POST /api/vote" },
  { from: "web", to: "voting", route: "POST /votes/:id" },
];

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** A line that `@whodunit/health` writes of a change. */
const healthLine = (probe: string, from: string, to: string, minutes: number): JsonRecord => ({
  timeUnixNano: nanosAgo(minutes * 60_000),
  severityNumber: to === "OK" ? 5 : 17,
  body: { stringValue: `voting-health-${probe}-${to.toLowerCase()}` },
  attributes: Object.entries({ probe, from, to, since: minutesAgo(minutes), at: minutesAgo(minutes) }).map(
    ([key, value]) => text(key, value),
  ),
});

/** Metrics of a service as one export of an SDK. */
const metricsOf = (service: string, value: number, ago: number): object => {
  const at = { timeUnixNano: nanosAgo(ago * 60_000) };
  const route = [text("http.route", "POST /api/vote")];
  return {
    resourceMetrics: [
      {
        resource: { attributes: [text("service.name", service)] },
        scopeMetrics: [
          {
            metrics: [
              {
                name: "process.memory.usage",
                unit: "By",
                gauge: { dataPoints: [{ ...at, asDouble: 50e6 + value * 1e6 }] },
              },
              {
                name: "http.server.request.duration",
                unit: "s",
                histogram: {
                  aggregationTemporality: 1,
                  dataPoints: [{ ...at, count: "10", sum: value / 10, attributes: route }],
                },
              },
            ],
          },
        ],
      },
    ],
  };
};

/** Sends something of each kind, some of it well and some failing. Returns the id of a failed trace. */
export async function fillView(view: Receiver): Promise<string> {
  await sendCalls(view, 120, [{ from: "web", to: "emoji", route: "GET /emoji/:name", ms: 12 }]);
  await sendCalls(view, 1, [{ from: "web", to: "emoji", route: "GET /emoji/:name", failed: true }]);
  await sendCalls(view, 6, [{ from: "web", to: "a-service-whose-name-is-long", route: "GET /" }]);
  await sendCalls(view, 60, VOTE);
  const failed = VOTE.map((call, i) => ({ ...call, failed: true, ms: 250 - i * 30 }));
  const [traceId = ""] = await sendCalls(view, 9, failed);
  const lines = Array.from({ length: 12 }, (_, i) => ({
    timeUnixNano: nanosAgo(12_000 - i * 1_000),
    severityNumber: 5,
    body: { stringValue: "web-api-vote-received" },
    attributes: [text("choice", i % 3 === 0 ? "doughnut" : "tea")],
  }));
  const fail = {
    timeUnixNano: nanosAgo(500),
    severityNumber: 17,
    body: { stringValue: "web-api-vote-fail" },
    attributes: [text("AccountID", "5c522f9b"), text("reason", "no sugar left")],
    traceId,
  };
  await postLogs(view.url, logsRequest("web", [...lines, fail]));
  const changes = [
    healthLine("mydb", "STARTING", "OK", 200),
    healthLine("mydb", "OK", "TIMEOUT", 90),
    healthLine("mydb", "TIMEOUT", "OK", 60),
    healthLine("queue", "OK", "DEGRADED", 30),
    healthLine("mydb", "OK", "ERROR", 1),
  ];
  await postLogs(view.url, logsRequest("voting", changes));
  for (let ago = 20; ago >= 0; ago -= 2) {
    for (const service of ["web", "voting"])
      await fetch(`${view.url}/v1/metrics`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(metricsOf(service, 5 + ((ago * 7) % 11), ago)),
      });
  }
  const request = exportRequest("voting", [span(1, 0, 1, { traceId: "d".repeat(32) })]) as {
    resourceSpans: { resource: { attributes: unknown[] } }[];
  };
  request.resourceSpans[0]!.resource.attributes.push(
    text("service.version", "1.1.0"),
    text("service.instance.id", "b"),
  );
  await post(view.url, request);
  return traceId;
}
