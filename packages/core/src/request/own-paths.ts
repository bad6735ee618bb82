import type { IncomingMessage } from "node:http";

// A service has some ten; the bound is for paths with parts that callers choose, such as a group's name.
const PATHS_MAX = 64;

/** Paths by method. By server, for another one may have the application's own routes there. */
const known = new WeakMap<object, Map<string, Set<string>>>();

const serverOf = (request: IncomingMessage): object | undefined =>
  (request.socket as { readonly server?: object } | null)?.server;

// A router of Express cuts the path it is mounted at off `url` while it runs.
function pathOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  const url = request.originalUrl ?? request.url ?? "";
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

/** Remembers the path of a request that Whodunit itself answers. */
export function rememberOwnPath(request: IncomingMessage): void {
  const server = serverOf(request);
  if (server === undefined) return;
  const { method = "" } = request;
  const methods = known.get(server) ?? new Map<string, Set<string>>();
  const paths = methods.get(method) ?? new Set<string>();
  known.set(server, methods.set(method, paths));
  if (paths.size < PATHS_MAX) paths.add(pathOf(request));
}

/**
 * Whether Whodunit has answered a request of this method, path and server before, and so is likely to answer this one. No
 * more than that: the application may tell them apart by something else, such as the host that is asked for.
 */
export function isOwnPath(request: IncomingMessage): boolean {
  const server = serverOf(request);
  const paths = server === undefined ? undefined : known.get(server)?.get(request.method ?? "");
  return paths?.has(pathOf(request)) === true;
}
