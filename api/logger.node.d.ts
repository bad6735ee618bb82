import { GuardOptions } from "@whodunit/core";
import { RequestListener } from "node:http";
import { setError } from "@whodunit/core";
import { setRoute } from "@whodunit/core";
declare class Logger {}
export declare function withLogger(listener: RequestListener, options: RequestLogOptions): RequestListener;
export interface RequestLogOptions extends GuardOptions {
    readonly logger: Logger;
    readonly requestIdHeader?: string;
}
