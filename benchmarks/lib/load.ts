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
  /** What is asked for, in turn; all answers have one length. @default one path, with a parameter and a query */
  readonly paths?: readonly string[];
  /** @default 50 */
  readonly connections?: number;
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

const PATHS = ["/v1/accounts/acc_1/invoices?limit=20"];
const CONNECTIONS = 50;
const CONNECTS_AT_ONCE = 100;
const LATE_MAX_MS = 30_000;

async function run(task: LoadTask): Promise<LoadResult> {
  const { port, seconds, paths = PATHS, connections = CONNECTIONS, rate, headers = {} } = task;
  const requests = paths.map((path) => requestFor(path, headers));
  // Opened for each task: a server closes connections that were idle for five seconds.
  const sockets: Socket[] = [];
  while (sockets.length < connections)
    sockets.push(...(await connectSome(port, connections - sockets.length)));
  const length = await answerLength(sockets[0] as Socket, requests[0] as Buffer);
  const { promise, reject } = Promise.withResolvers<never>();
  for (const socket of sockets) socket.on("close", () => reject(new Error("closed by the server")));
  let asked = 0;
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
    socket.write(requests[asked++ % requests.length] as Buffer);
  };
  const loop = rate === undefined ? closedLoop(sockets, ask, seconds) : openLoop(sockets, ask, seconds, rate);
  const letSleep = staysAwake();
  const latencies = await Promise.race([loop, promise]);
  letSleep();
  for (const socket of sockets) socket.removeAllListeners("close").destroy();
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  // The one request that the length was learnt from is the server's work, too.
  return { count: sorted.length + 1, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/**
 * Keeps this process from sleeping until what is returned is called. Who writes to a process that sleeps wakes it, on a
 * virtual machine by an interrupt: the slower a service, the more often it would pay for that, three to ten microseconds
 * a request. A caller on another machine costs none of it.
 */
function staysAwake(): () => void {
  let next = setImmediate(turn);
  function turn(): void {
    next = setImmediate(turn);
  }
  return () => clearImmediate(next);
}

// No more at once than wait in the queue of a server that listens.
async function connectSome(port: number, wanted: number): Promise<Socket[]> {
  const count = Math.min(wanted, CONNECTS_AT_ONCE);
  const sockets = Array.from({ length: count }, () => connect(port, "127.0.0.1").setNoDelay(true));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

function requestFor(path: string, headers: Readonly<Record<string, string>>): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "host: 127.0.0.1:8080",
    "user-agent: bench/1.0",
    "accept: application/json",
    "accept-encoding: gzip, br",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
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
