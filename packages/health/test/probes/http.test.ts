import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { context, createContextKey } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type HttpProbeOptions, httpProbe, type Probe, tcpProbe } from "../../src/index.ts";

const signal = new AbortController().signal;

interface Listening {
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
}

async function serve(t: TestContext, listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  let accepted = 0;
  server.on("connection", () => accepted++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get accepted() {
      return accepted;
    },
  };
}

const run = async (probe: Probe): Promise<unknown> => probe.check(signal);

test("httpProbe() is well on 2xx and fails on anything else, naming the status", async (t) => {
  const { url } = await serve(t, (request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.setHeader("location", "/200");
    response.end();
  });
  for (const status of [200, 204, 299]) await run(httpProbe({ name: "a", url: `${url}/${status}` }));
  for (const status of [302, 304, 400, 404, 500, 503]) {
    const probe = httpProbe({ name: "a", url: `${url}/${status}` });
    await assert.rejects(run(probe), { message: `answered ${status}` });
  }
  await run(httpProbe({ name: "a", url: `${url}/401`, accept: (status) => status === 401 }));
});

test("httpProbe() sends its method and headers", async (t) => {
  const seen: unknown[] = [];
  const { url } = await serve(t, (request, response) => {
    seen.push(request.method, request.headers["x-token"]);
    response.end();
  });
  await run(httpProbe({ name: "a", url, method: "HEAD", headers: { "x-token": "t" } }));
  assert.deepEqual(seen, ["HEAD", "t"]);
});

test("httpProbe() opens at most one connection in 1,000 runs", async (t) => {
  const server = await serve(t, (_request, response) => response.end("x".repeat(10_000)));
  const probe = httpProbe({ name: "a", url: server.url });
  for (let count = 0; count < 1_000; count++) {
    await run(probe);
    // fetch gives the connection back one turn after the body has ended; runs are never closer.
    await setImmediate();
  }
  assert.equal(server.accepted, 1);
});

test("httpProbe() breaks off an endless body", async (t) => {
  const { url } = await serve(t, (_request, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(16_384)));
    };
    response.on("drain", more);
    response.on("error", () => {});
    more();
  });
  await run(httpProbe({ name: "a", url }));
});

test("httpProbe() ends with its signal when nobody answers", async (t) => {
  const { url } = await serve(t, () => {});
  const controller = new AbortController();
  const probe = httpProbe({ name: "a", url });
  const pending = Promise.resolve(probe.check(controller.signal));
  controller.abort();
  await assert.rejects(pending, { name: "AbortError" });
});

test("httpProbe() throws on wrong options without showing the URL", () => {
  const wrong: readonly [object, RegExp][] = [
    [{ name: "a", url: "ftp://user:hunter2@host" }, /option "url" is "\(withheld\)", want an http\(s\) URL/],
    [{ name: "a", url: "http://a", method: "POST" }, /"method" is "POST", want "GET" or "HEAD"/],
    [{ name: "a", url: "http://a", timeout: 5 }, /option "timeout" is unknown/],
    [{ name: "a", url: "http://a", accept: 200 }, /"accept" is 200, want a function/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => httpProbe(options as HttpProbeOptions), { name: "TypeError", message });
  }
});

test("A probe's requests carry OpenTelemetry's suppress key, so that tracing leaves them alone", async (t) => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  t.after(() => context.disable());
  const { watch } = await import("../helpers/watch.ts");
  const { url } = await serve(t, (_request, response) => response.end());
  const key = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
  const seen: unknown[] = [];
  const look = (): void => void seen.push(context.active().getValue(key));
  subscribe("undici:request:create", look);
  t.after(() => unsubscribe("undici:request:create", look));
  const { clock, health } = watch(t, { probes: [httpProbe({ name: "a", url })] });
  await clock.advance(1);
  while (health.entries()[0]?.status === "STARTING") await setImmediate();
  assert.deepEqual(seen, [true]);
});

test("tcpProbe() is well when the port accepts, and fails when it refuses", async (t) => {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => void sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const probe = tcpProbe({ name: "a", host: "127.0.0.1", port });
  await run(probe);
  await new Promise<void>((resolve) => {
    for (const socket of sockets) socket.on("close", () => server.close(() => resolve())).resume();
  });
  await assert.rejects(run(probe), { code: "ECONNREFUSED" });
  t.after(() => server.close());
});

test("tcpProbe() ends its run when its signal is aborted", async () => {
  const controller = new AbortController();
  // TEST-NET-1 (RFC 5737): packets to it are dropped, or refused where there is no route.
  const run = Promise.resolve(tcpProbe({ name: "a", host: "192.0.2.1", port: 9 }).check(controller.signal));
  controller.abort();
  await assert.rejects(run);
});

test("tcpProbe() throws on wrong options", () => {
  assert.throws(() => tcpProbe({ name: "a", host: "", port: 1 }), /option "host" is "", want a host name/);
  assert.throws(
    () => tcpProbe({ name: "a", host: "a", port: 0 }),
    /option "port" is 0, want a whole number from 1/,
  );
});
