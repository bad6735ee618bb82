import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { createGuard, type Guard } from "../../src/index.ts";
import { listen, send } from "../helpers/server.ts";

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

test("createGuard() admits loopback only with a loopback Host and no sign of a proxy", async (t) => {
  const port = await serve(t, createGuard());
  assert.equal(await status(port, {}), 200);
  assert.equal(await status(port, { host: "localhost" }), 200);
  assert.equal(await status(port, { host: "[::1]:3000" }), 200);
  for (const headers of [
    { host: "web.example.org" },
    { host: "127.0.0.1.example.org" },
    { "x-forwarded-for": "10.0.0.1" },
    { "x-forwarded-proto": "https" },
    { forwarded: "for=10.0.0.1" },
    { via: "1.1 proxy" },
    { "x-real-ip": "10.0.0.1" },
  ]) {
    assert.equal(await status(port, headers), 403, JSON.stringify(headers));
  }
});

test("createGuard() refuses HTTP/1.0, as a plain proxy_pass of nginx sends it", async (t) => {
  const port = await serve(t, createGuard());
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`GET /debug/level HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
  assert.match(answer, /^HTTP\/1\.1 403 /);
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

test("createGuard() has no routes in production without a token or authorize, and no loopback then", async (t) => {
  setEnv(t, "NODE_ENV", "production");
  assert.equal(createGuard().enabled, false);
  assert.equal(createGuard({ authorize: () => true }).enabled, true);
  const guard = createGuard({ token: TOKEN });
  assert.equal(guard.enabled, true);
  assert.equal(await status(await serve(t, guard), {}), 403);
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
      assert.equal(error.message, "createGuard: WHODUNIT_TOKEN is too short, want at least 16 characters");
      return true;
    },
  );
});
