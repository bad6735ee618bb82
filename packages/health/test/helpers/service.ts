import dns from "node:dns";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onShutdown } from "@whodunit/core";
import express from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { healthRouter } from "../../src/express.ts";
import { healthPlugin } from "../../src/fastify.ts";
import { createHealth } from "../../src/index.ts";
import { withHealth } from "../../src/node.ts";

/**
 * A service of a few routes, run as a child process:
 * `service.ts <fastify|localhost|http2|express|node|given> <drainDelayMs|default> [waitedMs] [port]`. It prints its addresses,
 * "closed" when its server is, and "waited" when it is still there `waitedMs` after the signal to end.
 */
const [framework, drainDelayMs, waitedMs = "60000", port = "0"] = process.argv.slice(2);
const health = createHealth({
  service: "web",
  ...(drainDelayMs !== "default" && { drainDelayMs: Number(drainDelayMs) }),
});
const ending = Promise.withResolvers<void>();
onShutdown({
  phase: "drain",
  name: "waited",
  close: () => {
    ending.resolve();
    setTimeout(() => process.stdout.write("waited\n"), Number(waitedMs));
  },
});

// GET /slow/<ms> answers after so long, /held after SIGHUP, /until-end once the servers close, /events never ends, any other
// path answers at once.
const released = new Promise<void>((resolve) => process.once("SIGHUP", () => resolve()));
const delayOf = (url: string): number => Number(/^\/slow\/(\d+)/.exec(url)?.[1] ?? 0);
const later = async (url: string): Promise<string> => {
  if (url === "/held") await released;
  if (url === "/until-end") await ending.promise;
  return new Promise((resolve) => setTimeout(resolve, delayOf(url), "served"));
};

if (framework === "localhost") {
  // A machine on which localhost has two addresses, of one family, so that it can be any machine.
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  const lookup = dns.lookup as (...args: unknown[]) => void;
  dns.lookup = ((host: string, options: object, done: (error: null, found: object[]) => void) =>
    host === "localhost" ? done(null, addresses) : lookup(host, options, done)) as typeof dns.lookup;
}

if (framework === "fastify" || framework === "localhost" || framework === "http2") {
  const app = framework === "http2" ? (Fastify({ http2: true }) as unknown as FastifyInstance) : Fastify();
  await app.register(healthPlugin, { health });
  app.get("/events", (_request, reply) => void reply.hijack().raw.write("data: 1\n\n"));
  app.get("/*", async (request) => later(request.url));
  app.addHook("onClose", async () => process.stdout.write("closed\n"));
  await app.listen({ port: Number(port), host: framework === "localhost" ? "localhost" : "127.0.0.1" });
  for (const { address, port } of app.addresses() as AddressInfo[])
    process.stdout.write(`http://${address}:${port}\n`);
} else {
  const app = express();
  app.use(healthRouter({ health }));
  app.get("/events", (_request, response) => void response.write("data: 1\n\n"));
  app.use(async (request, response) => void response.send(await later(request.url)));
  const server = createServer();
  // As Fastify has it: whoever is slow to use a connection again on a machine under load must not meet its end.
  server.keepAliveTimeout = 72_000;
  const bare = withHealth(
    async (request, response) => {
      if (request.url === "/events") response.write("data: 1\n\n");
      else response.end(await later(request.url ?? ""));
    },
    { health, ...(framework === "given" && { server }) },
  );
  server.on("request", framework === "express" ? app : bare);
  server.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  });
  server.on("close", () => process.stdout.write("closed\n"));
  server.listen(Number(port), "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
}
