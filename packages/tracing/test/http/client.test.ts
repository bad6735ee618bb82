import assert from "node:assert/strict";
import { channel, hasSubscribers } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, get, type IncomingHttpHeaders, type Server } from "node:http";
import { createServer as createSecureServer, get as secureGet } from "node:https";
import { test } from "node:test";
import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { until } from "../../../../test/helpers/until.ts";
import { suppress } from "../../src/context/suppress.ts";
import { subscribeAll } from "../../src/http/client-channels.ts";
import { withSpan } from "../../src/index.ts";
import { withTracing } from "../../src/node.ts";
import { selfSigned } from "../helpers/self-signed.ts";
import { ask, listen, startTestTracing } from "../helpers/tracing.ts";

const CLIENTS: Record<string, (port: number, headers?: Record<string, string>) => Promise<number>> = {
  "http.request": async (port, headers = {}) =>
    (await ask(port, { path: "/x?token=s3cr3t", headers })).status,
  fetch: async (port, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/x?token=s3cr3t`, { headers });
    await response.arrayBuffer();
    return response.status;
  },
};

for (const [name, call] of Object.entries(CLIENTS)) {
  test(`${name}: a client span under the active one, its ids and our name injected`, async (t) => {
    const { spans, tracing, receiver } = await startTestTracing(t);
    let seen: IncomingHttpHeaders = {};
    const port = await listen(
      t,
      createServer((request, response) => {
        seen = request.headers;
        response.statusCode = 503;
        response.end();
      }),
    );
    await withSpan("outer", async (span) => {
      span.setBaggageItem("tenant", "a b");
      await call(port);
    });
    const found = await spans();
    const outer = found.find((span) => span.name === "outer");
    const client = found.find((span) => span.kind === 3);
    assert.equal(client?.name, "GET");
    assert.equal(client?.parentSpanId, outer?.spanId);
    assert.equal(client?.status, 2);
    assert.equal(client?.attributes["error.type"], "503");
    assert.equal(client?.attributes["server.address"], "127.0.0.1");
    assert.equal(client?.attributes["server.port"], port);
    assert.match(String(client?.attributes["url.full"]), /^http:\/\/127\.0\.0\.1:\d+\/x\?token=/);
    assert.doesNotMatch(receiver.bodies.join(), /s3cr3t/);
    assert.equal(seen.traceparent, `00-${client?.traceId}-${client?.spanId}-01`);
    assert.equal(seen.tracestate, `whodunit=web:${client?.spanId}`);
    assert.equal(seen.baggage, "tenant=a%20b");
    const [series] = tracing.traffic.snapshot().series;
    assert.deepEqual(
      [series?.side, series?.peer, series?.route, series?.count, series?.failures, series?.classes],
      ["client", `127.0.0.1:${port}`, "GET", 1, 1, { "5xx": 1 }],
    );
  });

  test(`${name}: a refused connection ends the span and is a failure by its code`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const server = createServer();
    const port = await listen(t, server);
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(withSpan("outer", () => call(port)));
    await until(() => tracing.traffic.snapshot().series.length > 0);
    const [series] = tracing.traffic.snapshot().series;
    assert.deepEqual(series?.classes, { ECONNREFUSED: 1 });
    assert.equal(series?.failures, 1);
    const client = (await spans()).find((span) => span.kind === 3);
    assert.equal(client?.attributes["error.type"], "ECONNREFUSED");
    assert.equal(client?.status, 2);
  });

  test(`${name}: a traceparent that is there already is left alone, the request still counted`, async (t) => {
    const { spans, tracing } = await startTestTracing(t);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let seen: IncomingHttpHeaders = {};
    const port = await listen(
      t,
      createServer((request, response) => {
        seen = request.headers;
        response.end();
      }),
    );
    await call(port, { traceparent });
    assert.equal(seen.traceparent, traceparent);
    assert.equal(seen.tracestate, undefined);
    assert.equal((await spans()).length, 0);
    assert.equal(tracing.traffic.snapshot().series[0]?.count, 1);
  });

  test(`${name}: strangers get traceparent only`, async (t) => {
    await startTestTracing(t, { propagateTo: [".example.com"] });
    let seen: IncomingHttpHeaders = {};
    const port = await listen(
      t,
      createServer((request, response) => {
        seen = request.headers;
        response.end();
      }),
    );
    await withSpan("outer", async (span) => {
      span.setBaggageItem("tenant", "a");
      await call(port);
    });
    assert.match(String(seen.traceparent), /^00-/);
    assert.equal(seen.tracestate, undefined);
    assert.equal(seen.baggage, undefined);
  });

  test(`${name}: the callee knows the caller by name, and not behind a hop that only forwards`, async (t) => {
    const { tracing } = await startTestTracing(t);
    const callee = await listen(
      t,
      createServer(
        withTracing((_request, response) => {
          response.end();
        }),
      ),
    );
    await call(callee);
    const stale = {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      tracestate: "whodunit=web:00f067aa0ba902b7",
    };
    await call(callee, stale);
    const peers = tracing.traffic
      .snapshot()
      .series.filter((one) => one.side === "server" && one.windowS === 600)
      .map((one) => [one.peer, one.count]);
    assert.deepEqual(peers.sort(), [
      ["unknown", 1],
      ["web", 1],
    ]);
  });
}

test("http.request: headers given as an array are on their way, and the span is made all the same", async (t) => {
  const { spans } = await startTestTracing(t);
  const server = createServer((_request, response) => {
    response.end();
  });
  const port = await listen(t, server);
  await new Promise<void>((resolve, reject) => {
    get({ port, host: "127.0.0.1", headers: ["Host", "a", "X-B", "c"] as never }, (response) => {
      response.resume();
      response.on("end", resolve);
    }).on("error", reject);
  });
  const [span] = await spans();
  assert.equal(span?.attributes["http.response.status_code"], 200);
});

test("subscribeAll() keeps what a subscriber throws from the process, and takes its own off again", (t) => {
  const name = "whodunit test channel";
  let called = 0;
  const unsubscribe = subscribeAll({
    [name]: () => {
      called++;
      throw new Error("a subscriber's own");
    },
  });
  const uncaught = t.mock.fn();
  process.once("uncaughtException", uncaught);
  t.after(() => process.off("uncaughtException", uncaught));
  channel(name).publish({});
  channel(name).publish({});
  unsubscribe();
  channel(name).publish({});
  assert.equal(called, 2);
  assert.equal(hasSubscribers(name), false);
  return new Promise<void>((resolve) =>
    setImmediate(() => {
      assert.equal(uncaught.mock.callCount(), 0);
      resolve();
    }),
  );
});

test("headers that the service set itself are left as they are", async (t) => {
  await startTestTracing(t);
  let seen: IncomingHttpHeaders = {};
  const port = await listen(
    t,
    createServer((request, response) => {
      seen = request.headers;
      response.end();
    }),
  );
  for (const call of Object.values(CLIENTS)) {
    await withSpan("outer", async (span) => {
      span.setBaggageItem("tenant", "a");
      await call(port, { baggage: "own=1", tracestate: "own=1" });
    });
    assert.equal(seen.baggage, "own=1");
    assert.equal(seen.tracestate, "own=1");
    assert.match(String(seen.traceparent), /^00-/);
  }
});

test("a stranger gets the trace and no baggage, in whichever headers", async (t) => {
  process.env.OTEL_PROPAGATORS = "tracecontext,baggage,jaeger";
  t.after(() => delete process.env.OTEL_PROPAGATORS);
  const { tracing } = await startTestTracing(t, { propagateTo: ["friend.example"] });
  let seen: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    seen = request.headers;
    response.end();
  });
  const port = await listen(t, server);
  for (const call of Object.values(CLIENTS)) {
    await withSpan("outer", async (span) => {
      span.setBaggageItem("tenant", "acme");
      await call(port);
    });
    assert.match(String(seen["uber-trace-id"]), /^[0-9a-f]{32}:/);
    assert.doesNotMatch(JSON.stringify(seen), /acme/);
  }
  await tracing.close();
});

test("of headers that another instrumentation wrote a friend gets our name, and a stranger neither a name nor baggage", async (t) => {
  for (const [friend, named, baggage] of [
    ["127.0.0.1", true, "tenant=acme"],
    ["friend.example", false, undefined],
  ] as const) {
    const { tracing } = await startTestTracing(t, { propagateTo: [friend] });
    let seen: IncomingHttpHeaders = {};
    const server = createServer((request, response) => {
      seen = request.headers;
      response.end();
    });
    const port = await listen(t, server);
    const incoming = {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      tracestate: "whodunit=hop-before:b7ad6b7169203331,other=1",
      baggage: "tenant=acme",
    };
    const from = propagation.extract(ROOT_CONTEXT, incoming);
    const span = trace.getTracer("another").startSpan("GET", { kind: SpanKind.CLIENT }, from);
    const own = trace.setSpan(from, span);
    const headers: Record<string, string> = { "x-of-the-app": "1", "baggage-claim": "7" };
    propagation.inject(own, headers);
    await context.with(own, () => ask(port, { headers }));
    span.end();
    const { spanId } = span.spanContext();
    assert.equal(String(seen.traceparent).slice(36, 52), spanId);
    assert.equal(seen.tracestate, `${named ? `whodunit=web:${spanId},` : ""}other=1`);
    assert.equal(seen.baggage, baggage);
    assert.deepEqual([seen["x-of-the-app"], seen["baggage-claim"]], ["1", "7"]);
    await tracing.close();
  }
});

test("the name of the hop before goes no further, whoever writes the headers", async (t) => {
  await startTestTracing(t);
  const incoming = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "whodunit=hop-before:b7ad6b7169203331",
  };
  const headers: Record<string, string> = {};
  propagation.inject(propagation.extract(ROOT_CONTEXT, incoming), headers);
  assert.deepEqual(headers, { traceparent: incoming.traceparent });
});

test("a caller behind a hop that knows only OpenTelemetry is unknown, and the hop's caller is not taken for it", async (t) => {
  const { tracing } = await startTestTracing(t);
  const callee = await listen(
    t,
    createServer(
      withTracing((_request, response) => {
        response.end();
      }),
    ),
  );
  // A service with OpenTelemetry's own propagator: a span of its own, tracestate as it came.
  const plain = new W3CTraceContextPropagator();
  const hop = await listen(
    t,
    createServer((request, response) => {
      const from = plain.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
      const parent = trace.getSpanContext(from) as SpanContext;
      const headers: Record<string, string> = {};
      const own = trace.setSpanContext(from, { ...parent, spanId: "00f067aa0ba902b7" });
      plain.inject(own, headers, defaultTextMapSetter);
      void context
        .with(suppress(ROOT_CONTEXT), () => ask(callee, { headers }))
        .then(() => response.end(headers.tracestate));
    }),
  );
  const answer = await fetch(`http://127.0.0.1:${hop}/`);
  assert.match(await answer.text(), /^whodunit=web:[0-9a-f]{16}$/, "it forwards our name");
  const servers = tracing.traffic
    .snapshot()
    .series.filter((one) => one.side === "server" && one.windowS === 600);
  assert.deepEqual(
    servers.map((one) => [one.peer, one.count]),
    [["unknown", 1]],
  );
});

