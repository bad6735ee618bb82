/** The name of our instrumentation scope. */
export const SCOPE = "@whodunit/tracing";
