import { * as fastify } from "fastify";
import { Bindings } from "pino";
import { ChildLoggerOptions } from "pino";
import { GuardOptions } from "@whodunit/core";
import { IncomingMessage } from "node:http";
import { Logger as Pino } from "pino";
declare class Logger {}
export declare const loggerPlugin: fastify.FastifyPluginAsync<RequestLogOptions>;
export declare function fastifyOptions(options: Pick<RequestLogOptions, "logger" | "requestIdHeader">): FastifyLogOptions;
export interface FastifyLogOptions {
    readonly loggerInstance: PinoLogger;
    readonly genReqId: (request: IncomingMessage) => string;
    readonly childLoggerFactory: NonNullable<fastify.FastifyServerOptions["childLoggerFactory"]>;
    readonly logController?: fastify.LogController;
    readonly disableRequestLogging?: boolean;
    readonly requestIdLogLabel?: string;
}
export interface RequestLogOptions extends GuardOptions {
    readonly logger: Logger;
    readonly requestIdHeader?: string;
}
type PinoLogger = {
    child(bindings: Bindings, options?: ChildLoggerOptions): PinoLogger;
} & Record<PinoMethod, (name: string, fields: object) => void> & Pino;
type PinoMethod = "trace" | "debug" | "info" | "warn" | "error" | "fatal";
