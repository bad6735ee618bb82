import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { isSigned } from "../../src/admin/signature.ts";
import { createGuard, type Guard, type GuardOptions, keyFile, readOrMakeKey } from "../../src/index.ts";
import { listen, send } from "../helpers/server.ts";
import { sign } from "../helpers/sign.ts";

const GUARD_CHILD = fileURLToPath(new URL("../helpers/guard-child.ts", import.meta.url));

const TOKEN = "a-token-of-sixteen";

async function serve(t: TestContext, guard: Guard): Promise<number> {
  const { port } = await listen(t, async (request, response) => {
    response.statusCode = (await guard.admits(request)) ? 200 : 403;
    response.end();
  });
  return port;
}

function setEnv(t: TestContext, name: string, value: string | undefined): void {
  const before = process.env[name];
  const set = (to: string | undefined) => {
    if (to === undefined) delete process.env[name];
    else process.env[name] = to;
  };
  set(value);
  t.after(() => set(before));
}

const status = async (port: number, headers: Record<string, string>): Promise<number> =>
  (await send(port, { headers })).status;

/** A key of the test's own, in a runtime folder of its own. */
async function makeKey(t: TestContext): Promise<Buffer> {
  const runtime = mkdtempSync(join(tmpdir(), "whodunit-guard-"));
  t.after(() => rmSync(runtime, { recursive: true, force: true }));
  setEnv(t, "XDG_RUNTIME_DIR", runtime);
  return readOrMakeKey(keyFile() as string);
}

/** A guard whose look at the key is not too soon after another test's. */
async function serveByKey(
  t: TestContext,
  options: GuardOptions = {},
): Promise<{ port: number; key: Buffer }> {
  const key = await makeKey(t);
  const nowMs = performance.now() + 10_000 * ++looks;
  t.mock.method(performance, "now", () => nowMs);
  return { port: await serve(t, createGuard(options)), key };
}
let looks = 0;

test("G4: createGuard() admits nobody for where he comes from: a request from loopback needs the key", async (t) => {
  const { port, key } = await serveByKey(t);
  for (const headers of [{}, { host: "localhost" }, { host: `127.0.0.1:${port}` }, { host: "[::1]:3000" }]) {
    assert.equal(await status(port, headers), 403, JSON.stringify(headers));
  }
  assert.equal(await status(port, sign(key, port)), 200);
});

test("G4: a signature is good for its key, host, address, port, use and time, and for nothing else", async (t) => {
  const { port, key } = await serveByKey(t);
  const now = Date.now();
  const good = sign(key, port);
  const header = good["whodunit-signature"] as string;
  const wrong: Readonly<Record<string, Record<string, string>>> = {
    "another key": sign(Buffer.alloc(32, 7), port),
    "another port": sign(key, port + 1, { host: `127.0.0.1:${port}` }),
    "another address": sign(key, port, { address: "192.168.1.7" }),
    "another host": sign(key, port, { host: `evil.example:${port}` }),
    "a host of another port": sign(key, port, { host: "127.0.0.1" }),
    "this host in the signature, another in the request": { ...good, host: `localhost:${port}` },
    expired: sign(key, port, { expiresMs: now - 1 }),
    "a lifetime of an hour": sign(key, port, { expiresMs: now + 3_600_000 }),
    "another use": { "whodunit-signature": header.replace(".r.", ".w.") },
    "no use there is": sign(key, port, { use: "x" }),
    "a changed expiry": {
      "whodunit-signature": `${(now + 500_000).toString(36)}${header.slice(header.indexOf("."))}`,
    },
    "a changed MAC": { "whodunit-signature": header.slice(0, -1) + (header.endsWith("A") ? "B" : "A") },
    cut: { "whodunit-signature": header.slice(0, -1) },
    "no MAC": { "whodunit-signature": header.slice(0, header.lastIndexOf(".")) },
    "too many": { "whodunit-signature": header + header.slice(-44).repeat(8) },
    empty: { "whodunit-signature": "" },
    "as a bearer token": { authorization: `Bearer ${header}` },
  };
  for (const [title, headers] of Object.entries(wrong)) assert.equal(await status(port, headers), 403, title);
  assert.equal(await status(port, good), 200);
  assert.equal(await status(port, sign(key, port, { use: "w" })), 200);
  // One for each of several keys or addresses.
  const other = sign(Buffer.alloc(32, 7), port)["whodunit-signature"] as string;
  assert.equal(
    await status(port, { "whodunit-signature": `${header}${other.slice(other.lastIndexOf("."))}` }),
    200,
  );
});

test("G4: a signature to read opens no method but GET and HEAD", async (t) => {
  const { port, key } = await serveByKey(t);
  for (const [method, use, expected] of [
    ["HEAD", "r", 200],
    ["PUT", "r", 403],
    ["POST", "r", 403],
    ["DELETE", "r", 403],
    ["PUT", "w", 200],
  ] as const) {
    assert.equal(
      (await send(port, { method, headers: sign(key, port, { use }) })).status,
      expected,
      `${method} ${use}`,
    );
  }
});

