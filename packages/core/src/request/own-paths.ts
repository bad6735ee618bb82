import type { IncomingMessage } from "node:http";

// A service has some ten; the bound is for paths with parts that callers choose, such as a group's name.
const PATHS_MAX = 64;
const paths = new Set<string>();

// A router of Express cuts the path it is mounted at off `url` while it runs.
function pathOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  const url = request.originalUrl ?? request.url ?? "";
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

/** Remembers the path of a request that Whodunit itself answers. */
export function rememberOwnPath(request: IncomingMessage): void {
  if (paths.size < PATHS_MAX) paths.add(pathOf(request));
}

/**
 * Whether Whodunit has answered a request for this path before, and so is likely to answer this one. No more than that: an
 * application may have the same path on another server.
 */
export function isOwnPath(request: IncomingMessage): boolean {
  return paths.size > 0 && paths.has(pathOf(request));
}
