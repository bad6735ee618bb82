import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, request } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { loggerPlugin } from "@whodunit/logger/fastify";
import { withLogger } from "@whodunit/logger/node";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import { withTracing } from "@whodunit/tracing/node";
import { recordTracing, type TracingRecorder } from "@whodunit/tracing/testing";
import express from "express";
import Fastify from "fastify";
import { openPage } from "../packages/cli/test/helpers/browser.ts";
import { leftOut } from "./helpers/scale.ts";
import { signed } from "./helpers/signed.ts";
import { until } from "./helpers/until.ts";

/** Ways of connecting to a service in development, and of writing a request, that open nothing of `/debug/*`. */

const runtime = mkdtempSync(join(tmpdir(), "whodunit-ways-"));
process.env.XDG_RUNTIME_DIR = runtime;
process.env.NODE_ENV = "development";
const logger = createLogger({ service: "ways", level: "error", destination: { write: () => {} } });
const unchanged = logger.core.gates.levels.list();
let tracing: TracingRecorder;
before(() => {
  tracing = recordTracing({ service: "ways" });
});
after(async () => {
  await tracing.close();
  rmSync(runtime, { recursive: true, force: true });
});

const bare: RequestListener = withTracing(
  withLogger((_request, response) => response.writeHead(404).end("own"), { logger }),
);

const onExpress = (authorize?: () => boolean): RequestListener => {
  const app = express();
  const options = authorize === undefined ? {} : { authorize };
  app.use(tracingMiddleware(options), loggerMiddleware({ logger, ...options }));
  return app.use((_request, response) => void response.status(404).send("own"));
};

const onFastify = async (): Promise<RequestListener> => {
  const app = Fastify();
  await app.register(tracingPlugin);
  await app.register(loggerPlugin, { logger });
  await app.ready();
  return (incoming, response) => app.routing(incoming, response);
};

const FRAMEWORKS: Readonly<Record<string, () => RequestListener | Promise<RequestListener>>> = {
  "node:http": () => bare,
  Express: () => onExpress(),
  Fastify: onFastify,
};

async function serve(t: TestContext, listener: RequestListener, at: number | string = 0): Promise<number> {
  const server = createServer(listener).listen(at);
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return typeof at === "string" ? 0 : (server.address() as AddressInfo).port;
}

const TOLD = /"series"|"levels"|"prefix"/;

/** What a request, written by hand, is answered. */
async function askRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  let answer = "";
  socket.on("data", (chunk: string) => (answer += chunk)).on("error", () => {});
  socket.end(text);
  await once(socket, "close");
  return answer;
}

const PATHS = [
  "/debug/traffic",
  "//debug/traffic",
  "/debug//traffic",
  "/debug/./traffic",
  "/x/../debug/traffic",
  "/debug/traffic/",
  "/debug/traffic?token=x",
  "/debug/traffic;x",
  "/debug/traffic#x",
  "/debug%2ftraffic",
  "/%64ebug/traffic",
  "/DEBUG/TRAFFIC",
  "/debug/level",
  "http://localhost/debug/traffic",
  "http://127.0.0.1/debug/level",
] as const;

