import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Answer,
  clusterWorkers,
  createGuard,
  type Guard,
  type GuardOptions,
  json,
  send,
  UNAUTHORIZED,
} from "@whodunit/core";
import type { Logger } from "../logger.ts";

/** The path that shows and changes levels. */
export const LEVEL_PATH = "/debug/level";

const BODY_MAX = 4_096;

/**
 * `GET /debug/level` answers `{ service, levels: [{ prefix, level, until: ISO | null }], redaction }`. `PUT` takes
 * `{ prefix, level: "debug" | "error" | null, ttlMs? }`, where null takes back what was set, and answers the same. A worker
 * of `node:cluster` adds `workers: { worker, of }`: the others were not asked, or told.
 */
export class LevelRoute {
  readonly #guard: Guard;
  readonly #logger: Logger;

  constructor(owner: string, logger: Logger, options: GuardOptions) {
    this.#guard = createGuard(options, owner);
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
    // A body parser may have been there first.
    send(
      response,
      this.answer(request, () => request.body ?? readJson(request)),
    );
    return true;
  }

  /** What to answer. Never throws. */
  async answer(request: IncomingMessage, readBody: () => unknown): Promise<Answer> {
    if (!(await this.#guard.admits(request))) return UNAUTHORIZED;
    if (request.method === "GET" || request.method === "HEAD") return this.#list();
    if (request.method !== "PUT") return json(405, { error: "want GET or PUT" }, { allow: "GET, HEAD, PUT" });
    try {
      this.#change(await readBody(), request.socket.remoteAddress ?? "unknown");
      return this.#list();
    } catch (error) {
      return json(400, { error: error instanceof Error ? error.message : "bad request" });
    }
  }

  #list(): Answer {
    const { service, gates, isRedacting: redaction } = this.#logger.core;
    return json(200, { service, levels: gates.levels.list(), redaction, workers: clusterWorkers() });
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
