import type { IncomingMessage } from "node:http";
import { reportFault } from "../process/report-fault.ts";
import { percentDecoded } from "../text/percent-decode.ts";

/** What is needed of an Express request, versions 4 and 5. */
export interface ExpressRequestLike extends IncomingMessage {
  baseUrl?: string;
  params?: unknown;
  route?: { path?: unknown };
}

// Symbol.for: two copies of this package in one process still share what they note.
const PARAMS: unique symbol = Symbol.for("whodunit.express-params");
const ROUTE: unique symbol = Symbol.for("whodunit.express-route");
const ENTERED: unique symbol = Symbol.for("whodunit.express-entered");
const MOUNT: unique symbol = Symbol.for("whodunit.express-mount");

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

/** The mount path of the router that a route belongs to, and the route's own; undefined while there is none. */
export function expressRoute(request: Routed): string | undefined {
  const path = request.route?.path;
  if (path === undefined) return undefined;
  const base = request[MOUNT] ?? request.baseUrl ?? "";
  const text = String(path);
  return text === "/" && base !== "" ? base : base + text;
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
export function watchRouting(request: Routed): void {
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
      const name = names.get(percentDecoded(segment));
      return name === undefined ? segment : `:${name}`;
    });
  }
  return mount;
}
