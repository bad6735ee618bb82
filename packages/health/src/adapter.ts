import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { anything, checkShape, optionError, ownAnswer, type Shape, send } from "@whodunit/core";
import type { Health } from "./health.ts";
import { healthPathOf } from "./http/routes.ts";

/** What the Express and `node:http` adapters take. */
export interface HealthListenerOptions {
  readonly health: Health;
  /** The server that the shutdown closes. Default: the one that requests come from. */
  readonly server?: Server;
}

const SHAPE: Shape<HealthListenerOptions> = { health: anything, server: anything };

/** Checks the adapter's options and has the shutdown close the server, if it is given. */
export function checkListenerOptions(owner: string, options: HealthListenerOptions): void {
  checkShape(owner, options, SHAPE);
  const { health, server } = options;
  if (typeof health?.answer !== "function") {
    throw optionError(owner, "health", health, "what createHealth() returned");
  }
  if (server === undefined) return;
  if (typeof server.close !== "function") throw optionError(owner, "server", server, "a server of node:http");
  health.adoptServer(server);
}

/** Answers a request to one of health's paths and says whether it was one. */
export function answered(health: Health, request: IncomingMessage, response: ServerResponse): boolean {
  adoptServerOf(health, request);
  const path = healthPathOf(request);
  if (path === undefined) return false;
  // Before the answer is made, which tells how many other requests are in flight.
  ownAnswer(response);
  const answer = health.answer(request, path);
  if (answer !== undefined) send(response, answer);
  return answer !== undefined;
}

const adopted = new WeakMap<Server, WeakSet<Health>>();

/** Has the shutdown close the server that a request came from. No listener is told; node:http leaves it on the socket. */
export function adoptServerOf(health: Health, request: IncomingMessage): void {
  const { server } = request.socket as { server?: Server };
  if (server === undefined || adopted.get(server)?.has(health)) return;
  health.adoptServer(server);
  adopted.set(server, (adopted.get(server) ?? new WeakSet()).add(health));
}