test("a fetch whose time is over is a failure to the caller, and its span ends", async (t) => {
  const { spans, tracing } = await startTestTracing(t);
  const controller = new AbortController();
  // The reason that AbortSignal.timeout() gives, once the request is there.
  const giveUp = (): void => controller.abort(new DOMException("timed out", "TimeoutError"));
  const port = await listen(t, createServer(giveUp));
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`, { signal: controller.signal }));
  await until(() => tracing.spans().ended === 1);
  const [series] = tracing.traffic.snapshot().series;
  assert.deepEqual([series?.side, series?.count, series?.failures], ["client", 1, 1]);
  const [span] = await spans();
  assert.equal(span?.status, 2);
  assert.equal(span?.attributes["error.type"], Object.keys(series?.classes ?? {})[0]);
});

test("an upgrade to another protocol is one request, done when the protocol changes", async (t) => {
  const { spans, tracing } = await startTestTracing(t);
  const server = createServer();
  server.on("upgrade", (_request, socket) => {
    socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
  });
  const port = await listen(t, server);
  const request = get({ port, host: "127.0.0.1", headers: { connection: "upgrade", upgrade: "chat" } });
  const [, socket] = await once(request, "upgrade");
  socket.destroy();
  await until(() => tracing.spans().ended === 1);
  const [span] = await spans();
  assert.equal(span?.attributes["http.response.status_code"], 101);
  const [series] = tracing.traffic.snapshot().series;
  assert.deepEqual([series?.count, series?.failures], [1, 0]);
});

test("fetch: what goes before an answer is not the answer", async (t) => {
  const { spans } = await startTestTracing(t);
  const server = createServer((_request, response) => {
    response.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => response.writeHead(500).end());
  });
  const port = await listen(t, server);
  await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer();
  const [span] = await spans();
  assert.deepEqual([span?.status, span?.attributes["http.response.status_code"]], [2, 500]);
});

test("WebSocket: undici tells of no answer, so there is no span that could stay open", async (t) => {
  const { tracing } = await startTestTracing(t);
  let seen: IncomingHttpHeaders = {};
  const server = createServer();
  server.on("upgrade", (request, socket) => {
    seen = request.headers;
    socket.destroy();
  });
  const port = await listen(t, server);
  await once(new WebSocket(`ws://127.0.0.1:${port}/`), "error");
  assert.deepEqual([seen.upgrade, seen.traceparent], ["websocket", undefined]);
  assert.equal(tracing.spans().ended, 0);
});

