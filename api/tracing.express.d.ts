import { ExpressRequestLike } from "@whodunit/core";
import { GuardOptions } from "@whodunit/core";
import { ServerResponse } from "node:http";
import { observeExpressError } from "@whodunit/core";
export declare function tracingMiddleware(options?: DebugOptions): TracingMiddleware;
export type TracingMiddleware = (request: ExpressRequestLike, response: ServerResponse, next: (error?: unknown) => void) => void;
interface DebugOptions extends GuardOptions {
    readonly profile?: boolean;
}
