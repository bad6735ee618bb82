import { GuardOptions } from "@whodunit/core";
import { IncomingMessage } from "node:http";
import { ServerResponse } from "node:http";
import { setRoute } from "@whodunit/core";
export declare function withTracing(listener: RequestListener, options?: GuardOptions): RequestListener;
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
