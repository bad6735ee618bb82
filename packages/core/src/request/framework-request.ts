import type { IncomingMessage, ServerResponse } from "node:http";
import { type ExpressRequestLike, expressRoute, watchRouting } from "./express-route.ts";
import { type ObservedRequest, observeRequest } from "./observed-request.ts";

/**
 * How each framework tells its route. Structural types: core imports no framework, and a change of a
 * framework's major version shows here, in one place, for the plugins of all packages.
 */

/** What is needed of a Fastify request. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined; readonly config?: unknown };
}

/** What is needed of a Fastify reply. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
}

const OWN_ROUTE: unique symbol = Symbol.for("whodunit.own-route");

/** The `config` of a Fastify route that Whodunit itself answers: its requests are known before any hook. */
export const OWN_ROUTE_CONFIG: { readonly [OWN_ROUTE]: true } = { [OWN_ROUTE]: true };

/** The observed request of a Fastify request; its route is the one that Fastify matched first. */
export function observeFastifyRequest(request: FastifyRequestLike, reply: FastifyReplyLike): ObservedRequest {
  const observed = observeRequest(request.raw, reply.raw);
  if (observed.isRouted) return observed;
  // Read once: Fastify makes this object anew for whoever asks, and forgets the route in `callNotFound()`.
  const { url, config } = request.routeOptions;
  observed.routeBy(matchedRoute, url);
  if ((config as { [OWN_ROUTE]?: true } | undefined)?.[OWN_ROUTE] === true) observed.ownAnswer();
  return observed;
}

/** The observed request of an Express request; its route is the router's mount path and the route's own. */
export function observeExpressRequest(
  request: ExpressRequestLike,
  response: ServerResponse,
): ObservedRequest {
  const observed = observeRequest(request, response);
  watchRouting(request);
  observed.routeBy(expressRoute, request);
  return observed;
}

/**
 * An Express error middleware that only looks: `app.use(observeExpressError)` before the application's own makes
 * what a handler threw or passed on known to every plugin. Without it a failed request is seen by its status alone.
 */
export function observeExpressError(
  error: unknown,
  request: ExpressRequestLike,
  response: ServerResponse,
  next: (error: unknown) => void,
): void {
  observeExpressRequest(request, response).error = error;
  next(error);
}

const matchedRoute = (url: string | undefined): string | undefined => url;

/**
 * Names the route of a request that no framework routes, for bare `node:http`: `setRoute(req, res, "/users/:id")`.
 * Call it at any time before the response ends.
 */
export function setRoute(request: IncomingMessage, response: ServerResponse, route: string): void {
  observeRequest(request, response).nameRoute(route);
}

/**
 * Tells why a request fails, for frameworks that answer an error themselves: `setError(req, res, error)` puts it on the
 * request's line, span and traffic. Call it at any time before the response ends.
 */
export function setError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  observeRequest(request, response).error = error;
}

/** What Fastify adds to the options of a plugin. */
export interface FastifyAddedOptions {
  readonly prefix?: string;
  readonly logLevel?: string;
  readonly logSerializers?: unknown;
}

/** Of what a Fastify plugin was given, what Fastify adds, for the scope in which the plugin's routes stand. */
export function addedFastifyOptions(options: object): FastifyAddedOptions {
  const { prefix, logLevel, logSerializers } = options as FastifyAddedOptions;
  return {
    ...(prefix === undefined ? {} : { prefix }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(logSerializers === undefined ? {} : { logSerializers }),
  };
}

/** A Fastify plugin's own options, without those that Fastify handles itself: `prefix`, `logLevel`, `logSerializers`. */
export function ownFastifyOptions<Options extends object>(
  options: Options & FastifyAddedOptions,
): Omit<Options, keyof FastifyAddedOptions> {
  const { prefix: _prefix, logLevel: _level, logSerializers: _serializers, ...own } = options;
  return own;
}
