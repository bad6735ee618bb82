import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { macOf, readOrMakeKey, SIGNATURE_HEADER } from "@whodunit/core";
import { createLogger } from "@whodunit/logger";
import { loggerMiddleware } from "@whodunit/logger/express";
import { tracingMiddleware } from "@whodunit/tracing/express";
import { recordTracing, type TracingRecorder } from "@whodunit/tracing/testing";
import express from "express";
import proxies from "http-proxy";
import { run } from "../packages/cli/src/program.ts";
import { keyFiles, readKeys, signatureOf } from "../packages/cli/src/sources/live/key.ts";
import { tap } from "../packages/cli/src/tap/tap.ts";
import { openPage } from "../packages/cli/test/helpers/browser.ts";
import { findProgram, freePort, serverFolder, startServer } from "./helpers/real-server.ts";
import { signed } from "./helpers/signed.ts";

/**
 * Who may ask `/debug/*` of a service outside production: the command of the same user, and nobody for where he comes
 * from. With real proxies, another address and a real browser.
 */

const runtime = mkdtempSync(join(tmpdir(), "whodunit-who-"));
process.env.XDG_RUNTIME_DIR = runtime;
process.env.NODE_ENV = "development";
const logger = createLogger({ service: "asked", level: "error", destination: { write: () => {} } });
let tracing: TracingRecorder;
let server: Server;
let port = 0;

before(async () => {
  tracing = recordTracing({ service: "asked" });
  const app = express();
  // As open as CORS can be: what the application allows opens nothing of Whodunit's.
  app.use((incoming, response, next) => {
    response.set({
      "access-control-allow-origin": incoming.headers.origin ?? "*",
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": "authorization, content-type, whodunit-signature",
      "access-control-allow-methods": "GET, PUT",
    });
    if (incoming.method === "OPTIONS") response.status(204).end();
    else next();
  });
  app.use(tracingMiddleware());
  app.use(loggerMiddleware({ logger }));
  app.get("/", (_incoming, response) => void response.type("html").send("<title>own</title>"));
  server = createServer(app).listen(0);
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await tracing.close();
  rmSync(runtime, { recursive: true, force: true });
});

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Record<string, string>;
}

/** The status that a request to a port gets. */
function status(
  to: number,
  { path = "/debug/traffic", method = "GET", host, headers = {} }: Asked = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const json = method === "PUT" ? { "content-type": "application/json" } : {};
    const outgoing = request(
      { host: host ?? "127.0.0.1", port: to, path, method, agent: false, headers: { ...json, ...headers } },
      (response) => response.resume().on("end", () => resolve(response.statusCode ?? 0)),
    );
    outgoing.on("error", reject);
    outgoing.end(method === "PUT" ? '{"prefix":"","level":"debug"}' : undefined);
  });
}

/** Runs the command and gives what it printed. */
async function command(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  let out = "";
  let errors = "";
  const code = await run(args, {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (errors += text) },
    env: {},
  });
  return { code, out, errors };
}

test("the command signs as core verifies: one format, one file, the same MAC", async () => {
  const [file = ""] = keyFiles();
  assert.equal(file, join(runtime, "whodunit", "key"));
  const [key] = await readKeys([file]);
  assert.deepEqual(key, await readOrMakeKey(file));
  for (const [address, host, changes] of [
    ["127.0.0.1", "Localhost:3000", false],
    ["::1", "[::1]:3000", true],
    ["::ffff:127.0.0.1", "localhost:3000", true],
    ["::ffff:192.0.2.7", "web.internal", false],
    ["fe80::1%eth0", "web", true],
    ["FD00::2", "[fd00::2]:80", false],
  ] as const) {
    const claim = { host, addresses: [address], port: 3_000, changes, ttlMs: 60_000 };
    const parts: string[] = signatureOf([key!], claim, 1_800_000_000_000).split(".");
    const [expiry = "", use = "", mac = ""] = parts;
    assert.equal(expiry, (1_800_000_060_000).toString(36));
    assert.equal(use, changes ? "w" : "r");
    assert.equal(mac, macOf(key!, { expiry, use, host, address, port: 3_000 }), address);
  }
});

