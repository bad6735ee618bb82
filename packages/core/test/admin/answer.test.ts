import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage, type ServerResponse } from "node:http";
import { test } from "node:test";
import express from "express";
import Fastify from "fastify";
import { watchProcess } from "../../../../test/helpers/watch-process.ts";
import { type Answer, json, send as sendAnswer, sendByFastify } from "../../src/index.ts";
import { listen, send } from "../helpers/server.ts";

interface Deferred {
  readonly promise: Promise<Answer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const deferred = (): Deferred => Promise.withResolvers<Answer>();

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("json() is an answer that nobody keeps, with its length, and a HEAD has the headers alone", async (t) => {
  const { port } = await listen(t, (_, response) => sendAnswer(response, json(200, { name: "Zoë" })));
  const whole = await send(port);
  assert.equal(whole.body, '{"name":"Zoë"}');
  assert.equal(whole.headers["content-length"], "15");
  assert.equal(whole.headers["cache-control"], "no-store");
  assert.equal(whole.headers["x-content-type-options"], "nosniff");
  const head = await send(port, { method: "HEAD" });
  assert.deepEqual([head.status, head.body, head.headers["content-length"]], [200, "", "15"]);
});

test("send() takes bytes, text, and a function that writes on", async (t) => {
  const bodies: Answer["body"][] = [
    "text",
    Buffer.from("bytes"),
    (response) => {
      response.write("first ");
      setImmediate(() => response.end("second"));
    },
  ];
  for (const [index, expected] of ["text", "bytes", "first second"].entries()) {
    const { port } = await listen(t, (_, response) =>
      sendAnswer(response, Promise.resolve({ status: 203, headers: { "x-own": "1" }, body: bodies[index]! })),
    );
    const answer = await send(port);
    assert.deepEqual([answer.status, answer.headers["x-own"], answer.body], [203, "1", expected]);
    assert.equal((await send(port, { method: "HEAD" })).body, "");
  }
});

test("G1: send() leaves a response alone that somebody else has answered while it waited", async (t) => {
  const seen = watchProcess(t);
  const answers: Record<string, (response: ServerResponse) => void> = {
    "answered whole": (response) => response.writeHead(503).end("timed out"),
    "answered in part": (response) => response.writeHead(503).write("timed out"),
    "headers flushed alone": (response) => response.flushHeaders(),
    "connection cut": (response) => response.destroy(),
    "socket cut": (response) => response.socket?.destroy(),
  };
  const late: Answer[] = [
    json(200, { late: true }),
    { status: 200, headers: {}, body: (r) => r.end("late") },
  ];
  for (const [title, answer] of Object.entries(answers)) {
    for (const ready of late) {
      const waited = deferred();
      const { port, server } = await listen(t, (_, response) => {
        sendAnswer(response, waited.promise);
        answer(response);
        waited.resolve(ready);
        void turn().then(() => response.end());
      });
      const { body } = await send(port).catch(() => ({ body: "cut" }));
      assert.doesNotMatch(body, /late/, title);
      server.close();
    }
  }
  await turn();
  assert.deepEqual(seen, []);
});

test("G1: send() on Express leaves alone what a time-out of the application has answered, and next() after", async (t) => {
  const seen = watchProcess(t);
  const waited = deferred();
  const app = express();
  app.use((_request, response, next) => {
    setImmediate(() => {
      response.status(503).json({ error: "timeout" });
      waited.resolve(json(200, { late: true }));
    });
    next();
  });
  app.get("/debug/x", (_request, response) => sendAnswer(response, waited.promise));
  const { port } = await listen(t, app);
  const { status, body } = await send(port, { path: "/debug/x" });
  await turn();
  assert.deepEqual([status, body, seen], [503, '{"error":"timeout"}', []]);
});

test("G1: sendByFastify() leaves alone what was answered past Fastify or by it, whole or in part", async (t) => {
  const seen = watchProcess(t);
  const answers: Record<
    string,
    (reply: { raw: ServerResponse; code(n: number): { send(b: string): unknown } }) => void
  > = {
    raw: (reply) => reply.raw.writeHead(503).end("timeout"),
    "raw, in part": (reply) => {
      reply.raw.writeHead(503).write("time");
      setImmediate(() => reply.raw.end("out"));
    },
    reply: (reply) => reply.code(503).send("timeout"),
  };
  for (const [title, answer] of Object.entries(answers)) {
    const app = Fastify();
    t.after(() => app.close());
    app.get("/", (_request, reply) => {
      const waited = deferred();
      setImmediate(() => {
        answer(reply);
        waited.resolve(json(200, { late: true }));
      });
      return sendByFastify(reply, waited.promise);
    });
    await app.listen({ port: 0 });
    const { status, body } = await send((app.server.address() as { port: number }).port);
    assert.deepEqual([title, status, body], [title, 503, "timeout"]);
  }
  assert.deepEqual(seen, []);
});

test("G1: an answer that streams outlives the application's ending it, and a write after that ends no process", async (t) => {
  const seen = watchProcess(t);
  let write: (() => void) | undefined;
  const { port } = await listen(t, (_, response) => {
    sendAnswer(response, {
      status: 200,
      headers: {},
      body: (own) => {
        write = () => own.write("late");
      },
    });
    response.end("cut short");
    write?.();
  });
  assert.equal((await send(port)).body, "cut short");
  await turn();
  assert.deepEqual(seen, []);
});

test("send() makes a 500 of an answer that rejects, and a torn response of a writeHead that throws", async (t) => {
  const seen = watchProcess(t);
  const { port } = await listen(t, (request, response) => {
    if (request.url === "/wrapped") {
      response.writeHead = () => {
        throw new Error("wrapped");
      };
      sendAnswer(response, json(200, {}));
    } else sendAnswer(response, Promise.reject(new Error("hunter2")));
  });
  const answer = await send(port);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body, /hunter2/);
  await assert.rejects(send(port, { path: "/wrapped" }));
  const app = Fastify();
  t.after(() => app.close());
  app.get("/", (_request, reply) => sendByFastify(reply, Promise.reject(new Error("hunter2"))));
  assert.equal((await app.inject("/")).statusCode, 500);
  assert.deepEqual(seen, []);
});