/** What proxies and tools put beside a request, and who believes them is let in by anybody. */
const HEADERS: readonly (readonly string[])[] = [
  ["X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1;host=localhost"],
  ["X-Original-URL: /debug/traffic", "X-Rewrite-URL: /debug/traffic"],
  ["X-HTTP-Method-Override: PUT", "X-Forwarded-Host: localhost", "X-Forwarded-Proto: https"],
  ["Connection: upgrade, http2-settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
  ["Authorization: Bearer ", "Authorization: Bearer undefined"],
  ["Authorization: Basic OjpAOg==", "Cookie: whodunit-signature=x; token=x"],
  ["Whodunit-Signature: undefined", "Sec-Fetch-Site: same-origin", "Origin: http://localhost"],
];

for (const [framework, listener] of Object.entries(FRAMEWORKS)) {
  test(`G4: on ${framework} no way to write a path, a Host or a proxy's header opens anything`, async (t) => {
    const port = await serve(t, await listener());
    for (const path of PATHS) {
      for (const version of ["1.0", "1.1"]) {
        const text = `GET ${path} HTTP/${version}\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
        assert.doesNotMatch(await askRaw(port, text), TOLD, `${path} ${version}`);
      }
    }
    for (const more of HEADERS) {
      for (const [method, path] of [
        ["GET", "/debug/traffic"],
        ["POST", "/debug/level"],
        ["PUT", "/debug/level"],
      ]) {
        const body = method === "GET" ? "" : '{"prefix":"ways","level":"debug"}';
        const head = [
          "Host: localhost",
          ...more,
          "Content-Type: application/json",
          `Content-Length: ${body.length}`,
        ];
        const close = more.some((header) => header.startsWith("Connection")) ? [] : ["Connection: close"];
        const text = `${method} ${path} HTTP/1.1\r\n${[...head, ...close].join("\r\n")}\r\n\r\n${body}`;
        assert.doesNotMatch(await askRaw(port, text), TOLD, `${method} ${more}`);
      }
    }
    assert.deepEqual(logger.core.gates.levels.list(), unchanged);
  });
}

test("G4: a socket of the file system has no address to sign for, and opens nothing", async (t) => {
  const path = join(runtime, "service.sock");
  await serve(t, bare, path);
  const forOthers = await signed("http://localhost:80");
  for (const headers of [{}, { host: "localhost" }, { host: "localhost", ...forOthers }] as Record<
    string,
    string
  >[]) {
    const asked = request({ socketPath: path, path: "/debug/traffic", headers, agent: false }).end();
    const [response] = await once(asked, "response");
    response.resume();
    assert.equal(response.statusCode, 401);
  }
});

test("G4: over HTTP/2 a signature is for the authority, and without one nothing is opened", async (t) => {
  const server = createHttp2Server(bare as never).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.after(() => {
    session.destroy();
    server.close();
  });
  const status = async (headers: Record<string, string>): Promise<number> => {
    const stream = session.request({ ":path": "/debug/traffic", ...headers }).resume();
    const [answered] = await once(stream, "response");
    await once(stream, "close");
    return answered[":status"];
  };
  const good = await signed(`http://127.0.0.1:${port}`);
  assert.equal(await status({}), 401);
  assert.equal(await status({ ":authority": "localhost" }), 401);
  assert.equal(await status({ ":authority": "localhost", ...good }), 401);
  assert.equal(await status({ ...good, origin: "http://evil.example" }), 401);
  assert.equal(await status(good), 200);
});

test("G4: Fastify's inject(), which comes from no connection, opens nothing by its address", async () => {
  const app = Fastify();
  await app.register(tracingPlugin);
  await app.register(loggerPlugin, { logger });
  for (const url of ["/debug/traffic", "/debug/level", "/debug/tap"]) {
    const given = await signed("http://localhost:80");
    for (const headers of [{}, given]) {
      const { statusCode } = await app.inject({ url, headers, remoteAddress: "127.0.0.1" });
      assert.equal(statusCode, 401, url);
    }
  }
  await app.close();
});

// Text, for the page's types are not this program's. Each way a page has to send a request without asking first.
const WAYS: Readonly<Record<string, (url: string) => string>> = {
  "an image": (url) => `new Image().src = "${url}"`,
  "a script": (url) => append("script", `src: "${url}"`),
  "a style sheet": (url) => append("link", `rel: "stylesheet", href: "${url}"`),
  "a frame": (url) => append("iframe", `src: "${url}"`),
  "a stream of events": (url) =>
    `{ const source = new EventSource("${url}"); source.onerror = () => source.close(); }`,
  "fetch without CORS": (url) => `void fetch("${url}", { mode: "no-cors", credentials: "include" })`,
  "fetch without CORS, to change": (url) =>
    `void fetch("${url}", { mode: "no-cors", method: "POST", body: '{"prefix":"ways","level":"debug"}' })`,
  "a beacon": (url) => `navigator.sendBeacon("${url}", '{"prefix":"ways","level":"debug"}')`,
  "fetch from a worker": (url) =>
    `void new Worker(URL.createObjectURL(new Blob(['fetch("${url}", { mode: "no-cors" })'])))`,
  "a form in a frame": (url) =>
    `${append("iframe", 'name: "into"')};
     const form = Object.assign(document.createElement("form"), { method: "post", enctype: "text/plain", action: "${url}", target: "into" });
     form.append(Object.assign(document.createElement("input"), { name: '{"prefix":"ways","level":"debug","x":"', value: '"}' }));
     document.body.append(form);
     form.submit()`,
};

const append = (tag: string, properties: string): string =>
  `document.body.append(Object.assign(document.createElement("${tag}"), { ${properties} }))`;

const isLeftOut = leftOut(Object.keys(WAYS), 4);

test("G5: no way in which a page of another origin sends a request opens a service whose rule admits everybody", async (t) => {
  const seen: string[] = [];
  const service = onExpress(() => true);
  const port = await serve(t, (incoming, response) => {
    response.setHeader("access-control-allow-origin", incoming.headers.origin ?? "*");
    response.setHeader("access-control-allow-credentials", "true");
    response.on("finish", () => seen.push(`${incoming.method} ${response.statusCode}`));
    service(incoming, response);
  });
  const from = await serve(t, (_incoming, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<title>elsewhere</title><body></body>");
  });
  const opened = await openPage(t, `http://127.0.0.1:${from}/`);
  if (opened === null) return;
  for (const origin of [`http://127.0.0.1:${from}/`, `http://localhost:${from}/`]) {
    for (const [way, script] of Object.entries(WAYS)) {
      if (isLeftOut(way)) continue;
      for (const path of ["/debug/traffic", "/debug/level"]) {
        await opened.page.goto(origin);
        seen.length = 0;
        await opened.page.evaluate(`(() => { ${script(`http://127.0.0.1:${port}${path}`)} })()`);
        await until(() => seen.length > 0, `${way} asks ${path}`);
        for (const answer of seen) assert.match(answer, /^(GET|POST) (401|404)$/, `${way}, ${path}`);
      }
    }
  }
  assert.deepEqual(logger.core.gates.levels.list(), unchanged);
  // The rule itself admits: it is the page that was refused.
  seen.length = 0;
  await askRaw(port, "GET /debug/level HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.deepEqual(seen, ["GET 200"]);
});
