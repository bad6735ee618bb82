import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { freePort } from "../../../../test/helpers/real-server.ts";
import type { Exemplar, Series } from "../../src/sources/live/traffic-document.ts";

export const NOW = "2026-11-20T08:47:41.960Z";
export const STARTED = "2026-11-20T08:00:00.000Z";

/** A real HTTP server on a free port that ends with the test. */
export async function serve(
  t: TestContext,
  listener: RequestListener,
): Promise<{ url: string; host: string }> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host };
}

/** An address at which nobody listens as long as this process runs. */
export async function deadAddress(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}

/** One series of the last minute; what is not given is well. */
export function series(
  side: "server" | "client",
  peer: string,
  route: string,
  counts: Partial<Omit<Series, "side" | "peer" | "route">> & { error?: string; traceId?: string } = {},
): Series {
  const { error, traceId = "5c522f9b5c522f9b5c522f9b5c522f9b", ...given } = counts;
  const count = given.count ?? 100;
  const failures = given.failures ?? 0;
  const failed: Exemplar = { traceId, spanId: "17c85417c85417c8", at: NOW, status: 500, failed: true };
  return {
    side,
    peer,
    route,
    windowS: 60,
    count,
    failures,
    aborted: 0,
    waiting: 0,
    classes: { "2xx": count - failures, ...(failures > 0 ? { "5xx": failures } : {}) },
    failingSince: failures > 0 ? "2026-11-20T08:46:59.500Z" : null,
    latency: { gamma: 2, bins: count > 0 ? [[4, count]] : [] },
    exemplar: failures > 0 ? { ...failed, ...(error === undefined ? {} : { error }) } : null,
    ...given,
  };
}

/** A service that answers `/debug/traffic`; `seen` holds the requests it got. */
export interface FakeService {
  readonly url: string;
  /** Its `host:port`, as a client series names it. */
  readonly host: string;
  readonly seen: IncomingMessage[];
  /** What it answers from now on. */
  series: readonly Series[];
  /** A whole answer instead. */
  document?: object;
}

interface FakeOptions {
  readonly instance?: string;
  readonly token?: string;
  readonly version?: string | null;
  /** The checks of its `/health/status`; without them it has none. */
  readonly health?: object;
}

/** Starts a fake service; with a token it answers 401 without it. */
export async function fakeService(
  t: TestContext,
  name: string,
  own: readonly Series[] = [],
  { instance = "a", token, version = null, health }: FakeOptions = {},
): Promise<FakeService> {
  const fake: Omit<FakeService, "url" | "host"> = { seen: [], series: own };
  const { url, host } = await serve(t, (req, res) => {
    fake.seen.push(req);
    const open = token === undefined || req.headers.authorization === `Bearer ${token}`;
    if (req.url === "/health/status" && health !== undefined) {
      res.writeHead(200, { "content-type": "application/health+json" });
      res.end(JSON.stringify({ status: "pass", serviceId: name, checks: health }));
      return;
    }
    const found = req.url === "/debug/traffic";
    res.writeHead(found ? (open ? 200 : 401) : 404, { "content-type": "application/json" });
    const document = fake.document ?? {
      service: name,
      instance,
      version,
      startedAt: STARTED,
      now: NOW,
      series: fake.series,
    };
    res.end(JSON.stringify(found && open ? document : {}));
  });
  return Object.assign(fake, { url, host });
}
