import type { IncomingMessage, ServerResponse } from "node:http";
import { createGuard, type Guard, type GuardOptions } from "@whodunit/core";
import type { Logger } from "../logger.ts";

/** The path that shows and changes levels. */
export const LEVEL_PATH = "/debug/level";

const BODY_MAX = 4_096;

/** An answer, ready to be written by whatever framework. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * `GET /debug/level` answers `{ service, levels: [{ prefix, level, until: ISO | null }] }`. `PUT` takes
 * `{ prefix, level: "debug" | "error" | null, ttlMs? }`, where null takes back what was set, and answers the same.
 */
export class LevelRoute {
  readonly #guard: Guard;
  readonly #logger: Logger;

  constructor(logger: Logger, options: GuardOptions) {
    this.#guard = createGuard(options);
    this.#logger = logger;
  }

  /** Whether the route is there at all. */
  get enabled(): boolean {
    return this.#guard.enabled;
  }

  /** Answers on Node's own request and response; false when the request is for something else. */
  serve(request: IncomingMessage & { readonly body?: unknown }, response: ServerResponse): boolean {
    const [path] = (request.url ?? "").split("?");
    if (path !== LEVEL_PATH || !this.enabled) return false;
    void this.#serve(request, response);
    return true;
  }

  /** What to answer. Never throws. */
  async answer(request: IncomingMessage, readBody: () => unknown): Promise<Answer> {
    if (!(await this.#guard.admits(request))) return answer(401, { error: "unauthorized" });
    if (request.method === "GET" || request.method === "HEAD") return this.#list();
    if (request.method !== "PUT")
      return answer(405, { error: "want GET or PUT" }, { allow: "GET, HEAD, PUT" });
    try {
      this.#change(await readBody(), request.socket.remoteAddress ?? "unknown");
      return this.#list();
    } catch (error) {
      return answer(400, { error: error instanceof Error ? error.message : "bad request" });
    }
  }

  async #serve(
    request: IncomingMessage & { readonly body?: unknown },
    response: ServerResponse,
  ): Promise<void> {
    // A body parser may have been there first.
    const { status, headers, body } = await this.answer(request, () => request.body ?? readJson(request));
    response.writeHead(status, headers);
    response.end(request.method === "HEAD" ? undefined : body);
  }

  #list(): Answer {
    const { service, levels } = this.#logger.root;
    return answer(200, { service, levels: levels.list() });
  }

  #change(body: unknown, address: string): void {
    if (typeof body !== "object" || body === null) throw new TypeError("the body is no JSON object");
    const { prefix, level, ttlMs } = body as {
      prefix: string;
      level: "debug" | "error" | null;
      ttlMs?: number;
    };
    const by = `PUT ${LEVEL_PATH} from ${address}`;
    this.#logger.setLevel(prefix, level, ttlMs === undefined ? { by } : { by, ttlMs });
  }
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > BODY_MAX) throw new RangeError(`the body has more than ${BODY_MAX} characters`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError("the body is no JSON");
  }
}
