import type { Socket } from "node:net";

/** What is told that its connection has closed. */
interface Settled {
  settleInContext(finished: boolean): void;
}

// One listener per socket however deep the pipeline: Node warns of a leak from eleven on.
const waiting = new WeakMap<Socket, Set<Settled>>();

/** Settles a request whose response waits behind another on its connection, and so never hears of its close. */
export function settleWithSocket(socket: Socket, request: Settled): void {
  const queue = waiting.get(socket);
  if (queue !== undefined) {
    queue.add(request);
    return;
  }
  const first = new Set([request]);
  waiting.set(socket, first);
  socket.once("close", () => {
    for (const each of first) each.settleInContext(false);
  });
}

/** Takes a request that has ended out of those that wait. */
export function forgetWaiting(socket: Socket, request: Settled): void {
  waiting.get(socket)?.delete(request);
}
