import { isIP } from "node:net";
import type { PeerCertificate } from "node:tls";
import { anything, integer, optionError } from "@whodunit/core";
import {
  type CheckResult,
  checkProbeOptions,
  type OwnShape,
  type Probe,
  type ProbeSettings,
  probeFrom,
} from "../watch/probe.ts";
import { hostNameOrAddress } from "./check-address.ts";
import { holdAgainst, type Thresholds } from "./gauge.ts";

/** What {@link tlsProbe} takes. */
export interface TlsProbeOptions extends ProbeSettings {
  readonly name: string;
  readonly host: string;
  /** @default 443 */
  readonly port?: number;
  /** The name the certificate must be for, no address. Default: `host`. */
  readonly servername?: string;
  /** Certificate authorities to trust, PEM. Default: Node's. */
  readonly ca?: string | Buffer;
  /** With fewer days left the certificate is DEGRADED. @default 21 */
  readonly degradedDays?: number;
  /** With fewer days left it is ERROR. @default 3 */
  readonly errorDays?: number;
}

const DAY_MS = 86_400_000;

const SHAPE: OwnShape<TlsProbeOptions> = {
  host: hostNameOrAddress,
  port: integer(1, 65_535),
  servername: (owner, option, name) => {
    if (name !== undefined) hostNameOrAddress(owner, option, name);
  },
  // Read by node:tls, and never shown.
  ca: anything,
  degradedDays: integer(0, 3_650),
  // It depends on the other.
  errorDays: anything,
};

/**
 * Looks at a server's certificate, each hour unless told otherwise: ERROR when it is not valid for the name, or
 * nearly over; DEGRADED when it should have been renewed. Each run is a connection.
 *
 * @throws TypeError when an option is wrong
 */
export function tlsProbe(options: TlsProbeOptions): Probe {
  checkProbeOptions("tlsProbe", options, SHAPE);
  const { host, port = 443, ca, degradedDays = 21, errorDays = 3 } = options;
  // An address cannot be asked for by name (RFC 6066, section 3); the certificate is held against it all the same.
  const servername = options.servername ?? (isIP(host) === 0 ? host : undefined);
  if (isIP(servername ?? "") !== 0)
    throw optionError("tlsProbe", "servername", servername, "a name, no address");
  integer(0, degradedDays)("tlsProbe", "errorDays", errorDays);
  const thresholds: Thresholds = { degradedAt: degradedDays, errorAt: errorDays, bad: "low", unit: "days" };
  return probeFrom(options, {
    ...(options.intervalMs === undefined && { intervalMs: 3_600_000, timeoutMs: 10_000 }),
    check: (signal) =>
      new Promise<CheckResult>((resolve, reject) => {
        // Loaded where it is asked: most services have no such probe, and start sooner without.
        const socket = process.getBuiltinModule("node:tls").connect({
          host,
          port,
          ...(servername !== undefined && { servername }),
          ...(ca !== undefined && { ca }),
        });
        const hangUp = (): void => void socket.destroy();
        signal.addEventListener("abort", hangUp, { once: true });
        socket.on("close", () => {
          signal.removeEventListener("abort", hangUp);
          // Without an answer or an error so far it was hung up on; the run must end all the same.
          reject(new Error("the connection was closed"));
        });
        socket.on("error", reject);
        socket.on("secureConnect", () => {
          const days = daysLeft(socket.getPeerCertificate());
          resolve(holdAgainst(days, thresholds));
          socket.destroy();
        });
      }),
  });
}

const daysLeft = (certificate: PeerCertificate): number =>
  Math.floor((Date.parse(certificate.valid_to) - Date.now()) / DAY_MS);
