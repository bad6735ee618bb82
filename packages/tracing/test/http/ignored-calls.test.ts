import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { until } from "../../../../test/helpers/until.ts";
import { ignoredCalls } from "../../src/http/ignored-calls.ts";
import { recordTracing } from "../../src/testing.ts";
import { CLIENTS } from "../helpers/clients.ts";
import { listen } from "../helpers/tracing.ts";

for (const [name, client] of Object.entries(CLIENTS)) {
  test(`T10: another telemetry's posts are left out by a rule, with no header, span or traffic: ${name}`, async (t) => {
    const seen: [string | undefined, IncomingHttpHeaders][] = [];
    const port = await listen(
      t,
      createServer((request, response) => {
        seen.push([request.url, request.headers]);
        response.end("x");
      }),
    );
    const recorder = recordTracing({ service: "web", ignoreCalls: [`127.0.0.1:${port}/api/`] });
    t.after(() => recorder.close());
    for (const path of ["/api/7/envelope/", "/orders"]) {
      for await (const _chunk of (await client(`http://127.0.0.1:${port}${path}`)).body);
    }
    await until(() => recorder.spans.length > 0);
    assert.deepEqual(
      seen.map(([path, headers]) => [path, headers.traceparent !== undefined]),
      [
        ["/api/7/envelope/", false],
        ["/orders", true],
      ],
    );
    assert.equal(recorder.spans.length, 1);
    assert.deepEqual(
      recorder.traffic.counts(600).map(({ count }) => count),
      [1],
    );
  });
}

test("T10: ignoreCalls tells hosts by labels, ports and paths", () => {
  const ignores = ignoredCalls([
    ".ingest.sentry.io",
    "localhost:8126",
    "intake.example.com/api/v2/",
    "[::1]:4317",
    "Collector.NewRelic.com",
  ]);
  const rows: [string, number | undefined, string, boolean][] = [
    ["o1.ingest.sentry.io", 443, "/api/7/envelope/", true],
    ["O1.INGEST.SENTRY.IO.", 443, "/", true],
    ["ingest.sentry.io", 443, "/", false],
    ["evilingest.sentry.io", 443, "/", false],
    ["o1.ingest.sentry.io.evil.com", 443, "/", false],
    ["localhost", 8126, "/v0.4/traces", true],
    ["localhost", 8127, "/v0.4/traces", false],
    ["localhost", undefined, "/", false],
    ["intake.example.com", 443, "/api/v2/logs?x=1", true],
    ["intake.example.com", 443, "/orders", false],
    ["::1", 4317, "/", true],
    ["collector.newrelic.com", 443, "/", true],
  ];
  for (const [host, port, path, ignored] of rows) assert.equal(ignores?.(host, port, path), ignored, host);
  assert.equal(ignoredCalls([]), undefined);
});

test("T10: ignoreCalls refuses what is no host, naming it and what is wanted", () => {
  for (const entry of ["http://a.example", "a b", "*.example.com", "", 7, "a.example:port", null]) {
    assert.throws(
      () => ignoredCalls([entry] as never),
      /startTracing: option "ignoreCalls" is .*, want "host", ".suffix" or "\[address\]"/,
    );
  }
  assert.throws(
    () => ignoredCalls("a.example" as never),
    /option "ignoreCalls" is "a.example", want an array/,
  );
});
