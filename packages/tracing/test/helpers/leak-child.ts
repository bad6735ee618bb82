import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { startTracing } from "../../src/index.ts";
import { withTracing } from "../../src/node.ts";

// Sends itself requests over sockets that stay open, one in twenty aborted, and prints how the heap grew.
const total = Number(process.argv[2]);
const gc = globalThis.gc as () => void;
const tracing = startTracing({ service: "web" });
const emitters: EventEmitter[] = [];
let open = 0;
let hanging = 0;
const server = createServer(
  withTracing((request, response) => {
    open++;
    response.on("close", () => open--);
    if (request.url === "/hangs") {
      hanging++;
      return;
    }
    // Kept for ever, and made inside a request, as connection pools are.
    if (emitters.length < 1_000) emitters.push(new EventEmitter().on("x", () => {}));
    response.setHeader("content-length", 2);
    response.end("ok");
  }),
).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;

const sockets = Array.from({ length: 20 }, () => connect(port, "127.0.0.1"));

async function roundTrip(socket: Socket, count: number): Promise<void> {
  let seen = 0;
  let rest = "";
  const done = Promise.withResolvers<void>();
  const onData = (chunk: Buffer): void => {
    const parts = (rest + chunk.toString("latin1")).split("\r\n\r\nok");
    rest = parts.pop() ?? "";
    seen += parts.length;
    if (seen === count) done.resolve();
  };
  socket.on("data", onData);
  socket.write("GET /a?b=1 HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n".repeat(count));
  await done.promise;
  socket.off("data", onData);
}

async function abortOne(): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  const before = hanging;
  socket.write("GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n");
  while (hanging === before) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
}

async function load(requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += 400) {
    await Promise.all(sockets.map((socket) => roundTrip(socket, 19)));
    for (let i = 0; i < 20; i++) await abortOne();
  }
  while (open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await tracing.flush();
}

async function heapBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

await load(total / 4);
const before = await heapBytes();
await load(total);
const grownBytes = (await heapBytes()) - before;
const { ended, exported, pending } = tracing.spans();
const { series } = tracing.traffic.snapshot();
const last = series.find((one) => one.windowS === 600);
console.log(
  JSON.stringify({ grownBytes, ended, exported, pending, count: last?.count, aborted: last?.aborted }),
);
process.exit(0);
