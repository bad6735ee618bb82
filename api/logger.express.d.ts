import { ExpressRequestLike } from "@whodunit/core";
import { GuardOptions } from "@whodunit/core";
import { ServerResponse } from "node:http";
import { observeExpressError } from "@whodunit/core";
declare global {
    namespace Express {
        interface Request {
            log: PinoLogger;
        }
    }
}
declare class Logger {}
export declare function loggerMiddleware(options: RequestLogOptions): ExpressMiddleware;
export interface RequestLogOptions extends GuardOptions {
    readonly logger: Logger;
    readonly requestIdHeader?: string;
}
export type ExpressMiddleware = (request: ExpressRequestLike, response: ServerResponse, next: () => void) => void;
