import type { IncomingMessage, ServerResponse } from "node:http";
import { reportFault } from "./fault.ts";
import { type ObservedRequest, observeRequest } from "./request.ts";

/**
 * How each framework tells its route. Structural types: core imports no framework, and a change of a
 * framework's major version shows here, in one place, for the plugins of all packages.
 */

/** What is needed of a Fastify request. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** What is needed of a Fastify reply. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
}

/** The observed request of a Fastify request; its route is `routeOptions.url`. */
export function observeFastifyRequest(request: FastifyRequestLike, reply: FastifyReplyLike): ObservedRequest {
  const observed = observeRequest(request.raw, reply.raw);
  observed.routeBy(fastifyRoute, request);
  return observed;
}

/** What is needed of an Express request, versions 4 and 5. */
export interface ExpressRequestLike extends IncomingMessage {
  baseUrl?: string;
  params?: unknown;
  route?: { path?: unknown };
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

function fastifyRoute(request: FastifyRequestLike): string | undefined {
  return request.routeOptions.url;
}

function expressRoute(request: Routed): string | undefined {
  const path = request.route?.path;
  if (path === undefined) return undefined;
  const base = request[MOUNT] ?? request.baseUrl ?? "";
  const text = String(path);
  return text === "/" && base !== "" ? base : base + text;
}

// Symbol.for: two copies of this package in one process still share what they note.
const PARAMS = Symbol.for("whodunit.express-params");
const ROUTE = Symbol.for("whodunit.express-route");
const ENTERED = Symbol.for("whodunit.express-entered");
const MOUNT = Symbol.for("whodunit.express-mount");

type Params = Readonly<Record<string, unknown>>;

/** What a layer has matched of a URL, from `from` on. */
interface Match {
  readonly from: number;
  readonly params: Params;
}

interface Routed extends ExpressRequestLike {
  [PARAMS]?: unknown;
  [ROUTE]?: unknown;
  /** The last match of each router on the way, the outer ones first. */
  [ENTERED]?: Match[];
  /** Where the router is mounted that the route belongs to. */
  [MOUNT]?: string;
}

/** A layer of Express 4's router: `keys` are the parameters of its path. */
interface Layer {
  readonly keys?: readonly unknown[];
  readonly route?: unknown;
  readonly handle?: { readonly name?: string; readonly stack?: readonly Layer[] };
}

/** By `app.request`: whether each request's own `params` must make way, which makes the request slower. */
const watched = new WeakMap<object, boolean>();

/**
 * Has the requests of an Express application note where a route's router is mounted. Express tells the mount path as it
 * stands in the URL, forgets it when the route fails, and shows an outer router's parameters only while it is entered.
 */
function watchRouting(request: Routed): void {
  // `app.request`, which Express gives each application for its own requests.
  const prototype = Object.getPrototypeOf(request) as { app?: { _router?: { stack?: readonly Layer[] } } };
  const known = watched.get(prototype);
  if (known === false) return;
  try {
    if (known === undefined) {
      watched.set(prototype, false);
      if (!Object.hasOwn(prototype, "app")) return;
      Object.defineProperties(prototype, ROUTING);
      // Express 5 has set them on the first request by now, Express 4 does on each.
      const layers = prototype.app?._router?.stack;
      if (layers !== undefined && !layers.some(hasParameters)) return;
      watched.set(prototype, layers !== undefined);
    }
    setAnew(request);
  } catch (error) {
    // Somebody else has made the properties so that they cannot be changed.
    reportFault("WHODUNIT_EXPRESS_ROUTE", error);
  }
}

// Whether routers may be mounted at paths with parameters: those of an application mounted within cannot be seen.
function hasParameters({ keys, route, handle }: Layer): boolean {
  if (route !== undefined || handle === undefined) return false;
  return (keys?.length ?? 0) > 0 || handle.name === "mounted_app" || (handle.stack ?? []).some(hasParameters);
}

function setAnew(request: { params?: unknown }): void {
  if (!Object.hasOwn(request, "params")) return;
  const { params } = request;
  delete request.params;
  request.params = params;
}

const ROUTING: PropertyDescriptorMap & ThisType<Routed> = {
  params: {
    configurable: true,
    enumerable: true,
    get() {
      return this[PARAMS];
    },
    set(params: Params | undefined) {
      this[PARAMS] = params;
      const entered = this[ENTERED];
      // Most layers have no parameters, and most requests meet no other.
      if (entered === undefined && isEmpty(params)) return;
      this[ENTERED] = enteredWith(entered ?? [], this.baseUrl?.length ?? 0, params ?? {});
    },
  },
  route: {
    configurable: true,
    enumerable: true,
    get() {
      return this[ROUTE];
    },
    set(route: unknown) {
      this[ROUTE] = route;
      this[MOUNT] = mountOf(this.baseUrl ?? "", this[ENTERED]);
    },
  },
};

function isEmpty(params: Params | undefined): boolean {
  for (const _ in params) return false;
  return true;
}

function enteredWith(entered: Match[], from: number, params: Params): Match[] {
  while (entered.length > 0 && (entered.at(-1) as Match).from >= from) entered.pop();
  entered.push({ from, params });
  return entered;
}

function mountOf(base: string, entered: readonly Match[] | undefined): string {
  if (entered === undefined || base === "") return base;
  let mount = base.slice(0, entered[0]?.from);
  for (const [index, { from, params }] of entered.entries()) {
    // Of a wildcard, Express 5 gives the segments.
    const names = new Map(
      Object.keys(params).flatMap((name) => [params[name]].flat().map((value) => [value, name])),
    );
    mount += base.slice(from, entered[index + 1]?.from).replace(/[^/]+/g, (segment) => {
      const name = names.get(decoded(segment));
      return name === undefined ? segment : `:${name}`;
    });
  }
  return mount;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * Names the route of a request that no framework routes, for bare `node:http`: `setRoute(req, "/users/:id")`.
 * Call it at any time before the response ends.
 */
export function setRoute(request: IncomingMessage, response: ServerResponse, route: string): void {
  observeRequest(request, response).nameRoute(route);
}
