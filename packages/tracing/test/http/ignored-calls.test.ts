import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";
import { ProxyAgent, request as undiciRequest } from "undici";
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

test("T10: calls through a proxy are those to whom it forwards, and its tunnels are no calls", async (t) => {
  const seen: [string | undefined, IncomingHttpHeaders][] = [];
  const proxy = createServer((request, response) => {
    seen.push([request.url, request.headers]);
    response.end("x");
  });
  proxy.on("connect", (request, socket) => {
    seen.push([request.url, request.headers]);
    socket.end("HTTP/1.1 200 OK\r\n\r\n");
  });
  const port = await listen(t, proxy);
  const recorder = recordTracing({ service: "web", ignoreCalls: [".ingest.example/api/"] });
  t.after(() => recorder.close());
  const uri = `http://127.0.0.1:${port}`;
  const dispatcher = new ProxyAgent({ uri, proxyTunnel: false });
  t.after(() => dispatcher.close());
  const ways: Readonly<Record<string, (url: string) => Promise<AsyncIterable<unknown>>>> = {
    "http.request": async (url) => {
      // As axios asks a proxy.
      const sent = request(uri, { path: url, headers: { host: new URL(url).host }, agent: false }).end();
      return ((await once(sent, "response")) as [IncomingMessage])[0];
    },
    undici: async (url) => (await undiciRequest(url, { dispatcher })).body,
  };
  for (const [way, ask] of Object.entries(ways)) {
    const spans = recorder.spans.length;
    for (const path of ["o1.ingest.example/api/7/", "orders.example:8080/x?y=1"]) {
      for await (const _chunk of await ask(`http://${path}`));
    }
    await until(() => recorder.spans.length > spans, way);
    const told = recorder.spans.slice(spans).map(({ attributes }) => attributes);
    assert.deepEqual(
      told.map((one) => [one["server.address"], one["server.port"], one["url.full"]]),
      [["orders.example", 8080, "http://orders.example:8080/x?y=1"]],
      way,
    );
    assert.deepEqual(
      seen
        .splice(0)
        .map(([path, { traceparent, tracestate }]) => [path, traceparent !== undefined, tracestate]),
      [
        ["http://o1.ingest.example/api/7/", false, undefined],
        // The proxy is near, but whom it forwards to is not: our name is not theirs to know.
        ["http://orders.example:8080/x?y=1", true, undefined],
      ],
      way,
    );
  }
  const tunnel = request(uri, { method: "CONNECT", path: "o1.ingest.example:443", agent: false }).end();
  const [, socket] = (await once(tunnel, "connect")) as [IncomingMessage, Socket];
  socket.destroy();
  assert.equal(recorder.spans.length, 2);
  assert.deepEqual([seen[0]?.[0], seen[0]?.[1].traceparent], ["o1.ingest.example:443", undefined]);
  assert.deepEqual(
    recorder.traffic.counts(600).map(({ peer, count }) => [peer, count]),
    [["orders.example:8080", 2]],
  );
});

test("T10: a port is known whichever way the headers are given", async (t) => {
  const port = await listen(
    t,
    createServer((_, response) => response.end("x")),
  );
  const recorder = recordTracing({ service: "web", ignoreCalls: [`127.0.0.1:${port}`] });
  t.after(() => recorder.close());
  const host = `127.0.0.1:${port}`;
  // Node's types know no headers in a row, which it takes.
  const inRow = (...row: string[]): OutgoingHttpHeaders => row as unknown as OutgoingHttpHeaders;
  const given = [{}, { Host: host }, inRow("Host", host), inRow("accept", "*/*", "host", host)];
  for (const headers of given) {
    const sent = request(`http://${host}/x`, { headers, agent: false }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    await once(response.resume(), "close");
  }
  assert.deepEqual([recorder.spans.length, recorder.traffic.counts(600).length], [0, 0]);
});

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
