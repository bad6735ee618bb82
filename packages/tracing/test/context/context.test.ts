import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { requests } from "../../../../test/helpers/scale.ts";
import { currentSpan, withSpan } from "../../src/index.ts";
import { withTracing } from "../../src/node.ts";
import { recordTracing } from "../../src/testing.ts";
import { listen } from "../helpers/tracing.ts";

const COUNT = requests(10_000);
const TOLD = COUNT.toLocaleString("en");
const AT_ONCE = Math.min(1_000, COUNT);

test(`the active span is right across await, timers, emitters and streams in ${TOLD} interleaved spans`, async (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  let wrong = 0;
  const work = async (i: number): Promise<void> => {
    await withSpan(`span ${i}`, async (span) => {
      const check = (): void => {
        if (currentSpan() !== span) wrong++;
      };
      await Promise.resolve();
      check();
      await sleep(i % 7);
      check();
      const emitter = new EventEmitter();
      setImmediate(() => emitter.emit("done"));
      await once(emitter, "done");
      check();
      await pipeline(
        Readable.from([1, 2]),
        async function* (source) {
          for await (const item of source) {
            check();
            yield item;
          }
        },
        async (source) => {
          for await (const _ of source) check();
        },
      );
      await withSpan("child", async (child) => {
        await new Promise((resolve) => process.nextTick(resolve));
        if (currentSpan() !== child) wrong++;
      });
      check();
    });
  };
  for (let start = 0; start < COUNT; start += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, COUNT - start) }, (_, i) => work(start + i)));
  }
  assert.equal(wrong, 0);
  assert.equal(recorder.spans.length, 2 * COUNT);
  const parents = new Map(
    recorder.spans.filter((span) => span.name !== "child").map((span) => [span.spanId, span]),
  );
  assert.ok(recorder.spans.every((span) => span.name !== "child" || parents.has(span.parentSpanId ?? "")));
});

test(`the active span is the request's own in ${TOLD} interleaved requests, to their close`, async (t) => {
  const recorder = recordTracing();
  t.after(() => recorder.close());
  let wrong = 0;
  let closed = 0;
  // One emitter for all requests, as a connection pool has: it must not hand on the context of another.
  const shared = new EventEmitter().setMaxListeners(0);
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Who asked says in the path who it is: that is not told by what is tested.
    const traceId = String(request.url).slice(1);
    const check = (): void => {
      if (currentSpan()?.context().toTraceId() !== traceId) wrong++;
    };
    check();
    for (const event of ["data", "end", "close"]) request.on(event, check);
    response.on("finish", check);
    response.on("close", () => {
      check();
      closed++;
    });
    request.resume();
    await once(request, "end");
    check();
    const own = Symbol("done");
    setTimeout(() => shared.emit(own), closed % 5);
    await once(shared, own);
    check();
    await pipeline(
      Readable.from(["a", "b"]),
      async function* (source) {
        for await (const part of source) {
          check();
          yield part;
        }
      },
      response,
    );
    check();
  };
  const port = await listen(
    t,
    createServer(withTracing((request, response) => void serve(request, response))),
  );
  const clients = Math.min(100, COUNT);
  const each = Math.ceil(COUNT / clients);
  await Promise.all(Array.from({ length: clients }, (_, n) => askInTurn(port, n, each)));
  assert.equal(wrong, 0);
  assert.equal(closed, clients * each);
  assert.equal(new Set(recorder.spans.map((span) => span.traceId)).size, clients * each);
});

/** One client of many: sends requests over one connection, each in a trace of its own. */
async function askInTurn(port: number, client: number, requests: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  let answered = 0;
  const done = Promise.withResolvers<void>();
  const send = (): void => {
    const traceId = `${client + 1}`.padStart(16, "a") + `${answered + 1}`.padStart(16, "b");
    const headers = `Host: a\r\ntraceparent: 00-${traceId}-${"c".repeat(16)}-01\r\nContent-Length: 4`;
    socket.write(`POST /${traceId} HTTP/1.1\r\n${headers}\r\n\r\nbody`);
  };
  let text = "";
  socket.on("error", done.reject).on("data", (chunk) => {
    text += chunk.toString("latin1");
    // The last chunk of a body that came in pieces.
    if (!text.endsWith("\r\n0\r\n\r\n")) return;
    text = "";
    if (++answered === requests) done.resolve();
    else send();
  });
  send();
  await done.promise;
  socket.destroy();
}
