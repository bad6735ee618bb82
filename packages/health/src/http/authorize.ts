import type { IncomingMessage } from "node:http";
import { reportFault } from "@whodunit/core";

/** The service's own rule for who sees details; true shows them. A throw or a rejection is a no. */
export type Authorize = (request: IncomingMessage) => boolean | Promise<boolean>;

/** Asks `authorize` about a request, without waiting where it answers at once. Only `true` is a yes. */
export function isAuthorized(
  authorize: Authorize | undefined,
  request: IncomingMessage,
): boolean | Promise<boolean> {
  if (authorize === undefined) return false;
  try {
    const answer = authorize(request);
    if (typeof answer === "boolean") return answer;
    return Promise.resolve(answer).then((value) => value === true, refuse);
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): false {
  reportFault("WHODUNIT_HEALTH_AUTHORIZE", error);
  return false;
}
