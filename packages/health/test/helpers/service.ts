import dns from "node:dns";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { healthRouter } from "../../src/express.ts";
import { healthPlugin } from "../../src/fastify.ts";
import { createHealth } from "../../src/index.ts";
import { withHealth } from "../../src/node.ts";

/** A service of one route, run as a child process: `service.ts <fastify|localhost|http2|express|node|given> <drainDelayMs>`. */
const [framework, drainDelayMs] = process.argv.slice(2);
const health = createHealth({ service: "web", drainDelayMs: Number(drainDelayMs) });

// GET /slow/<ms> answers after so long, any other path at once.
const delayOf = (url: string): number => Number(/^\/slow\/(\d+)/.exec(url)?.[1] ?? 0);
const later = (url: string): Promise<string> =>
  new Promise((resolve) => setTimeout(resolve, delayOf(url), "served"));

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
  app.get("/*", async (request) => later(request.url));
  app.addHook("onClose", async () => process.stdout.write("closed\n"));
  await app.listen({ port: 0, host: framework === "localhost" ? "localhost" : "127.0.0.1" });
  for (const { address, port } of app.addresses() as AddressInfo[])
    process.stdout.write(`http://${address}:${port}\n`);
} else {
  const app = express();
  app.use(healthRouter({ health }));
  app.use(async (request, response) => void response.send(await later(request.url)));
  const server = createServer();
  const bare = withHealth(async (request, response) => void response.end(await later(request.url ?? "")), {
    health,
    ...(framework === "given" && { server }),
  });
  server.on("request", framework === "express" ? app : bare);
  server.on("close", () => process.stdout.write("closed\n"));
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
}
