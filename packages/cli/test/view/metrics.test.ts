import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "../../src/index.ts";

const REQUEST = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            { name: "requests", sum: { dataPoints: [{ asInt: "5" }, { asInt: "7" }], isMonotonic: true } },
            { name: "memory", gauge: { dataPoints: [{ asDouble: 1.5 }] } },
            { name: "duration", histogram: { dataPoints: [{ count: "3", sum: 12 }] } },
          ],
        },
      ],
    },
  ],
};

test("POST /v1/metrics answers an exporter, and says that what it sent is not kept", async (t) => {
  const receiver = await startReceiver({ port: 0 });
  t.after(() => receiver.close());
  const send = async (body: string, type = "application/json"): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${receiver.url}/v1/metrics`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    return { status: answer.status, text: await answer.text() };
  };
  assert.deepEqual(await send(JSON.stringify(REQUEST)), {
    status: 200,
    text: '{"partialSuccess":{"rejectedDataPoints":4,"errorMessage":"metrics are not kept"}}',
  });
  assert.deepEqual(await send("{}"), { status: 200, text: "{}" });
  assert.deepEqual(await send("", "application/x-protobuf"), { status: 200, text: "" });
  assert.equal((await send('{"resourceMetrics":5}')).status, 400);
});
