import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** How a callee answers. */
const FAULTS = ["none", "slow", "500", "torn", "refused"] as const;

/** A callee whose faults come and go. */
export interface FaultyCallee {
  readonly url: string;
  /** Lets the next fault begin. */
  turn(): string;
  close(): void;
}

const SLOW_MS = 50;

/** Starts a callee that is well at first. */
export async function startFaultyCallee(): Promise<FaultyCallee> {
  let turn = 0;
  const fault = (): (typeof FAULTS)[number] =>
    turn % 2 === 0 ? "none" : (FAULTS[1 + (((turn - 1) / 2) % (FAULTS.length - 1))] ?? "none");
  const server = createServer((_request, response) => {
    switch (fault()) {
      case "slow":
        setTimeout(() => response.end("slow"), SLOW_MS);
        break;
      case "500":
        response.writeHead(500).end("broken");
        break;
      case "torn":
        response.writeHead(200, { "content-length": "1000" });
        response.write("half");
        setImmediate(() => response.destroy());
        break;
      case "refused":
        response.socket?.destroy();
        break;
      default:
        response.end("well");
    }
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    turn: () => {
      turn++;
      return fault();
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
