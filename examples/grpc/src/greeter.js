import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { onShutdown } from "@whodunit/core";
import { createLogger, withContext } from "@whodunit/logger";
import { extractMessage, startTracing, withSpan } from "@whodunit/tracing";
import { ADDRESS, greeterService, REQUEST_ID } from "./greeter-service.js";

const service = "greeter";
startTracing({ service });
const logger = createLogger({ service });

/** A unary method in a span of its caller's trace and in the context of its caller's request. */
function observed(name, method) {
  return ({ request, metadata }, callback) => {
    const headers = metadata.getMap();
    withContext({ RequestID: headers[REQUEST_ID] }, async () => {
      const options = { ...extractMessage(headers), tags: { "span.kind": "server", "rpc.system": "grpc" } };
      try {
        callback(null, await withSpan(name, options, async () => method(request)));
      } catch (error) {
        logger.error("call-failed", { err: error });
        callback({ code: status.INTERNAL, details: error.message });
      }
    });
  };
}

const server = new Server();
server.addService(greeterService, {
  hello: observed("greeter.Greeter/Hello", ({ name }) => {
    if (name === "nobody") throw new RangeError("no doughnuts");
    logger.debug("hello", { name });
    return { text: `Hello ${name}\n` };
  }),
});
server.bindAsync(ADDRESS, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  logger.debug("ready");
});

// Calls in flight are answered, and only then spans and lines go out and the process ends.
onShutdown({
  phase: "servers",
  name: "grpc",
  close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
});
