import { isIP } from "node:net";
import { connect, type PeerCertificate } from "node:tls";
import { checkInteger, optionError } from "@whodunit/core";
import { type CheckResult, type Probe, type ProbeSettings, probeFrom } from "../watch/probe.ts";
import { checkHost } from "./check-address.ts";
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

const OWN_KEYS = ["host", "port", "servername", "ca", "degradedDays", "errorDays"] as const;
const DAY_MS = 86_400_000;

/**
 * Looks at a server's certificate, each hour unless told otherwise: ERROR when it is not valid for the name, or
 * nearly over; DEGRADED when it should have been renewed. Each run is a connection.
 *
 * @throws TypeError when an option is wrong
 */
export function tlsProbe(options: TlsProbeOptions): Probe {
  const { host, port = 443, ca, degradedDays = 21, errorDays = 3 } = options;
  // An address cannot be asked for by name (RFC 6066, section 3); the certificate is held against it all the same.
  const servername = options.servername ?? (isIP(host) === 0 ? host : undefined);
  checkHost("tlsProbe", "host", host);
  if (options.servername !== undefined) checkHost("tlsProbe", "servername", options.servername);
  if (isIP(servername ?? "") !== 0)
    throw optionError("tlsProbe", "servername", servername, "a name, no address");
  checkInteger("tlsProbe", "port", port, 1, 65_535);
  checkInteger("tlsProbe", "degradedDays", degradedDays, 0, 3_650);
  checkInteger("tlsProbe", "errorDays", errorDays, 0, degradedDays);
  const thresholds: Thresholds = { degradedAt: degradedDays, errorAt: errorDays, bad: "low", unit: "days" };
  return probeFrom("tlsProbe", options, OWN_KEYS, {
    ...(options.intervalMs === undefined && { intervalMs: 3_600_000, timeoutMs: 10_000 }),
    check: (signal) =>
      new Promise<CheckResult>((resolve, reject) => {
        const socket = connect({
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
