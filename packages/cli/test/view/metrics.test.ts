import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Receiver, startReceiver } from "../../src/index.ts";
import type { MetricsAnswer } from "../../src/view/page/browser/answers.ts";
import { nanosAgo } from "../helpers/otlp-logs.ts";

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0 });
  t.after(() => started.close());
  return started;
}

const metricsOf = (instance: string, metrics: readonly object[]): object => ({
  resourceMetrics: [
    {
      resource: {
        attributes: [
          { key: "service.name", value: { stringValue: "web" } },
          { key: "service.instance.id", value: { stringValue: instance } },
        ],
      },
      scopeMetrics: [{ metrics }],
    },
  ],
});

async function send(
  { url }: Receiver,
  body: string | object,
  type = "application/json",
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/v1/metrics`, {
    method: "POST",
    headers: { "content-type": type },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

/** What is kept: name, attributes, and the one value of the last hour that is there. */
async function kept({ url }: Receiver): Promise<unknown[]> {
  const from = Date.now() - 3_600_000;
  const answer = await fetch(`${url}/api/metrics?from=${from}&to=${Date.now() + 60_000}&stepMinutes=120`);
  const { metrics } = (await answer.json()) as MetricsAnswer;
  return metrics.map(({ service, name, unit, kind, series, observations, values }) => [
    service,
    name,
    unit,
    kind,
    series,
    observations,
    values.find((value) => value !== null),
  ]);
}

const BEFORE = nanosAgo(3_600_000);

test("POST /v1/metrics keeps levels as their mean, what was added since the last time, and observations by their mean", async (t) => {
  const view = await receiver(t);
  const at = { timeUnixNano: nanosAgo(0) };
  const route = [{ key: "route", value: { stringValue: "/" } }];
  const counted = (instance: string, requests: number, count: number, sum: number): object =>
    metricsOf(instance, [
      {
        name: "requests",
        unit: "{request}",
        sum: {
          aggregationTemporality: 2,
          isMonotonic: true,
          dataPoints: [{ ...at, startTimeUnixNano: BEFORE, asInt: String(requests), attributes: route }],
        },
      },
      {
        name: "duration",
        unit: "ms",
        histogram: {
          aggregationTemporality: 2,
          dataPoints: [{ ...at, startTimeUnixNano: BEFORE, count: String(count), sum }],
        },
      },
    ]);
  // What was counted before the receiver began is not of its first minute.
  await send(view, counted("a", 1_000, 50, 5_000));
  await send(view, counted("b", 2_000, 70, 9_000));
  await send(view, counted("a", 1_060, 54, 5_200));
  await send(view, counted("b", 2_060, 74, 9_400));
  // It began anew.
  await send(view, counted("a", 120, 2, 0));
  const level = (asDouble: number | string): object =>
    metricsOf("a", [
      { name: "memory", unit: "By", gauge: { dataPoints: [{ ...at, asDouble }] } },
      {
        name: "queue",
        sum: {
          aggregationTemporality: 2,
          isMonotonic: false,
          dataPoints: [{ ...at, startTimeUnixNano: BEFORE, asInt: "4" }],
        },
      },
      {
        name: "errors",
        sum: {
          aggregationTemporality: 1,
          isMonotonic: true,
          dataPoints: [{ ...at, startTimeUnixNano: BEFORE, asInt: "6" }],
        },
      },
    ]);
  for (const value of [1, 2, "NaN"])
    assert.deepEqual(await send(view, level(value)), { status: 200, text: "{}" });
  assert.deepEqual(await kept(view), [
    ["web", "duration", "ms", "histogram", {}, 10, 60],
    ["web", "errors", "", "sum", {}, 3, 18 / 120],
    ["web", "memory", "By", "gauge", {}, 2, 1.5],
    ["web", "queue", "", "gauge", {}, 3, 4],
    ["web", "requests", "{request}", "sum", { route: "/" }, 3, 240 / 120],
  ]);
});

test("POST /v1/metrics takes an empty request, and refuses what is none with a word that says why", async (t) => {
  const view = await receiver(t);
  assert.deepEqual(await send(view, "{}"), { status: 200, text: "{}" });
  assert.deepEqual(await send(view, "", "application/x-protobuf"), { status: 200, text: "" });
  assert.match((await send(view, '{"resourceMetrics":5}')).text, /resourceMetrics is not a list/);
});

test("POST /v1/metrics keeps the series beyond a hundred of a metric as one, as SDKs do", async (t) => {
  const view = await receiver(t);
  const dataPoints = Array.from({ length: 300 }, (_, i) => ({
    timeUnixNano: nanosAgo(0),
    asInt: "1",
    attributes: [{ key: "id", value: { stringValue: `${i}` } }],
  }));
  await send(view, metricsOf("a", [{ name: "many", gauge: { dataPoints } }]));
  const found = await kept(view);
  assert.equal(found.length, 101);
  assert.ok(found.some((one) => JSON.stringify(one).includes('{"otel.metric.overflow":true},200,1')));
});
