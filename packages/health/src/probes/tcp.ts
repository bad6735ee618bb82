import { connect } from "node:net";
import { requiredInteger } from "@whodunit/core";
import {
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { hostNameOrAddress } from "./check-address.ts";

/** What {@link tcpProbe} takes. */
export interface TcpProbeOptions extends ProbeSettings {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const SHAPE: OwnShape<TcpProbeOptions> = {
  host: hostNameOrAddress,
  port: requiredInteger(1, 65_535),
};

/**
 * Connects to a port and hangs up: being accepted is all that is asked, so each run is a connection. A process
 * that is stopped is still accepted, by its kernel; watch it by something that it must answer.
 *
 * @throws TypeError when an option is wrong
 */
export function tcpProbe(options: TcpProbeOptions): Probe {
  checkProbeOptions("tcpProbe", options, SHAPE);
  const { host, port } = options;
  return probeFrom(options, {
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