test("http.request: two callees of one name are told apart by the port that was connected to", async (t) => {
  const { spans, tracing } = await startTestTracing(t);
  const ports: number[] = [];
  for (const status of [200, 500]) {
    const server = createServer((_request, response) => response.writeHead(status).end());
    ports.push(await listen(t, server));
  }
  for (const headers of [{ host: "orders.internal" }, ["Host", "orders.internal"] as never]) {
    for (const port of ports) {
      const [response] = await once(get({ port, host: "127.0.0.1", headers, path: "/x" }), "response");
      await once(response.resume(), "end");
    }
  }
  const gone = createServer();
  const closed = await listen(t, gone);
  await new Promise((resolve) => gone.close(resolve));
  await once(get({ port: closed, host: "127.0.0.1", headers: { host: "a" } }), "error");
  const all = [...ports, ...ports, closed];
  assert.deepEqual(
    (await spans()).map(({ attributes }) => [attributes["server.port"], attributes["url.full"]]),
    all.map((port) => [port, `http://127.0.0.1:${port}/${port === closed ? "" : "x"}`]),
  );
  const series = tracing.traffic.snapshot().series.filter((one) => one.windowS === 600);
  assert.deepEqual(
    series.map((one) => [one.peer, one.count, one.failures]),
    [
      [`127.0.0.1:${ports[0]}`, 2, 0],
      [`127.0.0.1:${ports[1]}`, 2, 2],
      [`127.0.0.1:${closed}`, 1, 1],
    ],
  );
});

test("https: the same spans and headers, with the scheme of either side", async (t) => {
  const { spans } = await startTestTracing(t);
  const signed = await selfSigned(t);
  if (signed === undefined) return t.skip("no openssl here");
  const server = createSecureServer(
    { key: signed.key, cert: signed.cert },
    withTracing((_request, response) => {
      response.end();
    }),
  );
  const port = await listen(t, server as unknown as Server);
  await new Promise<void>((resolve, reject) => {
    const url = `https://127.0.0.1:${port}/x`;
    secureGet(url, { ca: signed.cert }, (response) => response.resume().on("end", resolve)).on(
      "error",
      reject,
    );
  });
  const found = await spans();
  const client = found.find((span) => span.kind === 3);
  const served = found.find((span) => span.kind === 2);
  assert.equal(client?.attributes["url.full"], `https://127.0.0.1:${port}/x`);
  assert.equal(served?.attributes["url.scheme"], "https");
  assert.equal(served?.parentSpanId, client?.spanId);
});