test("G4: isSigned() is false for any header and never throws", () => {
  const key = Buffer.alloc(32);
  const request = (header: string): IncomingMessage =>
    ({
      method: "GET",
      headers: { host: "localhost", "whodunit-signature": header },
      socket: { localAddress: "127.0.0.1", localPort: 80 },
    }) as unknown as IncomingMessage;
  fc.assert(fc.property(anyText(), (header) => !isSigned(request(header), key)));
  fc.assert(
    fc.property(
      fc.stringMatching(/^[0-9a-z]{1,11}\.[rw](\.[\w-]{43}){1,9}$/),
      (header) => !isSigned(request(header), key),
    ),
  );
});

test("G4: signs of a proxy and HTTP/1.0 take nothing from a good signature, and give nothing without", async (t) => {
  const { port, key } = await serveByKey(t);
  for (const headers of [{ via: "1.1 proxy" }, { "x-forwarded-for": "10.0.0.1" }, { forwarded: "for=_x" }]) {
    assert.equal(await status(port, headers as Record<string, string>), 403);
    assert.equal(await status(port, { ...sign(key, port), ...(headers as Record<string, string>) }), 200);
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1", () => {
    socket.write(`GET /debug/level HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  });
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.on("end", () => resolve(text)).on("error", reject);
  assert.match(await promise, /^HTTP\/1\.1 403 /);
});

test("G4: a key that is made anew while the service runs is read again, at most once a second", async (t) => {
  const { port, key } = await serveByKey(t);
  assert.equal(await status(port, sign(key, port)), 200);
  rmSync(keyFile() as string);
  const newer = await readOrMakeKey(keyFile() as string);
  assert.notDeepEqual(newer, key);
  // Looked at in this second already.
  assert.equal(await status(port, sign(newer, port)), 403);
  const nowMs = performance.now() + 1_000;
  t.mock.method(performance, "now", () => nowMs);
  assert.equal(await status(port, sign(newer, port)), 200);
  assert.equal(await status(port, sign(key, port)), 403);
});

test("G4: where the key cannot be trusted nobody passes, and one line on stderr names WHODUNIT_TOKEN", async (t) => {
  const runtime = mkdtempSync(join(tmpdir(), "whodunit-guard-"));
  t.after(() => rmSync(runtime, { recursive: true, force: true }));
  const env: NodeJS.ProcessEnv = { ...process.env, XDG_RUNTIME_DIR: runtime, NODE_ENV: "development" };
  const ways: Readonly<Record<string, () => string>> = {
    debug: () => runtime,
    error: () => {
      chmodSync(join(runtime, "whodunit"), 0o755);
      return runtime;
    },
  };
  for (const [level, prepare] of Object.entries(ways)) {
    env.XDG_RUNTIME_DIR = prepare();
    const child = spawn(process.execPath, [GUARD_CHILD], { env, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const [port] = await once(child.stdout, "data");
    for (let time = 0; time < 3; time++) assert.equal(await status(Number(port), {}), 403);
    child.kill();
    await once(child, "close");
    const [line, ...more] = stderr
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text));
    assert.deepEqual(more, []);
    assert.equal(line.msg, "whodunit-admin-refused");
    assert.equal(line.level, level);
    assert.match(line.text, /WHODUNIT_TOKEN/);
    if (level === "error") assert.match(line.text, /has mode 755, which lets others in/);
  }
});

/** What browsers say of a request, and whether it may pass by its origin. `<port>` is the service's. */
const ORIGINS: readonly [title: string, headers: Record<string, string>, admitted: boolean][] = [
  ["no page", {}, true],
  ["typed into the address bar", { "sec-fetch-site": "none" }, true],
  [
    "a page of the service itself",
    { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:<port>" },
    true,
  ],
  [
    "a page of the service itself, in a browser without Sec-Fetch-Site",
    { origin: "http://127.0.0.1:<port>" },
    true,
  ],
  ["the service's own page behind TLS", { origin: "https://ops.example", host: "ops.example" }, true],
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }, false],
  ["another site, without CORS", { "sec-fetch-site": "cross-site" }, false],
  ["another port of the same host", { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:1" }, false],
  ["another port, in a browser without Sec-Fetch-Site", { origin: "http://127.0.0.1:1" }, false],
  ["another host that ends alike", { origin: "http://evil127.0.0.1:<port>" }, false],
  ["another name of this host", { origin: "http://localhost:<port>" }, false],
  ["a sandboxed frame", { origin: "null" }, false],
  ["a file", { origin: "file://" }, false],
  ["an extension", { origin: "chrome-extension://abcdef" }, false],
  ["no origin there is", { origin: "garbage" }, false],
  ["two origins", { origin: "http://127.0.0.1:<port>, http://evil.example" }, false],
  ["an unknown site", { "sec-fetch-site": "SAME-ORIGIN" }, false],
];

test("G5: what a page of another origin asks is refused, whatever it bears, in production too", async (t) => {
  const { key, port: byKey } = await serveByKey(t, { token: TOKEN });
  const byRule = await serve(t, createGuard({ authorize: () => true }));
  setEnv(t, "NODE_ENV", "production");
  const byToken = await serve(t, createGuard({ token: TOKEN }));
  for (const [title, headers, admitted] of ORIGINS) {
    for (const [way, port] of Object.entries({ byKey, byRule, byToken })) {
      const filled = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace("<port>", String(port))]),
      );
      const host = filled.host ?? `127.0.0.1:${port}`;
      const bears = way === "byKey" ? sign(key, port, { host }) : { authorization: `Bearer ${TOKEN}` };
      assert.equal(await status(port, { ...bears, ...filled }), admitted ? 200 : 403, `${title}, ${way}`);
    }
  }
});

test("createGuard() admits the bearer token from anywhere", async (t) => {
  const port = await serve(t, createGuard({ token: TOKEN }));
  const far = { host: "web.example.org", "x-forwarded-for": "10.0.0.1" };
  assert.equal(await status(port, { ...far, authorization: `Bearer ${TOKEN}` }), 200);
  assert.equal(await status(port, { ...far, authorization: `bearer ${TOKEN}` }), 200);
  for (const authorization of [
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Basic ${TOKEN}`,
    "Bearer",
    TOKEN,
  ]) {
    assert.equal(await status(port, { ...far, authorization }), 403, authorization);
  }
});

