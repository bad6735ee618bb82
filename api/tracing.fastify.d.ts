import { FastifyPluginAsync } from "fastify";
import { GuardOptions } from "@whodunit/core";
export declare const tracingPlugin: FastifyPluginAsync<TracingPluginOptions>;
export type TracingPluginOptions = DebugOptions;
interface DebugOptions extends GuardOptions {
    readonly profile?: boolean;
}
