/** Next calls this once, before it answers: where it runs without server.js, tracing and logger are there too. */
export async function register() {
  if (process.env.NEXT_RUNTIME === "nodejs") await import("./telemetry.js");
}

/** Next answers errors itself, and tells them here. */
export async function onRequestError(error) {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { setError } = await import("@whodunit/logger/node");
  const { inRequest } = await import("./telemetry.js");
  const at = inRequest.getStore();
  if (at !== undefined) setError(at.req, at.res, error);
}
