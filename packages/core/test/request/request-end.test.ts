import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, type TestContext, test } from "node:test";
import { resetConnection } from "../../../../test/helpers/reset.ts";
import { observeRequest, type RequestEnd } from "../../src/index.ts";
import { listen } from "../helpers/server.ts";

/** A server that answers by `act`, and the end that is told of its first request, with the error noted. */
async function observed(
  t: TestContext,
  act: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; end: Promise<RequestEnd & { error: unknown }> }> {
  const told = Promise.withResolvers<RequestEnd & { error: unknown }>();
  const { port } = await listen(t, observing(act, told.resolve));
  return { port, end: told.promise };
}

function observing(
  act: (request: IncomingMessage, response: ServerResponse) => void,
  told: (end: RequestEnd & { error: unknown }) => void,
): RequestListener {
  return (request, response) => {
    const observed = observeRequest(request, response);
    observed.onEnd((end) => told({ ...end, error: observed.error }));
    observed.enter(() => act(request, response));
  };
}

/** Reads what comes until the connection ends, however it does. */
function read(port: number): void {
  get({ port, host: "127.0.0.1", agent: false }, (response) => response.on("error", () => {}).resume()).on(
    "error",
    () => {},
  );
}

async function raw(port: number, more = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n`);
  return socket;
}

const boom = new Error("boom");
const failing = (): Readable =>
  Readable.from(
    (async function* () {
      yield "some";
      throw boom;
    })(),
  );

describe("T1: a response that its own server ends early is torn", () => {
  const ways: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    "by response.destroy()": (_, response) => response.write("x", () => response.destroy()),
    "by response.destroy(error)": (_, response) => response.write("x", () => response.destroy(boom)),
    "by an error that looks like the network's": (_, response) =>
      response.write("x", () =>
        response.destroy(Object.assign(new Error("upstream"), { code: "ECONNRESET" })),
      ),
    "by its socket": (request, response) => response.write("x", () => request.socket.destroy()),
    "by its socket, with an error": (request, response) =>
      response.write("x", () => request.socket.destroy(boom)),
    "before any header": (_, response) => void response.destroy(),
    "by a pipeline whose source fails": (_, response) => void pipeline(failing(), response).catch(() => {}),
    "by a time-out of its socket": (request, response) =>
      response.write("x", () => void request.socket.setTimeout(5)),
  };
  for (const [way, act] of Object.entries(ways)) {
    test(`T1: a response is torn ${way}`, async (t) => {
      const { port, end } = await observed(t, act);
      read(port);
      const { outcome, status } = await end;
      assert.equal(outcome, "torn");
      assert.equal(status, way === "before any header" ? undefined : 200);
    });
  }

  test("L2: what broke a stream that is piped into a response is the request's error, and still somebody's to handle", async (t) => {
    const handled: unknown[] = [];
    const { port, end } = await observed(t, (_, response) => {
      failing()
        .on("error", (error) => {
          handled.push(error);
          response.destroy();
        })
        .pipe(response);
    });
    read(port);
    const { outcome, error } = await end;
    assert.equal(outcome, "torn");
    assert.equal(error, boom);
    assert.deepEqual(handled, [boom]);
  });
});

describe("a response whose client goes away is aborted", () => {
  const ways: Record<string, (socket: Socket) => void> = {
    "closes the connection": (socket) => socket.destroy(),
    "resets it": (socket) => resetConnection(socket),
    "closes its half": (socket) => socket.end(),
  };
  for (const [way, leave] of Object.entries(ways)) {
    for (const sent of [true, false]) {
      test(`a response is aborted where the client ${way} ${sent ? "in its body" : "before its headers"}`, async (t) => {
        const came = Promise.withResolvers<void>();
        const { port, end } = await observed(t, (_, response) => {
          if (sent) response.write("x", () => came.resolve());
          else came.resolve();
        });
        const socket = await raw(port);
        await came.promise;
        if (sent) await once(socket, "data");
        leave(socket);
        const { outcome, status } = await end;
        assert.equal(outcome, "aborted");
        assert.equal(status, sent ? 200 : undefined, "a status only where one was sent");
      });
    }
  }
});

describe("T6: responses without an end of their own are complete when their reader leaves", () => {
  const starts: Record<string, (response: ServerResponse) => void> = {
    "set by setHeader": (response) => {
      response.setHeader("Content-Type", "text/event-stream; charset=utf-8");
      response.write("data: 1\n\n");
    },
    "given to writeHead": (response) =>
      void response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 1\n\n"),
    "given to writeHead as a list": (response) =>
      void response.writeHead(200, "OK", ["content-type", "text/event-stream"]).write("data: 1\n\n"),
    "of frames that replace one another": (response) =>
      void response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=a" }).write("--a"),
  };
  for (const [way, start] of Object.entries(starts)) {
    test(`T6: an event stream, its type ${way}, is complete and 200 when its reader leaves`, async (t) => {
      const { port, end } = await observed(t, (_, response) => start(response));
      const socket = await raw(port);
      await once(socket, "data");
      socket.destroy();
      const { outcome, status, headersMs, durationMs } = await end;
      assert.deepEqual([outcome, status], ["complete", 200]);
      assert.ok(headersMs !== undefined && headersMs <= durationMs);
    });
  }

  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const answers: [string, (socket: Socket) => void, number | undefined, string][] = [
    ["is switched", (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"), 101, "complete"],
    ["is refused", (socket) => socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n"), 401, "complete"],
    [
      "is refused in bytes",
      (socket) => socket.end(Buffer.from("HTTP/1.1 403 Forbidden\r\n\r\n")),
      403,
      "complete",
    ],
    ["is never answered", (socket) => socket.destroy(), undefined, "torn"],
  ];
  for (const [way, answer, wanted, how] of answers) {
    test(`T6: a request for another protocol that ${way} has the status ${wanted}`, async (t) => {
      // As the WebSocket plugins of frameworks do: the response object is there, and the socket is written to.
      const { port, end } = await observed(t, (request) => answer(request.socket));
      const socket = await raw(port, upgrade);
      if (wanted === 101) {
        await once(socket, "data");
        socket.destroy();
      } else socket.resume();
      const { outcome, status } = await end;
      assert.deepEqual([status, outcome], [wanted, how]);
    });
  }

  test("T6: a request for another protocol that is answered over HTTP has the status of that answer", async (t) => {
    const { port, end } = await observed(t, (_, response) => void response.writeHead(426).end("no"));
    const socket = await raw(port, upgrade);
    await once(socket, "data");
    assert.deepEqual([(await end).status, (await end).outcome], [426, "complete"]);
    socket.destroy();
  });
});

describe("T3: over HTTP/2 a request ends as it does over HTTP/1", () => {
  async function observedHttp2(
    t: TestContext,
    act: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<{ client: ClientHttp2Session; end: Promise<RequestEnd & { error: unknown }> }> {
    const told = Promise.withResolvers<RequestEnd & { error: unknown }>();
    const server = createHttp2(observing(act, told.resolve) as never);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    client.on("error", () => {});
    t.after(() => {
      client.destroy();
      server.close();
    });
    return { client, end: told.promise };
  }
  type WithStream = { stream: { destroy(error?: Error): void; close(code: number): void; on: Socket["on"] } };
  const streamOf = (response: ServerResponse) => {
    const { stream } = response as unknown as WithStream;
    stream.on("error", () => {});
    return stream;
  };
  const open = (client: ClientHttp2Session) =>
    client
      .request({ ":path": "/" })
      .on("error", () => {})
      .resume();

  test("T3: an HTTP/2 response that is written to its end is complete", async (t) => {
    const { client, end } = await observedHttp2(t, (_, response) => response.end("x"));
    open(client);
    assert.deepEqual([(await end).outcome, (await end).status], ["complete", 200]);
  });

  for (const [way, sent, leave] of [
    ["resets the stream before an answer", false, (stream: { close(code: number): void }) => stream.close(8)],
    ["cancels in the body", true, (stream: { close(code: number): void }) => stream.close(8)],
    ["closes the session", true, (_: unknown, client: ClientHttp2Session) => client.destroy()],
  ] as const) {
    test(`T3: an HTTP/2 response is aborted where the client ${way}`, async (t) => {
      const came = Promise.withResolvers<void>();
      const { client, end } = await observedHttp2(t, (_, response) => {
        if (sent) response.write("x");
        came.resolve();
      });
      const stream = open(client);
      await (sent ? once(stream, "data") : came.promise);
      leave(stream, client);
      const { outcome, status } = await end;
      assert.deepEqual([outcome, status], ["aborted", sent ? 200 : undefined]);
    });
  }

  test("T3: an HTTP/2 response that the client cancels stays aborted where the service then destroys it with an error", async (t) => {
    const { client, end } = await observedHttp2(t, (request, response) => {
      response.write("x");
      request.on("aborted", () => response.destroy(boom));
    });
    const stream = open(client);
    await once(stream, "data");
    stream.close(8);
    assert.equal((await end).outcome, "aborted");
  });

  for (const [when, sent] of [
    ["before its headers", false],
    ["in its body", true],
  ] as const) {
    test(`T3: what an HTTP/2 response is destroyed with ${when} is the request's error`, async (t) => {
      const { client, end } = await observedHttp2(t, (_, response) => {
        if (sent) response.write("x");
        setImmediate(() => response.destroy(boom));
      });
      open(client);
      const { outcome, error } = await end;
      assert.deepEqual([outcome, error], ["torn", boom]);
    });
  }

  for (const [way, tear] of [
    ["destroys the stream", (response: ServerResponse) => streamOf(response).destroy()],
    ["destroys it with an error", (response: ServerResponse) => streamOf(response).destroy(boom)],
    ["resets it", (response: ServerResponse) => streamOf(response).close(2)],
  ] as const) {
    test(`T3: an HTTP/2 response is torn where the server ${way}`, async (t) => {
      const { client, end } = await observedHttp2(t, (_, response) => {
        response.write("x");
        setImmediate(() => tear(response));
      });
      open(client);
      assert.equal((await end).outcome, "torn");
    });
  }

  test("L3: a body over HTTP/2 without content-length is read in the request's context", async (t) => {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const server = createHttp2((request, response) => {
      const one = observeRequest(request as never, response as never);
      storage.run("here", () =>
        one.enter(() => {
          request.on("data", () => seen.push(storage.getStore()));
          request.on("end", () => {
            seen.push(storage.getStore());
            response.end();
          });
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    t.after(() => {
      client.destroy();
      server.close();
    });
    const stream = client.request({ ":path": "/", ":method": "POST" });
    stream.end("body");
    await once(stream.resume(), "end");
    assert.deepEqual(seen, ["here", "here"]);
  });
});
