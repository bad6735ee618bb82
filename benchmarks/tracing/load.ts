import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * A load generator for servers whose answers all have one length: it counts bytes and parses one answer only, so that
 * it is never what is waited for. It is told `{ port, seconds }`, sends one request at a time on each of its
 * connections, and answers with how many were answered.
 */
interface Task {
  readonly port: number;
  readonly seconds: number;
}

const CONNECTIONS = 50;
const REQUEST = Buffer.from(
  `${[
    "GET /v1/accounts/acc_1/invoices?limit=20 HTTP/1.1",
    "host: 127.0.0.1:8080",
    "user-agent: bench/1.0",
    "accept: application/json",
    "accept-encoding: gzip, br",
  ].join("\r\n")}\r\n\r\n`,
);
async function open(port: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, "127.0.0.1").setNoDelay(true));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

async function run({ port, seconds }: Task): Promise<number> {
  // Opened for each task: a server closes connections that were idle for five seconds.
  const sockets = await open(port);
  const length = await answerLength(sockets[0] as Socket);
  const end = performance.now() + seconds * 1_000;
  const counts = await Promise.all(sockets.map((socket) => drive(socket, length, end)));
  for (const socket of sockets) socket.destroy();
  return counts.reduce((sum, count) => sum + count, 0) + 1;
}

/** The bytes of an answer. */
async function answerLength(socket: Socket): Promise<number> {
  socket.write(REQUEST);
  let text = "";
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += chunk.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    if (head === -1) continue;
    const body = Number(/^content-length: (\d+)/im.exec(text)?.[1]);
    if (!text.startsWith("HTTP/1.1 200 ") || Number.isNaN(body)) throw new Error(`not an answer:\n${text}`);
    if (text.length >= head + 4 + body) return head + 4 + body;
  }
}

/** One request after the other until `end`; how many were answered. */
function drive(socket: Socket, length: number, end: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let count = 0;
  let missing = length;
  const onData = (chunk: Buffer): void => {
    missing -= chunk.length;
    if (missing > 0) return;
    if (missing < 0) reject(new Error("answers differ in length"));
    count++;
    missing = length;
    if (performance.now() < end) socket.write(REQUEST);
    else {
      socket.off("data", onData).off("close", onClose);
      resolve(count);
    }
  };
  const onClose = (): void => reject(new Error("closed by the server"));
  socket.on("data", onData).on("close", onClose);
  socket.write(REQUEST);
  return promise;
}

process.on("message", (task: Task) => void run(task).then((count) => process.send?.(count)));
