import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * A load generator for servers whose answers all have one length: it counts bytes and parses one answer only, so that it
 * is never what is waited for. Closed loop: each connection sends its next request when it has its answer. Open loop,
 * with a rate: requests become due in steps of a millisecond whatever the answers do, and a latency counts from when the
 * request was due, so that a server that stalls is not flattered.
 */

/** What a process of this file is told, as a message. It answers with a {@link LoadResult}. */
export interface LoadTask {
  readonly port: number;
  readonly seconds: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests a second; without, the loop is closed. */
  readonly rate?: number;
}

/** What became of the requests; latencies in milliseconds. */
export interface LoadResult {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const CONNECTIONS = 50;
const LATE_MAX_MS = 30_000;

async function run({ port, seconds, rate, headers = {} }: LoadTask): Promise<LoadResult> {
  const lines = [
    "GET /v1/accounts/acc_1/invoices?limit=20 HTTP/1.1",
    "host: 127.0.0.1:8080",
    "user-agent: bench/1.0",
    "accept: application/json",
    "accept-encoding: gzip, br",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const request = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  // Opened for each task: a server closes connections that were idle for five seconds.
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, "127.0.0.1").setNoDelay(true));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const length = await answerLength(sockets[0] as Socket, request);
  const { promise, reject } = Promise.withResolvers<never>();
  for (const socket of sockets) socket.on("close", () => reject(new Error("closed by the server")));
  const ask = (socket: Socket, answered: () => void): void => {
    let missing = length;
    const onData = (chunk: Buffer): void => {
      missing -= chunk.length;
      if (missing > 0) return;
      if (missing < 0) reject(new Error("answers differ in length"));
      socket.off("data", onData);
      answered();
    };
    socket.on("data", onData);
    socket.write(request);
  };
  const loop = rate === undefined ? closedLoop(sockets, ask, seconds) : openLoop(sockets, ask, seconds, rate);
  const latencies = await Promise.race([loop, promise]);
  for (const socket of sockets) socket.removeAllListeners("close").destroy();
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  // The one request that the length was learnt from is the server's work, too.
  return { count: sorted.length + 1, p50Ms: at(0.5), p99Ms: at(0.99) };
}

type Ask = (socket: Socket, answered: () => void) => void;

/** The latencies of all requests, in milliseconds. */
async function closedLoop(sockets: readonly Socket[], ask: Ask, seconds: number): Promise<number[]> {
  const end = performance.now() + seconds * 1_000;
  const latencies: number[] = [];
  const drive = async (socket: Socket): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let sentAt = performance.now();
    const next = (): void => {
      const now = performance.now();
      latencies.push(now - sentAt);
      sentAt = now;
      if (now < end) ask(socket, next);
      else resolve();
    };
    ask(socket, next);
    await promise;
  };
  await Promise.all(sockets.map(drive));
  return latencies;
}

async function openLoop(
  sockets: readonly Socket[],
  ask: Ask,
  seconds: number,
  rate: number,
): Promise<number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  const free = [...sockets];
  const due: number[] = [];
  const latencies: number[] = [];
  const total = Math.round(seconds * rate);
  const start = performance.now();
  let asked = 0;
  const send = (socket: Socket, dueAt: number): void =>
    ask(socket, () => {
      latencies.push(performance.now() - dueAt);
      const waiting = due.shift();
      if (waiting !== undefined) send(socket, waiting);
      else free.push(socket);
      if (latencies.length === total) {
        clearInterval(timer);
        resolve(latencies);
      }
    });
  const timer = setInterval(() => {
    const now = performance.now();
    for (; asked < total; asked++) {
      const dueAt = start + Math.floor((asked * 1_000) / rate);
      if (dueAt > now) break;
      const socket = free.pop();
      if (socket === undefined) due.push(dueAt);
      else send(socket, dueAt);
    }
    if (now > start + seconds * 1_000 + LATE_MAX_MS) {
      clearInterval(timer);
      reject(new Error(`${latencies.length} of ${total} requests were answered in time`));
    }
  }, 1);
  return await promise;
}

/** The bytes of an answer. */
async function answerLength(socket: Socket, request: Buffer): Promise<number> {
  socket.write(request);
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

process.on("message", (task: LoadTask) => void run(task).then((result) => process.send?.(result)));
