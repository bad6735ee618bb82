import assert from "node:assert/strict";
import { EventEmitter, on, once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { Transform, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { createLogger } from "@whodunit/logger";
import { withLogger } from "@whodunit/logger/node";

/** Reads a body in one of the ways there are, tells of it, and answers. */
type Reader = (request: IncomingMessage, response: ServerResponse, tell: () => void) => unknown;

const READERS: Readonly<Record<string, Reader>> = {
  "data and end": (body, response, tell) => {
    body.on("data", tell).on("end", () => {
      tell();
      response.end();
    });
  },
  "readable and read()": (body, response, tell) => {
    body
      .on("readable", () => {
        tell();
        while (body.read() !== null);
      })
      .on("end", () => response.end());
  },
  "a loop": async (body, response, tell) => {
    for await (const _chunk of body) tell();
    response.end();
  },
  "text()": async (body, response, tell) => {
    await text(body);
    tell();
    response.end();
  },
  "a pipeline": async (body, response, tell) => {
    const write = (_chunk: unknown, _encoding: string, done: () => void): void => {
      tell();
      done();
    };
    await pipeline(body, new Writable({ write }));
    response.end();
  },
  "a pipe through a transform": (body, response, tell) => {
    const through = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
    body
      .pipe(through)
      .on("data", tell)
      .on("end", () => response.end());
  },
  "once()": async (body, response, tell) => {
    await once(body.resume(), "end");
    tell();
    response.end();
  },
  "on()": async (body, response, tell) => {
    const chunks = on(body, "data", { close: ["end"] });
    for await (const _chunk of chunks) tell();
    response.end();
  },
  "an emitter of the application's": (body, response, tell) => {
    const chunks = new EventEmitter().on("chunk", tell);
    body.on("data", () => chunks.emit("chunk")).on("end", () => response.end());
  },
  "a listener that comes late": (body, response, tell) => {
    setImmediate(() => body.on("data", tell).on("end", () => response.end()));
  },
};

async function postOver(protocol: string, port: number): Promise<void> {
  if (protocol === "HTTP/1.1") {
    const made = request({ port, host: "127.0.0.1", method: "POST", agent: false });
    made.write("first");
    setImmediate(() => made.end("second"));
    const [response] = (await once(made, "response")) as [IncomingMessage];
    await once(response.resume(), "end");
    return;
  }
  const client = connect(`http://127.0.0.1:${port}`);
  const stream = client.request({ ":path": "/", ":method": "POST" });
  stream.resume().write("first");
  setImmediate(() => stream.end("second"));
  await once(stream, "close");
  client.close();
}

for (const protocol of ["HTTP/1.1", "HTTP/2"]) {
  for (const [way, reader] of Object.entries(READERS)) {
    test(`L3: over ${protocol}, lines that are written while a body is read by ${way} have the request's id`, async (t) => {
      const lines: { msg: string; RequestID?: string }[] = [];
      const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
      const logger = createLogger({ service: "web", throttle: false, destination });
      const handler = withLogger((body, response) => reader(body, response, () => logger.error("chunk")), {
        logger,
      });
      const server: Server =
        protocol === "HTTP/2" ? createHttp2Server(handler as never) : createServer(handler);
      t.after(() => server.close());
      await once(server.listen(0, "127.0.0.1"), "listening");
      await postOver(protocol, (server.address() as AddressInfo).port);
      const told = lines.filter(({ msg }) => msg === "web-chunk");
      assert.ok(told.length > 0);
      for (const { RequestID } of told) assert.equal(typeof RequestID, "string");
      assert.equal(new Set(told.map(({ RequestID }) => RequestID)).size, 1);
    });
  }
}
