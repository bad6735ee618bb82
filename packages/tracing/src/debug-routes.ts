import type { IncomingMessage } from "node:http";
import { createGuard, type Guard, type GuardOptions } from "@whodunit/core";
import { runtime } from "./runtime.ts";

/** An answer, ready to be written by whatever framework. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The path that answers this process's traffic. */
export const TRAFFIC_PATH = "/debug/traffic";

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
    if (!url.startsWith(TRAFFIC_PATH) || !this.#guard.enabled) return false;
    const next = url.charAt(TRAFFIC_PATH.length);
    return (next === "" || next === "?") && (method === "GET" || method === "HEAD");
  }

  /** What to answer. Never throws. */
  async answer(request: IncomingMessage): Promise<Answer> {
    if (!(await this.#guard.admits(request))) return answer(401, { error: "unauthorized" });
    const tracing = runtime();
    if (tracing === undefined) return answer(503, { error: "tracing is not started" });
    return answer(200, tracing.traffic.snapshot());
  }
}

function answer(status: number, body: unknown): Answer {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers, body: JSON.stringify(body) };
}
