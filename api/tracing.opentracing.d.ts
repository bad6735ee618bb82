import { Tracer } from "opentracing";
export declare const tracer: Tracer;
