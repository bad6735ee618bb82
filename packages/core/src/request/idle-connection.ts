import { AsyncResource } from "node:async_hooks";
import type { IncomingMessage } from "node:http";

// In no request: where this file is loaded.
const OUTSIDE = new AsyncResource("WhodunitIdleConnection", { requireManualDestroy: true });

/**
 * Takes the request, which is answered, off its idle connection. Node starts the timer of the keep-alive among those who
 * hear of the end, and so in the request's context: span and log context would live until the next request comes, long
 * enough to be taken for old, once for each connection.
 */
export function leaveConnection({ socket, httpVersionMajor }: IncomingMessage): void {
  // Over HTTP/2 what looks like a socket stands for a connection that others' requests are under way on.
  if (httpVersionMajor > 1 || socket.destroyed) return;
  const { timeout } = socket;
  if (timeout !== undefined && timeout > 0) OUTSIDE.runInAsyncScope(socket.setTimeout, socket, timeout);
}
