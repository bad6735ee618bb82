import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Logger } from "../../src/index.ts";
import { withLogger } from "../../src/node.ts";

// Made at random, it might look like what is left of a secret.
const ID = { "x-request-id": "the-request" };

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Begins a request without a connection, for as many as no machine has sockets for. Returns how to end it: all
 * happens within one turn of the event loop.
 */
export function beginRequest(
  logger: Logger,
  listener: Listener,
  headers: Readonly<Record<string, string>> = {},
): (status: number) => void {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: "GET", url: "/x", headers: { ...ID, ...headers } });
  const response = Object.assign(new ServerResponse(request), { req: request });
  try {
    withLogger(listener, { logger })(request, response);
  } catch {
    // The handler's error is for Node to deal with.
  }
  return (status) => {
    response.statusCode = status;
    response.emit("finish");
  };
}
