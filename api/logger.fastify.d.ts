import { * as fastify } from "fastify";
import { GuardOptions } from "@whodunit/core";
import { Http2ServerRequest } from "node:http2";
import { IncomingMessage } from "node:http";
declare module "pino" {
    interface LogFn {
        (name: string, fields: object): void;
    }
}
declare class Logger {}
export declare const loggerPlugin: fastify.FastifyPluginAsync<RequestLogOptions>;
export declare function fastifyOptions(options: Pick<RequestLogOptions, "logger" | "requestIdHeader">): FastifyLogOptions;
export interface FastifyLogOptions {
    readonly loggerInstance: fastify.FastifyBaseLogger;
    readonly genReqId: (request: IncomingMessage | Http2ServerRequest) => string;
    readonly childLoggerFactory: (parent: fastify.FastifyBaseLogger, bindings: object, options: {
        readonly level?: string;
    }, request: IncomingMessage | Http2ServerRequest) => fastify.FastifyBaseLogger;
    readonly logController?: fastify.LogController;
    readonly disableRequestLogging?: boolean;
    readonly requestIdLogLabel?: string;
}
export interface RequestLogOptions extends GuardOptions {
    readonly logger: Logger;
    readonly requestIdHeader?: string;
}