test("sendByFastify() sends text and bytes through Fastify's hooks, streams by itself, and no body to a HEAD", async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  app.addHook("onSend", async (_request, reply) => {
    reply.header("x-hook", "yes");
  });
  app.get("/text", (_request, reply) => sendByFastify(reply, json(201, { ok: true })));
  app.get("/bytes", async (_request, reply) =>
    sendByFastify(
      reply,
      Promise.resolve({ status: 200, headers: { "content-type": "x/y" }, body: Buffer.from("b") }),
    ),
  );
  app.get("/stream", (_request, reply) =>
    sendByFastify(
      reply,
      Promise.resolve({ status: 200, headers: {}, body: (raw) => void raw.end("streamed") }),
    ),
  );
  const port = Number(new URL(await app.listen({ port: 0 })).port);
  const text = await send(port, { path: "/text" });
  assert.deepEqual([text.status, text.body, text.headers["x-hook"]], [201, '{"ok":true}', "yes"]);
  assert.equal((await send(port, { path: "/bytes" })).body, "b");
  assert.equal((await send(port, { path: "/stream" })).body, "streamed");
  assert.equal((await send(port, { path: "/stream", method: "HEAD" })).body, "");
  assert.equal((await send(port, { path: "/text", method: "HEAD" })).headers["content-length"], "11");
});

test("send() writes nothing for a client that left while the answer was made", async (t) => {
  const seen = watchProcess(t);
  const waited = deferred();
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
  let streamed = false;
  const { port } = await listen(t, (_: IncomingMessage, response) => {
    sendAnswer(response, waited.promise);
    response.once("close", () => {
      waited.resolve({ status: 200, headers: {}, body: () => (streamed = true) });
      void turn().then(leave);
    });
  });
  const request = get({ host: "127.0.0.1", port });
  request.on("error", () => {});
  const [socket] = await once(request, "socket");
  await once(socket, "connect");
  setImmediate(() => request.destroy());
  await gone;
  assert.equal(streamed, false);
  assert.deepEqual(seen, []);
});