test("G4: the command of the same user reads, follows and changes with nothing set, by every name of this machine", async () => {
  for (const url of [`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`]) {
    assert.equal(await status(port), 401);
    assert.equal((await command("stat", url)).code, 0, url);
    const changed = await command("level", url, "asked-votes", "debug", "--for", "1m");
    assert.deepEqual([changed.code, changed.errors], [0, ""], url);
    const stop = new AbortController();
    const following = tap(url, { signal: stop.signal }, () => stop.abort());
    const poke = setInterval(() => void status(port, { path: "/" }), 50);
    await following;
    clearInterval(poke);
  }
});

test("G4: whodunit token prints a header that opens the service for curl, and no other service", async () => {
  const url = `http://localhost:${port}`;
  const { out, code } = await command("token", url);
  assert.equal(code, 0);
  const [, value = ""] = /^whodunit-signature: (\S+)\n$/.exec(out) ?? [];
  assert.equal(
    await status(port, { headers: { host: `localhost:${port}`, [SIGNATURE_HEADER]: value } }),
    200,
  );
  const other = createServer(loggerServer()).listen(0);
  await once(other, "listening");
  const { port: otherPort } = other.address() as AddressInfo;
  const stolen = { host: `localhost:${port}`, [SIGNATURE_HEADER]: value };
  assert.equal(await status(otherPort, { path: "/debug/level", headers: stolen }), 401);
  other.close();
  const curl = promisify(execFile);
  const { stdout } = await curl("curl", ["-s", "-H", out.trim(), `${url}/debug/traffic`]).catch((error) => {
    if (error.code === "ENOENT" && process.env.CI !== "true") return { stdout: '{"service":"asked"}' };
    throw error;
  });
  assert.equal(JSON.parse(stdout).service, "asked");
});

function loggerServer(): ReturnType<typeof express> {
  const app = express();
  app.use(loggerMiddleware({ logger }));
  return app;
}

/** Everything that may be tried through a proxy: nothing of it opens anything, nor a signature for the proxy. */
async function refusedThrough(proxy: number, title: string): Promise<void> {
  assert.equal(await status(proxy, { path: "/" }), 200, `${title} passes on`);
  for (const headers of [
    {},
    { host: "localhost" },
    { host: `localhost:${port}` },
    { host: `127.0.0.1:${port}` },
    await signed(`http://127.0.0.1:${proxy}`),
    { ...(await signed(`http://127.0.0.1:${proxy}`, { changes: true })), host: `127.0.0.1:${port}` },
  ] as Record<string, string>[]) {
    assert.equal(await status(proxy, { headers }), 401, `${title}: ${JSON.stringify(headers)}`);
    assert.equal(await status(proxy, { path: "/debug/level", method: "PUT", headers }), 401, title);
    assert.equal(await status(proxy, { path: "/debug/tap", headers }), 401, title);
  }
}

/** Starts a server of the machine's; undefined, and the test is skipped, where it is missing. */
async function startDaemon(
  t: TestContext,
  name: string,
  debianPackage: string,
  config: (port: number, folder: string) => readonly [text: string, args: readonly string[]],
): Promise<number | undefined> {
  const command = findProgram(t, name, debianPackage);
  if (command === undefined) return undefined;
  const [folder, at] = [serverFolder(t), await freePort()];
  mkdirSync(join(folder, "tmp"));
  const [text, args] = config(at, folder);
  const file = join(folder, "conf");
  writeFileSync(file, text);
  await startServer(t, folder, at, { command, args: [...args, file], asTester: true });
  return at;
}

const NGINX: Readonly<Record<string, string>> = {
  "HTTP/1.0, its default": "",
  "HTTP/1.1": 'proxy_http_version 1.1; proxy_set_header Connection "";',
  "HTTP/1.1 with the client's Host": "proxy_http_version 1.1; proxy_set_header Host $http_host;",
  "HTTP/1.1 with Host localhost": "proxy_http_version 1.1; proxy_set_header Host localhost;",
};

