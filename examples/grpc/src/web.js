import { credentials, Metadata, makeGenericClientConstructor } from "@grpc/grpc-js";
import { createHealth, tcpProbe, trafficProbe } from "@whodunit/health";
import { healthPlugin } from "@whodunit/health/fastify";
import { createLogger } from "@whodunit/logger";
import { fastifyOptions, loggerPlugin } from "@whodunit/logger/fastify";
import { injectMessage, startTracing, withSpan } from "@whodunit/tracing";
import { tracingPlugin } from "@whodunit/tracing/fastify";
import Fastify from "fastify";
import { ADDRESS, greeterService, REQUEST_ID } from "./greeter-service.js";

const service = "web";
const { traffic } = startTracing({ service });
const logger = createLogger({ service });
const [host, port] = ADDRESS.split(":");
const health = createHealth({
  service,
  probes: [trafficProbe(traffic), tcpProbe({ name: "greeter", host, port: Number(port) })],
});

const Greeter = makeGenericClientConstructor(greeterService, "Greeter");
const greeter = new Greeter(ADDRESS, credentials.createInsecure());

/** A call in a span, which counts as a request to the greeter and carries the trace and the request's id. */
function hello(request, name) {
  return withSpan("greeter.Greeter/Hello", { peer: "greeter", tags: { "span.kind": "client" } }, () => {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(injectMessage({ [REQUEST_ID]: request.id })))
      metadata.set(key, value);
    return new Promise((resolve, reject) => {
      greeter.hello({ name }, metadata, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
  });
}

const app = Fastify(fastifyOptions({ logger }));
await app.register(tracingPlugin);
await app.register(loggerPlugin, { logger });
await app.register(healthPlugin, { health });
app.get("/hello/:name", async (request) => (await hello(request, request.params.name)).text);

await app.listen({ port: Number(process.env.PORT ?? 8080) });
