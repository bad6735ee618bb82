import type { Socket } from "node:net";

/**
 * Resets a connection, or closes one that is closing already: after `end()` Node (24.21) takes a reset for done that it has not
 * begun, and the process waits for it for ever at its end.
 */
export function resetConnection(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