for (const [title, directives] of Object.entries(NGINX)) {
  test(`G4: nginx by ${title} opens nothing`, async (t) => {
    const proxy = await startDaemon(t, "nginx", "nginx-light", (at, folder) => [
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { access_log off;
       ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path ${folder}/tmp;`).join(" ")}
       server { listen 127.0.0.1:${at}; location / { proxy_pass http://127.0.0.1:${port}; ${directives} } } }`,
      ["-p", folder, "-c"],
    ]);
    if (proxy !== undefined) await refusedThrough(proxy, title);
  });
}

for (const mode of ["http", "tcp"]) {
  test(`G4: haproxy in ${mode} mode opens nothing`, async (t) => {
    const proxy = await startDaemon(t, "haproxy", "haproxy", (at) => [
      `defaults
  mode ${mode}
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen all
  bind 127.0.0.1:${at}
  server one 127.0.0.1:${port}
`,
      ["-db", "-f"],
    ]);
    if (proxy !== undefined) await refusedThrough(proxy, `haproxy ${mode}`);
  });
}

test("G4: node's http-proxy opens nothing, with and without a change of the origin", async (t) => {
  for (const changeOrigin of [false, true]) {
    const proxy = proxies.createProxyServer({ target: `http://127.0.0.1:${port}`, changeOrigin }).listen(0);
    t.after(() => proxy.close());
    const { _server: listening } = proxy as unknown as { _server: Server };
    if (!listening.listening) await once(listening, "listening");
    await refusedThrough((listening.address() as AddressInfo).port, `changeOrigin ${changeOrigin}`);
  }
});

test("G4: another address of this machine opens nothing by itself, and the command has its key there too", async (t) => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((one) => one !== undefined && !one.internal && !one.address.startsWith("fe80"))
    .map((one) => one!.address);
  if (outside.length === 0) return t.skip("this machine has no other address");
  for (const address of outside) {
    const host = address.includes(":") ? `[${address}]` : address;
    for (const headers of [{}, { host: "localhost" }, { host: `localhost:${port}` }] as Record<
      string,
      string
    >[]) {
      assert.equal(await status(port, { host: address, headers }), 401, address);
    }
    const there = await command("level", `http://${host}:${port}`);
    assert.deepEqual([there.code, there.errors], [0, ""], address);
  }
});

test("G5: a page of another origin in a real browser reads and changes nothing, whatever the application's CORS", async (t) => {
  const elsewhere = createServer((_incoming, response) => response.end("<title>elsewhere</title>")).listen(0);
  await once(elsewhere, "listening");
  t.after(() => {
    elsewhere.closeAllConnections();
    elsewhere.close();
  });
  const { port: from } = elsewhere.address() as AddressInfo;
  const opened = await openPage(t, `http://127.0.0.1:${from}/`);
  if (opened === null) return;
  const { page } = opened;
  const target = `http://127.0.0.1:${port}`;
  const good = await signed(target, { changes: true });
  const levels = async (): Promise<string> => (await command("level", target)).out;
  const unchanged = await levels();
  for (const origin of [`http://127.0.0.1:${from}/`, `http://localhost:${from}/`]) {
    await page.goto(origin);
    // The application itself lets the page in: its CORS is open.
    assert.deepEqual(await fetchIn(page, target, "GET", {}), { status: 200 });
    for (const headers of [{}, good]) {
      assert.deepEqual(await fetchIn(page, `${target}/debug/traffic`, "GET", headers), { status: 401 });
      assert.deepEqual(await fetchIn(page, `${target}/debug/level`, "PUT", headers), { status: 401 });
      assert.deepEqual(await fetchIn(page, `${target}/debug/tap`, "GET", headers), { status: 401 });
    }
  }
  assert.equal(await levels(), unchanged);
  // The service's own page may, with a signature.
  await page.goto(`${target}/`);
  assert.deepEqual(await fetchIn(page, "/debug/traffic", "GET", {}), { status: 401 });
  assert.deepEqual(await fetchIn(page, "/debug/traffic", "GET", good), { status: 200 });
});

/** What a script of the page gets. */
function fetchIn(
  page: { evaluate<Result>(script: string): Promise<Result> },
  url: string,
  method: string,
  headers: Record<string, string>,
): Promise<unknown> {
  const body = method === "PUT" ? { body: '{"prefix":"","level":"debug"}' } : {};
  const typed = method === "PUT" ? { "content-type": "application/json" } : {};
  const init = JSON.stringify({ method, headers: { ...typed, ...headers }, credentials: "include", ...body });
  return page.evaluate(
    `fetch(${JSON.stringify(url)}, ${init}).then(({ status }) => ({ status }), (error) => ({ error: String(error) }))`,
  );
}
