import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { until } from "../../../../test/helpers/until.ts";
import {
  observeExpressRequest,
  observeRequest,
  ownAnswer,
  type RequestEnd,
  requestsInFlight,
  setRoute,
} from "../../src/index.ts";
import { listen, send } from "../helpers/server.ts";

test("observeRequest() gives every caller the same request, ended once", async (t) => {
  const ends: RequestEnd[] = [];
  const { port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    assert.equal(observeRequest(request, response), observed);
    observed.onEnd((end) => ends.push(end));
    observed.onEnd((end) => ends.push(end));
    setRoute(request, response, "/users/:id");
    assert.equal(observed.route, "/users/:id");
    assert.equal(requestsInFlight(), 1);
    response.statusCode = 201;
    response.end("x");
  });
  await send(port, { path: "/users/7" });
  assert.equal(ends.length, 2, "both listeners, once each");
  assert.equal(ends[0], ends[1]);
  assert.equal(ends[0]?.status, 201);
  assert.equal(ends[0]?.outcome, "complete");
  assert.ok((ends[0]?.durationMs ?? -1) >= 0);
  assert.equal(requestsInFlight(), 0);
});

test("claim() is true once for each part of a request", async (t) => {
  const claims: boolean[] = [];
  const { port } = await listen(t, (request, response) => {
    const first = observeRequest(request, response);
    const second = observeRequest(request, response);
    claims.push(first.claim("span"), second.claim("span"), second.claim("line"), first.claim("line"));
    response.end();
  });
  await send(port);
  assert.deepEqual(claims, [true, false, true, false]);
});

test("observeRequest() tells an abort once, in its context, also of a response that waits in a pipeline", async (t) => {
  const storage = new AsyncLocalStorage<string | undefined>();
  const ends: string[] = [];
  const all = Promise.withResolvers<void>();
  const { port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    observed.onEnd((end) => {
      ends.push(`${storage.getStore()} ${end.outcome}`);
      if (ends.length === 2) all.resolve();
    });
    storage.run(request.url, () => observed.enter(() => {}));
    if (request.url === "/second") socket.destroy();
  });
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n");
  await all.promise;
  assert.deepEqual(ends.sort(), ["/first aborted", "/second aborted"]);
  assert.equal(requestsInFlight(), 0);
});

test("observeRequest() tells the abort of a request that it sees first when the client has gone", {
  timeout: 60_000,
}, async (t) => {
  const end = Promise.withResolvers<RequestEnd>();
  const { port } = await listen(t, (request, response) => {
    response.on("close", () => {
      observeRequest(request, response).onEnd(end.resolve);
      assert.equal(requestsInFlight(), 1);
    });
    socket.destroy();
  });
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await end.promise).outcome, "aborted");
  assert.equal(requestsInFlight(), 0);
});

test("observeRequest() tells the end of a request that it sees first when it is over", {
  timeout: 60_000,
}, async (t) => {
  const end = Promise.withResolvers<RequestEnd>();
  const { port } = await listen(t, (request, response) => {
    response.on("close", () => observeRequest(request, response).onEnd(end.resolve));
    response.end();
  });
  await send(port);
  assert.equal((await end.promise).outcome, "complete");
  assert.equal(requestsInFlight(), 0);
});

test("observeRequest() tells the end of each of 30 pipelined requests, without a warning of a leak", async (t) => {
  const warnings: Error[] = [];
  const keep = (warning: Error) => void warnings.push(warning);
  process.on("warning", keep);
  t.after(() => process.off("warning", keep));
  let ended = 0;
  const { port } = await listen(t, (request, response) => {
    observeRequest(request, response).onEnd((end) => {
      if (end.outcome === "complete") ended++;
    });
    setImmediate(() => response.end());
  });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(30));
  let answers = "";
  for await (const chunk of socket) {
    answers += chunk;
    if (answers.split("HTTP/1.1 200").length === 31) break;
  }
  assert.equal(ended, 30);
  assert.deepEqual(warnings, []);
});

test("ownAnswer() takes a request out of those in flight at once, and whoever looks later sees whose it is", async (t) => {
  const seen: unknown[] = [];
  const { port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    observed.onEnd(() => seen.push(["end", observed.isOwn, requestsInFlight()]));
    seen.push([observed.isOwn, requestsInFlight()]);
    ownAnswer(response);
    ownAnswer(response);
    seen.push([observed.isOwn, requestsInFlight()]);
    response.end();
  });
  await send(port, { path: "/anything" });
  assert.deepEqual(seen, [
    [false, 1],
    [true, 0],
    ["end", true, 0],
  ]);
});

