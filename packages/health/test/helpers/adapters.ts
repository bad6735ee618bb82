import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import express from "express";
import express4 from "express4";
import Fastify from "fastify";
import { healthRouter } from "../../src/express.ts";
import { healthPlugin } from "../../src/fastify.ts";
import type { Health } from "../../src/index.ts";
import { withHealth } from "../../src/node.ts";

/** Serves a health and one route of the service, `POST /echo`; resolves to the address. */
export type Serve = (t: TestContext, health: Health) => Promise<string>;

export const adapters: Readonly<Record<string, Serve>> = {
  "Fastify 5": async (t, health) => {
    const app = Fastify();
    await app.register(healthPlugin, { health });
    app.post("/echo", async (request) => request.body);
    t.after(() => app.close());
    return app.listen({ port: 0, host: "127.0.0.1" });
  },
  "Fastify 5, trailing slashes ignored": async (t, health) => {
    const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
    await app.register(healthPlugin, { health });
    app.post("/echo", async (request) => request.body);
    t.after(() => app.close());
    return app.listen({ port: 0, host: "127.0.0.1" });
  },
  "Express 5": (t, health) => {
    const app = express();
    app.use(healthRouter({ health }));
    app.post("/echo", express.json(), (request, response) => void response.json(request.body));
    return listen(t, app);
  },
  "Express 4": (t, health) => {
    const app = express4();
    app.use(healthRouter({ health }));
    app.post("/echo", express4.json(), (request, response) => void response.json(request.body));
    return listen(t, app);
  },
  "node:http": (t, health) =>
    listen(
      t,
      withHealth(
        (request, response) => {
          response.statusCode = request.url === "/echo" ? 200 : 404;
          request.pipe(response);
        },
        { health },
      ),
    ),
};

/** Listens on a free port until the test ends; resolves to the address. */
export async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  // Whoever is slow to use a connection again on a machine under load must not meet its end.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
