import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A way to a service: what goes there may be held up. */
export interface Relay {
  readonly url: string;
  /** How much later each piece arrives, in milliseconds. */
  delayMs: number;
}

/** Hands on what it gets to `target`, and what comes back. */
export async function startRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target);
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      setTimeout(() => upstream.write(chunk), relay.delayMs);
    });
    upstream.pipe(socket);
    socket.on("close", () => upstream.destroy());
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  const relay = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, delayMs: 0 };
  return relay;
}
