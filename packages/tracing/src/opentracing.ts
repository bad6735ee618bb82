import type { Tracer } from "opentracing";
import { tracer as own } from "./opentracing/tracer.ts";

/**
 * The tracer with the type of the `opentracing` package, for code that stands on it:
 * `opentracing.initGlobalTracer(tracer)`.
 */
// Its classes have protected members, so no other class can be assigned to them, whatever its methods are.
export const tracer: Tracer = own as unknown as Tracer;
