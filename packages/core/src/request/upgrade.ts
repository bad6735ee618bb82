import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Whether a request asks to leave HTTP for another protocol (RFC 9110, section 7.8). */
export function asksForUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade !== undefined && request.httpVersionMajor === 1;
}

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

/**
 * Calls `seen` with the status code that is first written on a socket. Whoever takes a connection over, such as a
 * WebSocket library, writes the response head there itself, and the response object knows nothing of it.
 */
export function watchStatusLine(socket: Duplex, seen: (status: number) => void): void {
  const { write, end } = socket;
  const look = (chunk: unknown): void => {
    socket.write = write;
    socket.end = end;
    const text =
      chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(0, 16)).toString("latin1") : String(chunk);
    const status = STATUS_LINE.exec(text)?.[1];
    if (status !== undefined) seen(Number(status));
  };
  socket.write = ((...args: Parameters<typeof write>) => {
    look(args[0]);
    return write.apply(socket, args);
  }) as typeof write;
  socket.end = ((...args: Parameters<typeof end>) => {
    look(args[0]);
    return end.apply(socket, args);
  }) as typeof end;
}
