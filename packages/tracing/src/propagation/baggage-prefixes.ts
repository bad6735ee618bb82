/** What the names of headers with Jaeger's baggage begin with. */
export const JAEGER_BAGGAGE = "uberctx-";

/** What the names of headers that carry baggage begin with, whichever propagator wrote them. */
export const BAGGAGE_PREFIXES: readonly string[] = ["baggage", JAEGER_BAGGAGE];
