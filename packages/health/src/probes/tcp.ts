import { connect } from "node:net";
import { checkInteger } from "@whodunit/core";
import { type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkHost } from "./check-address.ts";

/** What {@link tcpProbe} takes. */
export interface TcpProbeOptions extends ProbeSettings {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Connects to a port and hangs up: being accepted is all that is asked, so each run is a connection. A process
 * that is stopped is still accepted, by its kernel; watch it by something that it must answer.
 *
 * @throws TypeError when an option is wrong
 */
export function tcpProbe(options: TcpProbeOptions): Probe {
  const { host, port } = options;
  checkHost("tcpProbe", "host", host);
  checkInteger("tcpProbe", "port", port ?? Number.NaN, 1, 65_535);
  return probeFrom("tcpProbe", options, ["host", "port"], {
    check: (signal) =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({ host, port });
        const hangUp = (): void => void socket.destroy();
        signal.addEventListener("abort", hangUp, { once: true });
        socket.on("close", () => {
          signal.removeEventListener("abort", hangUp);
          // Without an answer or an error so far it was hung up on; the run must end all the same.
          reject(new Error("the connection was closed"));
        });
        socket.on("error", reject);
        socket.on("connect", () => {
          resolve();
          socket.destroy();
        });
      }),
  });
}
