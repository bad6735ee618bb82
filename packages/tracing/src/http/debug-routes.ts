import type { IncomingMessage, ServerResponse } from "node:http";
import { createGuard, type Guard, type GuardOptions } from "@whodunit/core";
import { runningTracing } from "../running/running.ts";
import { OPEN_METRICS } from "../traffic/open-metrics.ts";
import { parseFilter } from "../traffic/tap-reader.ts";

/** An answer, ready to be written by whatever framework: a body, or a stream that goes on. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ((response: ServerResponse) => void);
}

/** The paths that are answered, by GET and HEAD. */
export const DEBUG_PATHS: readonly string[] = ["/debug/traffic", "/debug/tap"];

/** The admin routes of tracing, without a framework. */
export class DebugRoutes {
  readonly #guard: Guard;

  constructor(options: GuardOptions) {
    this.#guard = createGuard(options);
  }

  /** Whether the routes are there at all. */
  get enabled(): boolean {
    return this.#guard.enabled;
  }

  /** Whether this request is for one of the routes. */
  matches(request: IncomingMessage): boolean {
    const { url = "", method } = request;
    if (!url.startsWith("/debug/") || !this.#guard.enabled) return false;
    return (method === "GET" || method === "HEAD") && DEBUG_PATHS.includes(pathOf(url));
  }

  /** What to answer. Never throws. */
  async answer(request: IncomingMessage): Promise<Answer> {
    if (!(await this.#guard.admits(request))) return json(401, { error: "unauthorized" });
    const tracing = runningTracing();
    if (tracing === undefined) return json(503, { error: "tracing is not started" });
    const url = request.url ?? "";
    if (pathOf(url) === "/debug/traffic") {
      // A scraper names the type it wants; whoever does not reads JSON.
      return request.headers.accept?.includes(OPEN_METRICS) === true
        ? openMetrics(tracing.traffic.openMetrics())
        : json(200, tracing.traffic.snapshot());
    }

    const filter = parseFilter(new URLSearchParams(url.slice(pathOf(url).length + 1)));
    if (typeof filter === "string") return json(400, { error: filter });
    if (tracing.tap.isFull) return json(503, { error: "ten readers follow already" });
    const headers = { "content-type": "application/x-ndjson", "cache-control": "no-store" };
    if (request.method === "HEAD") return { status: 200, headers, body: "" };
    return {
      status: 200,
      headers,
      body: (response) => {
        response.flushHeaders();
        tracing.tap.follow(filter, response);
      },
    };
  }
}

const pathOf = (url: string): string => url.split("?", 1)[0] as string;

function json(status: number, body: unknown): Answer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers, body: JSON.stringify(body) };
}

function openMetrics(body: string): Answer {
  const type = `${OPEN_METRICS}; version=1.0.0; charset=utf-8`;
  return { status: 200, headers: { "content-type": type, "cache-control": "no-store" }, body };
}
