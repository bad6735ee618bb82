import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type Answer,
  answerOf,
  createGuard,
  errorCode,
  type Guard,
  type GuardOptions,
  json,
  OPEN_METRICS,
  OPEN_METRICS_TYPE,
  reportFault,
  send,
  UNAUTHORIZED,
} from "@whodunit/core";
import { runningTracing } from "../running/running.ts";
import { parseFilter } from "../traffic/tap-reader.ts";

/** The paths that are answered, by GET and HEAD. */
export const DEBUG_PATHS: readonly string[] = ["/debug/traffic", "/debug/tap"];

const JSON_TYPE = "application/json; charset=utf-8";

/** The admin routes of tracing, without a framework. */
export class DebugRoutes {
  readonly #guard: Guard;

  /** @throws TypeError, in the name of `owner`, when an option is wrong */
  constructor(owner: string, options: GuardOptions) {
    this.#guard = createGuard(options, owner);
  }

  /** Whether the routes are there at all. */
  get enabled(): boolean {
    return this.#guard.enabled;
  }

  /** Answers on Node's own request and response; false when the request is for something else. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#matches(request)) return false;
    send(response, this.answer(request));
    return true;
  }

  /** What to answer. @param path what a framework has made of the request's URL */
  async answer(request: IncomingMessage, path: string = pathOf(request.url ?? "")): Promise<Answer> {
    if (!(await this.#guard.admits(request))) return UNAUTHORIZED;
    const tracing = runningTracing();
    if (tracing === undefined) return json(503, { error: "tracing is not started" });
    if (path === "/debug/traffic") {
      // A scraper names the type it wants; whoever does not reads JSON.
      const { traffic } = tracing;
      return request.headers.accept?.includes(OPEN_METRICS) === true
        ? answerOf(200, OPEN_METRICS_TYPE, (response) => write(response, traffic.openMetrics()))
        : answerOf(200, JSON_TYPE, (response) => write(response, traffic.snapshotJson()));
    }

    const filter = parseFilter(new URLSearchParams(queryOf(request.url ?? "")));
    if (typeof filter === "string") return json(400, { error: filter });
    if (tracing.tap.isFull) return json(503, { error: "ten readers follow already" });
    return answerOf(200, "application/x-ndjson", (response) => tracing.tap.follow(filter, response));
  }

  #matches({ url = "", method }: IncomingMessage): boolean {
    if (!url.startsWith("/debug/") || !this.#guard.enabled) return false;
    return (method === "GET" || method === "HEAD") && DEBUG_PATHS.includes(pathOf(url));
  }
}

// What a connection that the reader closed is told by.
const GONE = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"]);

/** Writes pieces as fast as they are read; a reader that goes ends their making. */
function write(response: ServerResponse, pieces: AsyncIterable<string>): void {
  pipeline(Readable.from(pieces), response).catch((error: unknown) => {
    if (!GONE.has(errorCode(error) ?? "")) reportFault("WHODUNIT_ADMIN_ANSWER", error);
  });
}

const pathOf = (url: string): string => url.split("?", 1)[0] as string;
const queryOf = (url: string): string => url.split("?", 2)[1] ?? "";