test("H4: a path that begins like Whodunit's own is a request like any other", async (t) => {
  const { port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    response.end(`${observed.isOwn} ${requestsInFlight()}`);
  });
  for (const path of ["/health/patients/7", "/debug/login", "/health/", "/debug/traffic", "/health/status"])
    assert.equal((await send(port, { path })).body, "false 1", path);
});

test("enter() makes body events, finish, close and end listeners run in the request's context", async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const outer = new AsyncLocalStorage<string>();
  const seen: Record<string, string | undefined> = {};
  const done = Promise.withResolvers<void>();
  const { port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    observed.onEnd(() => {
      seen.end = `${outer.getStore()} ${storage.getStore()}`;
    });
    // The other plugin comes later and enters inside the first one's context.
    outer.run("outer", () =>
      observed.enter(() =>
        storage.run("inner", () =>
          observed.enter(() => {
            request.on("data", () => {
              seen.data = storage.getStore();
            });
            request.on("end", () => {
              seen.bodyEnd = storage.getStore();
              response.end("ok");
            });
            response.on("finish", () => {
              seen.finish = storage.getStore();
            });
            response.on("close", () => {
              seen.close = storage.getStore();
              done.resolve();
            });
          }),
        ),
      ),
    );
  });
  await send(port, { method: "POST", headers: { "content-length": "4" }, body: "body" });
  await done.promise;
  assert.deepEqual(seen, {
    data: "inner",
    bodyEnd: "inner",
    finish: "inner",
    close: "inner",
    end: "outer inner",
  });
});

test("an idle connection keeps no context of the request that it answered last", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const storage = new AsyncLocalStorage<object>();
  const contexts: WeakRef<object>[] = [];
  const { server, port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    const context = { url: request.url };
    contexts.push(new WeakRef(context));
    storage.run(context, () => observed.enter(() => setImmediate(() => response.end())));
  });
  server.keepAliveTimeout = 600_000;
  const clients = Array.from({ length: 3 }, () => connect(port, "127.0.0.1"));
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  for (const client of clients) {
    client.write("GET / HTTP/1.1\r\nhost: web\r\n\r\n");
    await once(client, "data");
  }
  await until(() => {
    collect();
    return contexts.every((context) => context.deref() === undefined);
  }, "contexts of requests that are over are let go of");
  const open = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
  assert.equal(open, clients.length);
});

test("onEnd() hands each listener the state it came with", async (t) => {
  const told: unknown[] = [];
  const tell = (end: RequestEnd, _: unknown, state: { id: number }) => told.push([end.status, state]);
  const { port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    observed.onEnd(tell, { id: 1 });
    observed.onEnd(tell, { id: 2 });
    response.on("close", () => observed.onEnd(tell, { id: 3 }));
    response.end();
  });
  await send(port);
  assert.deepEqual(told, [
    [200, { id: 1 }],
    [200, { id: 2 }],
    [200, { id: 3 }],
  ]);
});

test("setRoute() goes before what a framework says, whichever comes first", async (t) => {
  const routes: unknown[] = [];
  const { port } = await listen(t, (request, response) => {
    const observed = observeExpressRequest(request, response);
    (request as { route?: unknown }).route = { path: "/by-framework" };
    routes.push(observed.route);
    setRoute(request, response, "/by-name");
    observeExpressRequest(request, response);
    routes.push(observed.route);
    response.end();
  });
  await send(port);
  assert.deepEqual(routes, ["/by-framework", "/by-name"]);
});

test("onEnd() calls at once after the end, and a listener that throws hurts nobody", async (t) => {
  const warning = once(process, "warning");
  const told: string[] = [];
  const { port } = await listen(t, (request, response) => {
    const observed = observeRequest(request, response);
    observed.onEnd(() => {
      throw new Error("broken listener");
    });
    observed.onEnd(() => told.push("second"));
    response.on("close", () => observed.onEnd((end) => told.push(`late ${end.status}`)));
    response.end();
  });
  assert.equal((await send(port)).status, 200);
  const [{ message }] = await warning;
  assert.match(message, /^WHODUNIT_REQUEST_LISTENER failed with Error/);
  assert.deepEqual(told, ["second", "late 200"]);
});
