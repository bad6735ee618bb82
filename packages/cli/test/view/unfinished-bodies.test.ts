import assert from "node:assert/strict";
import { on, once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Receiver, startReceiver } from "../../src/index.ts";
import { exportRequest, post, span } from "../helpers/otlp.ts";

const MAX_BODY_BYTES = 262_144;
const ROOM_BYTES = 4 * MAX_BODY_BYTES;
const SENDERS = 40;
const SENT_BYTES = MAX_BODY_BYTES - 64;

async function receiver(t: TestContext): Promise<Receiver> {
  const started = await startReceiver({ port: 0, maxBodyBytes: MAX_BODY_BYTES });
  t.after(() => started.close());
  return started;
}

/** Sends a head and the given bytes of a body, never its end, and gives the first line of the answer if one comes. */
async function sendUnfinished(
  t: TestContext,
  port: number,
  headers: string,
  bytes: Buffer,
  path = "/v1/traces",
): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  const answer = firstAnswer(socket);
  answer.catch(() => {});
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`,
  );
  socket.write(bytes);
  return { socket, answer };
}

/** The first line of what is answered, "go on" left out. */
async function firstAnswer(socket: Socket): Promise<string> {
  let text = "";
  for await (const [data] of on(socket, "data", { close: ["close"] })) {
    text += data;
    const line = text.replace("HTTP/1.1 100 Continue\r\n\r\n", "").split("\r\n")[0]!;
    if (line !== "") return line;
  }
  return new Promise(() => {});
}

const BODY = Buffer.alloc(SENT_BYTES, " ");
const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

interface Form {
  readonly path?: string;
  readonly headers: string;
  readonly bytes: Buffer;
}

const FORMS: Readonly<Record<string, Form>> = {
  "with their length given": { headers: `Content-Length: ${MAX_BODY_BYTES}`, bytes: BODY },
  "in chunks": { headers: "Transfer-Encoding: chunked", bytes: chunk(BODY) },
  "of log records": { path: "/v1/logs", headers: `Content-Length: ${MAX_BODY_BYTES}`, bytes: BODY },
  "of metrics, in chunks": { path: "/v1/metrics", headers: "Transfer-Encoding: chunked", bytes: chunk(BODY) },
  "of which each is asked for first": {
    headers: `Expect: 100-continue\r\nContent-Length: ${MAX_BODY_BYTES}`,
    bytes: BODY,
  },
  "packed by gzip": { headers: `Content-Length: ${MAX_BODY_BYTES}\r\nContent-Encoding: gzip`, bytes: BODY },
  "in many small chunks": {
    headers: "Transfer-Encoding: chunked",
    bytes: Buffer.concat(Array.from({ length: SENT_BYTES / 64 }, () => chunk(Buffer.alloc(64, " ")))),
  },
};

for (const [form, { path, headers, bytes }] of Object.entries(FORMS))
  test(`startReceiver() G6: unfinished bodies ${form} have one bound for all of them, and keep no sender out`, async (t) => {
    const { url, port, counts } = await receiver(t);
    const senders = await Promise.all(
      Array.from({ length: SENDERS }, () => sendUnfinished(t, port, headers, bytes, path)),
    );
    // At most so many have room; each of the others is told so.
    const kept = Math.floor(ROOM_BYTES / SENT_BYTES);
    const refused = Promise.withResolvers<void>();
    const answers: string[] = [];
    for (const { answer } of senders)
      answer.then((line) => {
        answers.push(line);
        if (answers.length === SENDERS - kept) refused.resolve();
      });
    await refused.promise;
    assert.deepEqual([...new Set(answers)], ["HTTP/1.1 503 Service Unavailable"]);
    const { status, text } = await post(url, exportRequest("web", [span(1, 0, 1)]));
    assert.equal(status, 200, text);
    assert.equal((await counts()).spans, 1);
  });

test("startReceiver() G6: bodies that unpack to the largest size are unpacked one after another", async (t) => {
  const { url, counts } = await receiver(t);
  const bomb = gzipSync(`{"resourceSpans":[],"x":"${"x".repeat(MAX_BODY_BYTES - 64)}"}`);
  const good = gzipSync(JSON.stringify(exportRequest("web", [span(1, 0, 1)])));
  const sent = Array.from({ length: 50 }, (_, i) =>
    post(url, i === 49 ? good : bomb, { "content-encoding": "gzip" }),
  );
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.equal((await counts()).spans, 1);
});

test("startReceiver() G6: a sender who leaves in the middle gives its room back", async (t) => {
  const { url, port } = await receiver(t);
  for (let i = 0; i < SENDERS; i++) {
    const { socket } = await sendUnfinished(t, port, `Content-Length: ${MAX_BODY_BYTES}`, BODY);
    await once(socket, "connect");
    socket.destroy();
  }
  const { answer } = await sendUnfinished(t, port, `Content-Length: ${MAX_BODY_BYTES}`, BODY);
  assert.equal((await post(url, exportRequest("web", [span(1, 0, 1)]))).status, 200);
  assert.equal(
    await Promise.race([answer, post(url, "{").then(({ status }) => status)]),
    400,
    "it still waits",
  );
});
