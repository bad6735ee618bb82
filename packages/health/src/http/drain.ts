import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import { onShutdown, requestsInFlight } from "@whodunit/core";

/** How long the end of a service may take, in milliseconds. */
export interface DrainTimes {
  /** How long to go on serving, while the balancer notices. */
  readonly delayMs: number;
  /** How long requests under way may take to finish once the servers have stopped listening; then they are cut. */
  readonly finishMs: number;
}

const IN_PRODUCTION: DrainTimes = { delayMs: 5_000, finishMs: 10_000 };
/** At a desk somebody waits for the prompt, or for the next start on the same port, and no balancer watches. */
const AT_A_DESK: DrainTimes = { delayMs: 0, finishMs: 500 };
/** For what has been cut to be gone. */
const CUT_MS = 250;
const IDLE_CHECK_MS = 50;

/** The times of `drainDelayMs`; where it is not given, those of production or of a desk, by NODE_ENV. */
export function drainTimes(drainDelayMs: number | undefined): DrainTimes {
  if (drainDelayMs !== undefined) return { ...IN_PRODUCTION, delayMs: drainDelayMs };
  return process.env.NODE_ENV === "production" ? IN_PRODUCTION : AT_A_DESK;
}

/** How a server is closed, and the HTTP/2 sessions it has open. */
interface AdoptedServer {
  readonly close: () => Promise<void>;
  readonly sessions: Set<ServerHttp2Session>;
}

/**
 * The end of a service without a failed request: say that it is going and keep serving until the balancer has
 * noticed, then close the servers when what is in flight is done.
 */
export class Drain {
  readonly #times: DrainTimes;
  readonly #servers = new Map<Server, AdoptedServer>();
  readonly #takeOff: readonly (() => void)[];
  #draining = false;

  constructor(times: DrainTimes) {
    this.#times = times;
    this.#takeOff = [
      onShutdown({
        phase: "drain",
        name: "health-drain",
        timeoutMs: times.delayMs + 1_000,
        close: (hurry) => this.#drain(hurry),
      }),
      onShutdown({
        phase: "servers",
        name: "health-servers",
        timeoutMs: times.finishMs + CUT_MS,
        close: (hurry) => this.#closeServers(hurry),
      }),
    ];
  }

  /** Whether the service is on its way out. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Requests that have begun and not ended, Whodunit's own left out. */
  get inFlight(): number {
    return requestsInFlight();
  }

  /** Closes `server` in the shutdown, by `close` where somebody else must do it. */
  adopt(server: Server, close: () => Promise<void> = () => closeServer(server)): void {
    if (this.#servers.has(server)) return;
    this.#servers.set(server, { close, sessions: trackHttp2Sessions(server) });
    server.once("close", () => this.#servers.delete(server));
    if (this.#draining) server.prependListener("request", sendAway);
  }

  /** Leaves the process's shutdown list. */
  takeOff(): void {
    for (const takeOff of this.#takeOff) takeOff();
  }

  async #drain(hurry: AbortSignal): Promise<void> {
    this.#draining = true;
    for (const server of this.#servers.keys()) server.prependListener("request", sendAway);
    const { delayMs } = this.#times;
    if (hurry.aborted || delayMs === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      hurry.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #closeServers(hurry: AbortSignal): Promise<void> {
    const { finishMs } = this.#times;
    const finished = Array.from(this.#servers, ([server, adopted]) =>
      closeGracefully(server, adopted, finishMs, hurry),
    );
    await Promise.all(finished);
  }
}

// A client that is told so opens its next connection elsewhere; closing an idle connection under it may lose
// the request it is just sending (RFC 9112, section 9.6).
function sendAway(_request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
}

// Before Node 24 an HTTP/2 server's close() leaves its sessions open. Servers of node:http have no such event.
function trackHttp2Sessions(server: Server): Set<ServerHttp2Session> {
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  return sessions;
}

async function closeGracefully(
  server: Server,
  { close, sessions }: AdoptedServer,
  finishMs: number,
  hurry: AbortSignal,
): Promise<void> {
  // HTTP/2 servers have neither.
  const { closeAllConnections: closeAll, closeIdleConnections: closeIdle } = server as Partial<Server>;
  // A connection whose last request began before the drain stays open, idle, until its keep-alive ends.
  const idle = setInterval(() => closeIdle?.call(server), IDLE_CHECK_MS);
  const cut = (): void => {
    clearInterval(idle);
    closeAll?.call(server);
    for (const session of sessions) session.destroy();
  };
  if (hurry.aborted) cut();
  else hurry.addEventListener("abort", cut);
  for (const session of sessions) session.close();
  const late = setTimeout(cut, finishMs);
  try {
    await close();
  } finally {
    clearInterval(idle);
    clearTimeout(late);
    hurry.removeEventListener("abort", cut);
  }
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
