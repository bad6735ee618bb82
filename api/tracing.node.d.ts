import { GuardOptions } from "@whodunit/core";
import { IncomingMessage } from "node:http";
import { ServerResponse } from "node:http";
import { setError } from "@whodunit/core";
import { setRoute } from "@whodunit/core";
export declare function withTracing(listener: RequestListener, options?: DebugOptions): RequestListener;
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
interface DebugOptions extends GuardOptions {
    readonly profile?: boolean;
}
