import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { resetConnection } from "../../../../test/helpers/reset.ts";

/** What a network can do to a connection. */
export type NetworkMode = "pass" | "black-hole" | "half-open" | "reset";

/** A network between a client and a server, to be broken at will. */
export interface Proxy {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /**
   * `black-hole`: whatever is sent, old connection or new, is swallowed; `half-open`: the server's side is gone and the
   * client has not been told; `reset`: every connection is reset, old and new; `pass`: as it should be, connections
   * broken before being closed, as keep-alive would in the end.
   */
  become(mode: NetworkMode): void;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket | undefined;
}

/** Puts a network in front of `targetPort`. */
export async function startProxy(t: TestContext, targetPort: number): Promise<Proxy> {
  let mode: NetworkMode = "pass";
  let accepted = 0;
  const pairs = new Set<Pair>();

  const listener = createServer((client) => {
    accepted++;
    client.on("error", () => {});
    if (mode === "reset") return void resetConnection(client);
    const server = mode === "pass" ? connect({ host: "127.0.0.1", port: targetPort }) : undefined;
    const pair = { client, server };
    pairs.add(pair);
    client.on("data", (chunk) => mode === "pass" && server?.write(chunk));
    client.on("close", () => {
      pairs.delete(pair);
      server?.destroy();
    });
    server?.on("error", () => resetConnection(client));
    server?.on("data", (chunk) => mode === "pass" && client.write(chunk));
    server?.on("close", () => mode === "pass" && client.destroy());
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => {
    for (const { client } of pairs) client.destroy();
    listener.close();
  });

  return {
    port: (listener.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    become(next) {
      const broken = mode !== "pass" && next === "pass";
      mode = next;
      for (const { client, server } of pairs) {
        if (next === "half-open") server?.destroy();
        if (next === "reset") resetConnection(client);
        if (broken) client.destroy();
      }
    },
  };
}