test("createGuard() asks authorize() and takes a throw, a rejection and a truthy non-boolean for a no", async (t) => {
  const far = { host: "web.example.org" };
  const ask = async (authorize: () => boolean | Promise<boolean>): Promise<number> =>
    status(await serve(t, createGuard({ authorize })), far);
  assert.equal(await ask(async () => true), 200);
  assert.equal(await ask(() => false), 403);
  assert.equal(await ask(() => "yes" as unknown as boolean), 403);
  assert.equal(await ask(() => Promise.reject(new Error("down"))), 403);
  assert.equal(
    await ask(() => {
      throw new Error("down");
    }),
    403,
  );
});

test("createGuard() has no routes in production without a token or authorize, and no key opens them", async (t) => {
  const key = await makeKey(t);
  setEnv(t, "NODE_ENV", "production");
  assert.equal(createGuard().enabled, false);
  assert.equal(createGuard({ authorize: () => true }).enabled, true);
  const guard = createGuard({ token: TOKEN });
  assert.equal(guard.enabled, true);
  const port = await serve(t, guard);
  assert.equal(await status(port, {}), 403);
  assert.equal(await status(port, sign(key, port)), 403);
  setEnv(t, "WHODUNIT_TOKEN", TOKEN);
  assert.equal(createGuard().enabled, true);
});

test("createGuard() refuses a short token without showing it, by the name that its owner wrote", (t) => {
  assert.throws(
    () => createGuard({ token: "hunter2" }),
    (error: Error) => {
      assert.match(error.message, /option "token" .* want at least 16 characters/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );
  assert.throws(() => createGuard({ authorize: 1 as unknown as () => boolean }), /option "authorize" is 1/);
  setEnv(t, "WHODUNIT_TOKEN", "hunter2");
  assert.throws(
    () => createGuard(),
    (error: Error) => {
      assert.equal(
        error.message,
        'createGuard: option "WHODUNIT_TOKEN" is "(withheld)", want at least 16 characters',
      );
      return true;
    },
  );
});

test("createGuard() refuses a token that no header can hold, without showing it, and says what is wrong with it", async (t) => {
  const unfit = {
    "correct horse battery staple": "no space",
    "sixteen-characters\n": "no line break at its end",
    "sixteen-characters\r\n": "no line break at its end",
    "sixteen\ncharacters-in-two": "no line break",
    "sixteen\tcharacters-in-two": "no space",
    " sixteen-characters": "no space",
    "schlüssel-zur-auskunft": "no character but the visible ones of ASCII",
    "sixteen-characters\u007f": "no character but the visible ones of ASCII",
  };
  for (const [token, wanted] of Object.entries(unfit)) {
    for (const name of ["token", "WHODUNIT_TOKEN"]) {
      setEnv(t, "WHODUNIT_TOKEN", name === "token" ? "" : token);
      assert.throws(
        () => createGuard(name === "token" ? { token } : {}, "loggerPlugin"),
        {
          name: "TypeError",
          message: `loggerPlugin: option "${name}" is "(withheld)", want ${wanted}: it is sent in a header`,
        },
        JSON.stringify(token),
      );
    }
  }
  setEnv(t, "WHODUNIT_TOKEN", "");
  const visible = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join("");
  const port = await serve(t, createGuard({ token: visible }));
  assert.equal(await status(port, { authorization: `Bearer ${visible}` }), 200);
});
